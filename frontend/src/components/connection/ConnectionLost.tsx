/**
 * After five failed attempts a person decides (AC-5.7). The conversation behind stays as it was.
 * Tests: tests/components/test_ConnectionLost.test.tsx
 */
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { retryConnection } from "@/services/session";
import { usePipeline } from "@/store/pipelineStore";

export function ConnectionLost() {
  const lost = usePipeline((store) => store.connection.state === "lost");
  const waiting = usePipeline((store) => store.waiting);
  const [hidden, setHidden] = useState(false);
  // Closed once, it stays away until the line has been back.
  if (!lost && hidden) setHidden(false);
  if (!lost || hidden) return null;
  return (
    <Dialog
      title="Connection lost"
      onClose={() => setHidden(true)}
      footer={
        <>
          <Button variant="ghost" onClick={() => setHidden(true)}>
            Read on
          </Button>
          <Button variant="primary" data-first onClick={retryConnection}>
            Retry
          </Button>
        </>
      }
    >
      <p>The server did not answer five times in a row. Is it still running?</p>
      <p className="mt-2 text-ink-2">
        What is finished is kept there{waiting ? ", and what you said is kept here until it can be sent" : ""}.
      </p>
    </Dialog>
  );
}
