/** A video score: colour and word at the exact limits, honest when there is none. */
import { render, screen } from "@testing-library/react";
import { QualityScore } from "@/components/quality/QualityScore";
import { scoreState } from "@/components/quality/scoreState";
import type { Score } from "@/store/model";
import { AT, adAt } from "../fixtures/generation";

const breakdown = { composition: 87, coherence: 83, motion: 55.4, visual_appeal: null };
const score = (overall: number | null, change: Partial<Score> = {}): Score => ({
  clipId: 1,
  overall,
  breakdown,
  dimensions: { cross_clip: 0.9312, similar_to_product: 0.5 },
  scorer: "embedded",
  reason: null,
  ...change,
});

describe("QualityScore", () => {
  it.each([
    [80.1, "Strong", "text-good"],
    [80, "Fair", "text-fair"],
    [60, "Fair", "text-fair"],
    [59.9, "Weak", "text-poor"],
  ])("AC-4.7 shows %d as %s", (overall, word, colour) => {
    render(<QualityScore score={score(overall)} state="scored" />);
    expect(screen.getByText(overall.toFixed(1))).toHaveClass(colour);
    expect(screen.getByText(new RegExp(word))).toBeInTheDocument();
  });

  it("AC-4.7 says Scoring... first, and the score when it has come", () => {
    const { rerender } = render(<QualityScore score={null} state="scoring" />);
    expect(screen.getByText("Scoring...")).toBeInTheDocument();
    rerender(<QualityScore score={score(91.2)} state="scored" />);
    expect(screen.getByText("91.2")).toBeInTheDocument();
  });

  it("AC-4.10 says that scoring is unavailable, and why", () => {
    render(<QualityScore score={score(null, { reason: "The file is damaged." })} state="unavailable" />);
    expect(screen.getByText(/Scoring unavailable/)).toHaveTextContent("The file is damaged.");
  });

  it("names its four parts, the unknown one as unknown", () => {
    render(<QualityScore score={score(82)} state="scored" />);
    for (const name of ["Composition", "Coherence", "Motion", "Visual appeal"])
      expect(screen.getByText(name)).toBeInTheDocument();
    expect(screen.getByText("unknown")).toBeInTheDocument();
    expect(screen.getByText("55")).toBeInTheDocument();
  });

  it("shows what was measured, by name, and that an old ad was never scored", () => {
    const { rerender } = render(<QualityScore score={score(82)} state="scored" />);
    expect(screen.getByText("What was measured")).toBeInTheDocument();
    expect(screen.getByText("cross clip").nextSibling).toHaveTextContent("0.931");
    rerender(<QualityScore score={null} state="unscored" />);
    expect(screen.getByText("Not scored")).toBeInTheDocument();
  });

  it("calls nothing VBench that is not", () => {
    const { rerender } = render(<QualityScore score={score(82)} state="scored" />);
    expect(screen.queryByText(/VBench/)).not.toBeInTheDocument();
    expect(screen.getByText(/AdMint score/)).toBeInTheDocument();
    rerender(<QualityScore score={score(82, { scorer: "vbench" })} state="scored" />);
    expect(screen.getByText(/VBench/)).toBeInTheDocument();
  });

  it("does not let anybody wait for a score that never comes", () => {
    const done = adAt(AT.complete);
    expect(scoreState(done, 1, false)).toBe("none");
    expect(scoreState(done, 1, true)).toBe("unscored");
    expect(scoreState({ ...done, scoring: { 1: true } }, 1, true)).toBe("scoring");
    expect(scoreState(adAt(AT.rendering), 1, true)).toBe("before");
    expect(scoreState({ ...done, scores: { 1: score(80) } }, 1, false)).toBe("scored");
    expect(scoreState({ ...done, scores: { overall: score(null) } }, null, true)).toBe("unavailable");
  });
});
