/** Whether a clip or the whole video has a score, waits for one, or gets none here. Tests: tests/components/test_QualityScore.test.tsx */
import { scoreKey, type Generation } from "@/store/model";

export type ScoreState = "before" | "scoring" | "scored" | "unavailable" | "unscored" | "none";

/** `clipId` null asks for the whole video. `scored`: this server has a scorer. Nobody waits for a score that won't come. */
export function scoreState(generation: Generation, clipId: number | null, scored: boolean): ScoreState {
  const score = generation.scores[scoreKey(clipId)];
  if (score) return score.overall === null ? "unavailable" : "scored";
  const made = clipId === null ? generation.finalVideoUrl !== null : generation.clips[clipId]?.status === "complete";
  if (!made) return "before";
  if (generation.scoring[scoreKey(clipId)]) return "scoring";
  return scored ? "unscored" : "none";
}

/** Whose score it is, for people. */
export function scoreName(scorer: string): string {
  return scorer === "vbench" ? "VBench" : "AdMint score";
}
