/** The critic's score out of ten, neutral in colour: it is no video score. Tests: tests/components/test_StoryDisplay.test.tsx */
import type { Critique } from "@/api/types";

const MEANING = "Of 10, by the critic that reads the text. It does not say that the ad will sell.";

/** What rules found, in words: they find faults, and cannot tell whether a text is good. */
export function faultsFound({ issues }: Critique): string {
  if (!issues.length) return "No faults found";
  return issues.length === 1 ? "1 remark" : `${issues.length} remarks`;
}

export function StoryScore({ critique, label }: { critique: Critique; label: string }) {
  const { score, by_rules: byRules } = critique;
  const meaning = byRules
    ? `The template critic looks for faults by rules; it can't tell whether a text is good. In numbers: ${score.toFixed(1)} of 10.`
    : MEANING;
  return (
    <span
      title={meaning}
      className="tnum shrink-0 rounded-full border border-line-strong px-2.5 py-0.5 text-sm text-ink-2"
    >
      {byRules ? (
        faultsFound(critique)
      ) : (
        <>
          <span className="font-semibold text-ink">{score.toFixed(1)}</span> {label}
        </>
      )}
      <span className="sr-only">. {meaning}</span>
    </span>
  );
}
