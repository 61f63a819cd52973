/** The header says where the ad stands, by word and not by colour alone. */
import { render, screen, within } from "@testing-library/react";
import { StageSteps } from "@/components/pipeline/StageSteps";
import { emptyGeneration, type Generation } from "@/store/model";

const base = emptyGeneration("g", "2026-01-01T00:00:00Z");

function steps(change: Partial<Generation>) {
  render(<StageSteps generation={{ ...base, ...change }} />);
  return screen.getAllByRole("listitem");
}

describe("StageSteps", () => {
  it("marks the step at hand and the ones that are done", () => {
    const [story, references, scenes, clips] = steps({ status: "scenes" });
    expect(story).toHaveTextContent("done");
    expect(references).toHaveTextContent("done");
    expect(scenes).toHaveAttribute("aria-current", "step");
    expect(clips).not.toHaveAttribute("aria-current");
  });

  it("counts finished clips while they render", () => {
    const clips = { 1: { status: "complete" }, 2: { status: "rendering" } } as unknown as Generation["clips"];
    const scenes = [{ id: 1 }, { id: 2 }] as Generation["scenes"];
    const shown = steps({ status: "videos", scenes, clips, clipIds: [1, 2] });
    expect(shown[3]).toHaveTextContent("Clips1/2");
  });

  it("is done when the ad is", () => {
    const shown = steps({ status: "completed" });
    for (const step of shown) expect(within(step).getByText("done")).toBeInTheDocument();
  });

  it("stays at the stage that failed", () => {
    expect(steps({ status: "failed", stage: "videos" })[3]).toHaveAttribute("aria-current", "step");
  });
});
