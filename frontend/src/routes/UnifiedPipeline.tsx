/**
 * The studio's main screen (AC-5.1): a conversation in the middle, the storyboard beside it, the composer below.
 * Without a session it is the first screen. Tests: tests/routes/test_UnifiedPipeline.test.tsx
 */
import { useEffect } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { ConnectionBanner } from "@/components/connection/ConnectionBanner";
import { ConnectionLost } from "@/components/connection/ConnectionLost";
import { Resuming } from "@/components/connection/Resuming";
import { Welcome } from "@/components/composer/Welcome";
import { NOT_LOADED } from "@/components/ui/Broken";
import { Button } from "@/components/ui/Button";
import { later } from "@/components/ui/later";
import { closeSession, openSession } from "@/services/session";
import { usePageTitle } from "@/services/usePageTitle";
import { useStartAd } from "@/services/useStartAd";
import { usePipeline } from "@/store/pipelineStore";

const Conversation = later(() => import("@/components/pipeline/Conversation").then((module) => module.Conversation));

export function UnifiedPipeline() {
  const { sessionId } = useParams();
  usePageTitle();
  return (
    <>
      <ConnectionBanner />
      {sessionId ? <Session key={sessionId} sessionId={sessionId} /> : <FirstScreen />}
      <ConnectionLost />
    </>
  );
}

function FirstScreen() {
  const start = useStartAd();
  return (
    <main id="main" className="min-h-0 flex-1 overflow-y-auto">
      <Welcome onSend={start.send} problem={start.problem} busy={start.busy} />
    </main>
  );
}

function Session({ sessionId }: { sessionId: string }) {
  const [query] = useSearchParams();
  const wanted = query.get("g");
  const phase = usePipeline((state) => state.phase);
  const problem = usePipeline((state) => state.problem);
  const select = usePipeline((state) => state.select);
  useEffect(() => {
    void openSession(sessionId);
    return closeSession;
  }, [sessionId]);
  useEffect(() => {
    if (wanted && phase === "ready") select(wanted);
  }, [wanted, phase, select]);
  if (phase === "ready") return <Conversation waiting={<Opening />} broken={NOT_LOADED} />;
  if (phase === "missing" || phase === "failed") {
    return <Unopened problem={problem} onRetry={phase === "failed" ? () => void openSession(sessionId) : null} />;
  }
  return <Opening />;
}

function Opening() {
  return (
    <main id="main" className="flex flex-1">
      <Resuming />
    </main>
  );
}

function Unopened({ problem, onRetry }: { problem: string; onRetry: (() => void) | null }) {
  const navigate = useNavigate();
  return (
    <main id="main" className="m-auto max-w-md p-6 text-center">
      <h1 className="text-xl font-semibold">This conversation can't be opened</h1>
      <p className="mt-2 text-ink-2">{problem}</p>
      <div className="mt-4 flex justify-center gap-2">
        {onRetry && (
          <Button variant="primary" onClick={onRetry}>
            Try again
          </Button>
        )}
        <Button onClick={() => void navigate("/")}>New ad</Button>
      </div>
    </main>
  );
}
