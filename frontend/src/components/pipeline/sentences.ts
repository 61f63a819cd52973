/** Remarks as running text: each a sentence of its own. Tests: tests/components/test_ParallelProgress.test.tsx */
import { capital } from "./StoryDisplay";

export function sentences(remarks: readonly string[]): string {
  return remarks.map((each) => capital(each).replace(/[^.!?]$/, "$&.")).join(" ");
}
