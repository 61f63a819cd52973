/** Where the ad stands, as five steps in the header. Tests: tests/components/test_StageSteps.test.tsx */
import { Check } from "lucide-react";
import { classes } from "@/components/ui/classes";
import type { Generation, PipelineStatus } from "@/store/model";
import { pipelineStatus } from "@/store/pipelineStore";

const STEPS: { status: PipelineStatus; label: string }[] = [
  { status: "story", label: "Story" },
  { status: "references", label: "References" },
  { status: "scenes", label: "Scenes" },
  { status: "videos", label: "Clips" },
  { status: "complete", label: "Final" },
];

export function StageSteps({ generation }: { generation: Generation }) {
  const status = pipelineStatus(generation);
  const at = STEPS.findIndex((step) => step.status === status);
  return (
    <ol aria-label="Progress" className="hidden items-center gap-1 text-sm text-ink-2 md:flex">
      {STEPS.map((step, index) => {
        const done = index < at || status === "complete";
        const now = index === at && !done;
        return (
          <li
            key={step.status}
            aria-current={now ? "step" : undefined}
            className={classes(
              "flex items-center gap-1.5 rounded-full px-2.5 py-1 whitespace-nowrap",
              now && "bg-accent-soft font-medium text-accent",
            )}
          >
            {done && <Check size={14} className="text-accent" aria-hidden />}
            {now && <span className="size-1.5 rounded-full bg-accent" aria-hidden />}
            {step.label}
            {step.status === "videos" && now && <span className="tnum">{counted(generation)}</span>}
            {done && <span className="sr-only">done</span>}
          </li>
        );
      })}
    </ol>
  );
}

function counted(generation: Generation): string {
  const ready = generation.clipIds.filter((id) => generation.clips[id]?.status === "complete").length;
  return `${ready}/${generation.scenes.length}`;
}
