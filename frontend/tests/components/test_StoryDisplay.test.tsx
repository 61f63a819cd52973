/** A story draft: what is read, its score, what can be answered. */
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { StoryBody, StoryDisplay } from "@/components/pipeline/StoryDisplay";
import { usePipeline } from "@/store/pipelineStore";
import { AT, adAt, left, onScreen, opened, sending } from "../fixtures/generation";

afterEach(left);

describe("StoryDisplay", () => {
  it("AC-5.2 shows title, arc, every scene's words and the critic's verdict", () => {
    const ad = adAt(AT.story);
    render(<StoryDisplay generation={ad} draft={0} />);
    const { story, critique } = ad.drafts[0] ?? {};
    expect(screen.getByRole("heading", { name: story?.title })).toBeInTheDocument();
    expect(screen.getByText(story?.narrative ?? "missing")).toBeInTheDocument();
    expect(screen.getAllByRole("listitem").length).toBeGreaterThanOrEqual(story?.scenes.length ?? 99);
    expect(screen.getByText(/^No faults found/)).toBeInTheDocument();
    expect(screen.getByText(new RegExp(`In numbers: ${critique?.score.toFixed(1)} of 10`))).toBeInTheDocument();
  });

  it("counts the remarks of a critic of rules, and gives the score of one that reads", () => {
    const draft = adAt(AT.story).drafts[0];
    if (!draft) throw new Error("the fixture has no draft");
    const issue = { code: "x", message: "x", quote: "", scene_id: null, severity: "minor" as const };
    const { rerender } = render(
      <StoryBody draft={{ ...draft, critique: { ...draft.critique, issues: [issue, issue] } }} />,
    );
    expect(screen.getByText(/^2 remarks/)).toBeInTheDocument();
    rerender(<StoryBody draft={{ ...draft, critique: { ...draft.critique, by_rules: false, score: 7.5 } }} />);
    expect(screen.getByText("7.5")).toBeInTheDocument();
  });

  it.each([
    ["Looks good", "approve", ""],
    ["More dramatic", "refine", "Make it more dramatic"],
    ["Shorter", "refine", "Make it shorter, with fewer words"],
    ["Regenerate", "regenerate", ""],
  ])("AC-5.8 says %s as what it means", async (name, action, text) => {
    await opened(AT.story);
    render(<StoryDisplay generation={adAt(AT.story)} draft={0} />);
    await userEvent.click(screen.getByRole("button", { name }));
    expect(sending()).toMatchObject([{ stage: "story", action, text }]);
  });

  it("takes one answer at a time", () => {
    const ad = onScreen(adAt(AT.story));
    usePipeline.getState().said(ad.id, { id: "m", text: "", stage: "story", action: "approve", sceneId: null });
    render(<StoryDisplay generation={usePipeline.getState().generations[ad.id] ?? ad} draft={0} />);
    expect(screen.getByRole("button", { name: "Looks good" })).toBeDisabled();
  });

  it("cannot be answered any more once it is approved, and says so", async () => {
    render(<StoryDisplay generation={adAt(AT.scenes)} draft={1} />);
    expect(screen.queryByRole("button", { name: "Looks good" })).not.toBeInTheDocument();
    expect(screen.getByText(/You approved this/)).toHaveTextContent("draft 2 of 2");
    await userEvent.click(screen.getByRole("button", { name: "See drafts" }));
    const dialog = await screen.findByRole("dialog", { name: "Story drafts" });
    expect(
      within(dialog)
        .getAllByRole("region")
        .map((each) => each.getAttribute("aria-label")),
    ).toEqual(["Draft 2", "Draft 1"]);
  });

  it("folds an earlier draft to one line that opens", async () => {
    render(<StoryDisplay generation={adAt(AT.secondDraft)} draft={0} />);
    const line = screen.getByRole("button", { name: /^Draft 1/ });
    expect(line).toHaveAttribute("aria-expanded", "false");
    await userEvent.click(line);
    expect(screen.getByRole("heading")).toBeInTheDocument();
  });
});
