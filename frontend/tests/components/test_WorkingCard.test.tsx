/** What is being made: the text as it is written, a skeleton before that, nothing while a person is asked. */
import { render, screen } from "@testing-library/react";
import { WorkingCard } from "@/components/pipeline/WorkingCard";
import { emptyGeneration, type Generation } from "@/store/model";

const base = emptyGeneration("g", "2026-01-01T00:00:00Z");
const shown = (change: Partial<Generation>) => render(<WorkingCard generation={{ ...base, ...change }} />);

describe("WorkingCard", () => {
  it("FR64 shows the story as it is written", () => {
    shown({ status: "story", writing: "The first thing on screen is a cup.", note: "Critic reviewing draft 2 of 3" });
    expect(screen.getByText("The first thing on screen is a cup.")).toBeInTheDocument();
    expect(screen.getByText("Critic reviewing draft 2 of 3…")).toBeInTheDocument();
  });

  it.each<[Generation["status"], string]>([
    ["pending", "Waiting for its turn…"],
    ["story", "Writing the story…"],
    ["references", "Choosing the look…"],
    ["scenes", "Writing the scenes…"],
  ])("says what %s means", (status, text) => {
    shown({ status });
    expect(screen.getByText(text)).toBeInTheDocument();
  });

  it("is not there at a gate, while stopped, or when the clips tell more", () => {
    const gate = { stage: "story" as const, draft_digest: "d", quote: null };
    for (const change of [{ gate }, { substage: "paused" as const }, { status: "videos" as const }]) {
      const { container, unmount } = shown({ status: "story", ...change });
      expect(container).toBeEmptyDOMElement();
      unmount();
    }
  });
});
