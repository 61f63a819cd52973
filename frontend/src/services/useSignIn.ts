/** Signs this browser in once, without a form (the server decides who may). Tests: tests/routes/test_App.test.tsx */
import { useCallback, useEffect, useState } from "react";
import { useStudio } from "@/store/studioStore";
import { signIn } from "./api";
import { told } from "./errors";

export function useSignIn(): { ready: boolean; problem: string; retry: () => void } {
  const [ready, setReady] = useState(false);
  const [problem, setProblem] = useState("");
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    let stale = false;
    signIn().then(
      () => {
        if (stale) return;
        setReady(true);
        void useStudio.getState().load();
      },
      (error: unknown) => {
        if (!stale) setProblem(told(error));
      },
    );
    return () => {
      stale = true;
    };
  }, [attempt]);
  const retry = useCallback(() => {
    setProblem("");
    setAttempt((before) => before + 1);
  }, []);
  return { ready, problem, retry };
}
