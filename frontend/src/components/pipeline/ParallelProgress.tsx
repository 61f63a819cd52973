/**
 * All clips at once, each with its own progress (AC-3.6): honest states, time left, retry of one alone.
 * Tests: tests/components/test_ParallelProgress.test.tsx
 */
import { useState } from "react";
import { usd } from "@/components/money/usd";
import { Button } from "@/components/ui/Button";
import { Card } from "@/components/ui/Card";
import { Dialog } from "@/components/ui/Dialog";
import { control } from "@/services/actions";
import type { Generation } from "@/store/model";
import { ClipRow } from "./ClipRow";
import { useTimeLeft } from "./timeLeft";

interface ParallelProgressProps {
  generation: Generation;
  /** Play one clip in the storyboard. */
  onPlay?: (clipId: number) => void;
}

export function ParallelProgress({ generation, onPlay }: ParallelProgressProps) {
  const ids = generation.scenes.map((scene) => scene.id);
  const ready = ids.filter((id) => generation.clips[id]?.status === "complete").length;
  const working = generation.status === "videos" && !generation.substage;
  const stitching = generation.substage === "stitching";
  const left = useTimeLeft(generation);
  return (
    <Card label="Clips">
      <div className="flex flex-wrap items-baseline justify-between gap-3">
        <h2 className="text-lg font-semibold">
          {ready === ids.length ? `${ids.length} clips ready` : `${ready} of ${ids.length} clips ready`}
        </h2>
        {working && ready < ids.length && left !== null && (
          <p className="tnum text-sm text-ink-2">about {left} s left</p>
        )}
      </div>
      <ul className="mt-4 flex flex-col gap-4">
        {ids.map((id) => (
          <li key={id}>
            <ClipRow generationId={generation.id} clipId={id} onPlay={onPlay} />
          </li>
        ))}
      </ul>
      {stitching && <p className="mt-4 animate-breathe text-sm text-accent">Joining clips</p>}
      <Foot generation={generation} working={working} />
    </Card>
  );
}

function spentSoFar(spent: string, reserved: string): string {
  return Number(reserved) > 0 ? `${usd(spent)} spent · ${usd(reserved)} on hold` : `${usd(spent)} spent`;
}

function Foot({ generation, working }: { generation: Generation; working: boolean }) {
  const [asking, setAsking] = useState(false);
  const { spent_usd: spent, reserved_usd: reserved } = generation.spending;
  const free = Number(spent) + Number(reserved) === 0;
  return (
    <div className="mt-5 flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line pt-4 text-sm text-ink-2">
      <p className="flex-1">{free ? "Nothing spent" : spentSoFar(spent, reserved)}</p>
      {working && <p>You can leave. We'll keep going.</p>}
      {working && generation.actions.includes("pause") && (
        <Button variant="ghost" onClick={() => void control(generation, "pause")}>
          Pause
        </Button>
      )}
      {working && generation.actions.includes("cancel") && (
        <Button variant="ghost" onClick={() => setAsking(true)}>
          Cancel
        </Button>
      )}
      {asking && (
        <Dialog
          title="Cancel this ad?"
          onClose={() => setAsking(false)}
          footer={
            <>
              <Button variant="ghost" onClick={() => setAsking(false)}>
                Keep going
              </Button>
              <Button
                variant="danger"
                onClick={() => {
                  setAsking(false);
                  void control(generation, "cancel");
                }}
              >
                Cancel the ad
              </Button>
            </>
          }
        >
          <p>Clips that are being rendered stop. Finished clips are kept, and you can take the ad up again.</p>
        </Dialog>
      )}
    </div>
  );
}
