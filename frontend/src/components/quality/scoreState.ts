/** Whether a clip or the whole video has a score, waits for one, or gets none here. Tests: tests/components/test_QualityScore.test.tsx */
import type { Generation } from "@/store/model";

export type ScoreState = "before" | "scoring" | "scored" | "unavailable" | "none";

/** `clipId` null asks for the whole video. `scored`: this server has a scorer; without one nobody waits for a score. */
export function scoreState(generation: Generation, clipId: number | null, scored: boolean): ScoreState {
  const score = generation.scores[clipId === null ? "overall" : String(clipId)];
  if (score) return score.overall === null ? "unavailable" : "scored";
  const made = clipId === null ? generation.finalVideoUrl !== null : generation.clips[clipId]?.status === "complete";
  if (!made) return "before";
  return scored ? "scoring" : "none";
}
