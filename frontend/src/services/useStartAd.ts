/** Starts an ad from the composer and goes to its conversation. Tests: tests/routes/test_UnifiedPipeline.test.tsx */
import { useCallback, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { toRequest, useComposer } from "@/store/composerStore";
import { startAd } from "./actions";
import { ApiError } from "./errors";
import { newId } from "./ids";

interface StartAd {
  send: (text: string) => Promise<boolean>;
  problem: ApiError | null;
  busy: boolean;
}

/** `send` answers whether the ad was started; the text is kept when it was not. A repeated send starts nothing twice. */
export function useStartAd(): StartAd {
  const navigate = useNavigate();
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const attempt = useRef<{ asked: string; key: string } | null>(null);
  const send = useCallback(
    async (text: string) => {
      const { options, attachments } = useComposer.getState();
      const body = toRequest(text, options, attachments);
      const asked = JSON.stringify(body);
      // The same request again (a lost answer, a second click) keeps its key: the server answers it from memory.
      if (attempt.current?.asked !== asked) attempt.current = { asked, key: newId() };
      setBusy(true);
      setProblem(null);
      try {
        const started = await startAd(body, attempt.current.key);
        attempt.current = null;
        useComposer.getState().clear();
        void navigate(`/s/${started.session_id}`);
        return true;
      } catch (error) {
        const unknown = new ApiError("The ad could not be started.", "unknown", 0, "Reload this page and try again.");
        setProblem(error instanceof ApiError ? error : unknown);
        return false;
      } finally {
        setBusy(false);
      }
    },
    [navigate],
  );
  return { send, problem, busy };
}
