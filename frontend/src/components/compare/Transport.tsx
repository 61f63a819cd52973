/** Plays all variants at once. Tests: tests/routes/test_Compare.test.tsx */
import { Pause, Play } from "lucide-react";
import { clock } from "@/components/pipeline/sequence";
import { Button } from "@/components/ui/Button";
import type { InStep } from "./useInStep";

export function Transport({ playing, toggle, at, length, seek }: InStep) {
  return (
    <div className="mt-4 flex items-center gap-3">
      <Button
        variant="primary"
        className="w-28"
        icon={playing ? <Pause size={14} aria-hidden /> : <Play size={14} aria-hidden />}
        onClick={toggle}
      >
        {playing ? "Pause all" : "Play all"}
      </Button>
      <input
        type="range"
        aria-label="Place in all videos"
        aria-valuetext={`${clock(at)} of ${clock(length)}`}
        min={0}
        max={length || 1}
        step={0.1}
        value={Math.min(at, length || 1)}
        onChange={(event) => seek(Number(event.target.value))}
        className="h-8 min-w-0 flex-1 accent-accent"
      />
      <span className="tnum text-sm text-ink-2">
        {clock(at)} / {clock(length)}
      </span>
    </div>
  );
}
