/** The line at the feed's end that says why nothing moves, and what to do about it. Tests: tests/components/test_RunState.test.tsx */
import { CirclePause, Hourglass, OctagonX, Play } from "lucide-react";
import type { ReactNode } from "react";
import type { StageName } from "@/api/types";
import { NOT_LOADED } from "@/components/money/notLoaded";
import { Button } from "@/components/ui/Button";
import { later } from "@/components/ui/later";
import { control } from "@/services/actions";
import type { Generation } from "@/store/model";

const OverCap = later(() => import("@/components/money/OverCap").then((module) => module.OverCap));

interface Standing {
  icon: ReactNode;
  text: string;
  resume: string;
}

const STAGE: Record<StageName, string> = {
  story: "the story was being written",
  reference_images: "the look was being chosen",
  scenes: "the scenes were being written",
  videos: "the clips were being made",
};

/** How a generation that has stopped is told; null while it moves, waits at a gate or is done. */
function standing(generation: Generation): Standing | null {
  const kept = keptClips(generation);
  switch (generation.substage) {
    case "paused":
      return { icon: <CirclePause size={16} aria-hidden />, text: `Paused.${kept}`, resume: "Resume" };
    case "interrupted":
      return {
        icon: <CirclePause size={16} aria-hidden />,
        text: `The server stopped while this was being made.${kept}`,
        resume: "Continue",
      };
    case "cancelled":
      return { icon: <OctagonX size={16} aria-hidden />, text: `Cancelled.${kept}`, resume: "Take it up again" };
    case "expired":
      return {
        icon: <Hourglass size={16} aria-hidden />,
        text: "This has waited too long for your answer. Say what should change, or approve, to go on.",
        resume: "Open it again",
      };
    case "needs_retry":
      return failed(generation, kept);
    default:
      return generation.status === "failed" ? failed(generation, kept) : null;
  }
}

/** Why it failed, unless the last card says so and offers the way on. */
function failed(generation: Generation, kept: string): Standing | null {
  const { stage, feed, clips, clipIds, errorMessage } = generation;
  if (feed.at(-1)?.kind === "error") return null;
  const icon = <OctagonX size={16} aria-hidden />;
  if (stage === "videos" && clipIds.some((id) => clips[id]?.status === "failed")) {
    return { icon, text: `Some clips failed, so the ad can't be joined yet.${kept}`, resume: "Retry the failed clips" };
  }
  const where = stage ? `This stopped while ${STAGE[stage]}.` : "This stopped.";
  return { icon, text: [where, errorMessage].filter(Boolean).join(" ") + kept, resume: "Try again" };
}

function keptClips({ clipIds, clips }: Generation): string {
  const count = clipIds.filter((id) => clips[id]?.status === "complete").length;
  return count ? ` ${count === 1 ? "1 finished clip is" : `${count} finished clips are`} kept.` : "";
}

export function RunState({ generation }: { generation: Generation }) {
  const state = standing(generation);
  if (generation.substage === "over_cap") return <OverCap generation={generation} broken={NOT_LOADED} />;
  if (!state) return null;
  return (
    <section
      aria-label="State"
      className="flex flex-wrap items-center gap-3 rounded-card border border-line bg-bubble px-4 py-3"
    >
      <span className="text-fair">{state.icon}</span>
      <p className="min-w-0 flex-1 text-ink-2">{state.text}</p>
      {state.resume && generation.actions.includes("resume") && (
        <Button
          variant="primary"
          icon={<Play size={14} aria-hidden />}
          onClick={() => void control(generation, "resume")}
        >
          {state.resume}
        </Button>
      )}
    </section>
  );
}
