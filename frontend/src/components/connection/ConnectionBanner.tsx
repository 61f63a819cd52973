/**
 * The yellow bar on top while the line is lost (AC-5.7), a quiet grey one while it is replaced by polling.
 * Tests: tests/components/test_ConnectionBanner.test.tsx
 */
import { RefreshCw, WifiOff } from "lucide-react";
import { retryConnection } from "@/services/session";
import { usePipeline } from "@/store/pipelineStore";

export function ConnectionBanner() {
  const { state, attempt, reason } = usePipeline((store) => store.connection);
  const waiting = usePipeline((store) => store.waiting);
  if (state === "reconnecting" || state === "lost") {
    return (
      <div className="flex shrink-0 items-center justify-center gap-x-3 bg-fair min-h-8 flex-wrap px-4 text-sm font-medium text-black">
        <WifiOff size={16} aria-hidden />
        <span>{state === "lost" ? "Connection lost" : "Reconnecting..."}</span>
        <span className="tnum font-normal">{detail(state === "lost" ? 0 : attempt, waiting)}</span>
        {state === "lost" && (
          <button
            type="button"
            className="min-h-8 px-2 underline focus-visible:outline-black"
            onClick={retryConnection}
          >
            Retry now
          </button>
        )}
      </div>
    );
  }
  if (state === "polling") {
    return (
      <p className="flex shrink-0 items-center justify-center gap-2 bg-raised py-1.5 pr-4 pl-14 lg:pl-4 text-sm text-ink-2">
        <RefreshCw size={14} aria-hidden />
        Live updates are off; checking every 2 s
      </p>
    );
  }
  if (state === "disconnected" && reason) {
    return <p className="shrink-0 bg-raised py-1.5 pr-4 pl-14 lg:pl-4 text-center text-sm text-ink-2">{reason}</p>;
  }
  return null;
}

function detail(attempt: number, waiting: number): string {
  const tried = attempt > 1 ? `Attempt ${attempt} of 5` : "";
  const kept = waiting ? `${waiting === 1 ? "1 message waits" : `${waiting} messages wait`} to be sent` : "";
  return [tried, kept].filter(Boolean).join(" · ");
}
