/** The critic's score out of ten, neutral in colour: it is no video score. Tests: tests/components/test_StoryDisplay.test.tsx */
import type { Critique } from "@/api/types";

const MEANING =
  "Of 10, by the critic that reads the text. A 9 or 10 means that it found no fault, not that the ad will sell.";

export function StoryScore({ critique, label }: { critique: Critique; label: string }) {
  return (
    <span
      title={MEANING}
      className="tnum shrink-0 rounded-full border border-line-strong px-2.5 py-0.5 text-sm text-ink-2"
    >
      <span className="font-semibold text-ink">{critique.score.toFixed(1)}</span> {label}
      <span className="sr-only">. {MEANING}</span>
    </span>
  );
}
