/** What a screen reader is told of a change: stages, clips, scores. Pure. Tests: tests/components/test_LiveRegion.test.tsx */
import type { Generation } from "@/store/model";

const AT_WORK: Record<string, string> = {
  story: "Writing the story.",
  references: "Choosing the reference images.",
  scenes: "Writing the scenes.",
  videos: "Rendering the clips.",
  completed: "Your ad is ready.",
  failed: "This ad has stopped with a problem.",
};
const STOPPED: Record<string, string> = {
  paused: "Paused.",
  cancelled: "Cancelled.",
  interrupted: "Interrupted. It can be continued.",
  expired: "Still waiting for your answer.",
  over_cap: "Paused: the next step would pass your spending cap.",
  stitching: "Joining the clips.",
};

/** Return the sentences that tell how `after` differs from `before`, in order. */
export function announcements(before: Generation | null, after: Generation | null): string[] {
  if (!after || before?.id !== after.id) return [];
  return [...moved(before, after), ...clips(before, after), ...scores(before, after)];
}

function moved(before: Generation, after: Generation): string[] {
  if (before.status === after.status && before.substage === after.substage) return [];
  if (after.substage === "awaiting_approval") {
    const count = after.scenes.length;
    const scenes = count === 1 ? "1 scene is" : `${count} scenes are`;
    const what = after.stage === "story" ? "The story is" : scenes;
    return [`${what} ready. Waiting for your answer.`];
  }
  const text = after.substage ? STOPPED[after.substage] : AT_WORK[after.status];
  return text ? [text] : [];
}

function clips(before: Generation, after: Generation): string[] {
  return after.clipIds.flatMap((id) => {
    const was = before.clips[id]?.status;
    const clip = after.clips[id];
    if (!clip || was === clip.status) return [];
    if (clip.status === "complete") return [`Clip ${id} is ready.`];
    return clip.status === "failed" ? [`Clip ${id} failed. ${clip.error_message ?? ""}`.trim()] : [];
  });
}

function scores(before: Generation, after: Generation): string[] {
  return Object.entries(after.scores).flatMap(([key, score]) => {
    if (before.scores[key] === score) return [];
    const what = score.clipId === null ? "The whole video" : `Clip ${score.clipId}`;
    return [
      score.overall === null ? `${what}: scoring unavailable.` : `${what} scored ${Math.round(score.overall)} of 100.`,
    ];
  });
}
