/** The finished ad in the feed: everything there is to take, and one player on the page at most. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { FinalVideo } from "@/components/pipeline/FinalVideo";
import type { Generation } from "@/store/model";
import { AT, adAt } from "../fixtures/generation";

function shown(generation: Generation, live = true) {
  const on = { play: vi.fn(), variant: vi.fn() };
  const view = render(<FinalVideo generation={generation} live={live} onPlay={on.play} onVariant={on.variant} />);
  return { ...on, ...view };
}

function wide(matches: boolean) {
  vi.spyOn(window, "matchMedia").mockImplementation(
    (media) => ({ matches, media, addEventListener: () => undefined, removeEventListener: () => undefined }) as never,
  );
}

describe("FinalVideo", () => {
  it("AC-5.2 plays in the feed where there is no storyboard beside it", () => {
    wide(false);
    const { container } = shown(adAt(AT.complete));
    expect(container.querySelector("video")).toHaveAttribute("src", adAt(AT.complete).finalVideoUrl);
  });

  it("plays in the storyboard where that is in sight", async () => {
    wide(true);
    const { container, play } = shown(adAt(AT.complete));
    expect(container.querySelector("video")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Play the ad" }));
    expect(play).toHaveBeenCalledOnce();
  });

  it("gives the film, its texts and a way to the next variant", async () => {
    const ad = adAt(AT.complete, { checks: ["The music is quieter than usual."] });
    const { variant } = shown(ad);
    for (const [name, what] of Object.entries({
      Download: "final",
      Story: "story",
      Captions: "captions",
      Metadata: "metadata",
    })) {
      expect(screen.getByRole("link", { name })).toHaveAttribute("href", expect.stringContaining(`what=${what}`));
    }
    expect(screen.getByText("The music is quieter than usual.")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Make a variant" }));
    expect(variant).toHaveBeenCalledOnce();
  });

  it("folds a cut that was replaced", () => {
    shown(adAt(AT.complete), false);
    expect(screen.getByText("An earlier cut of this ad")).toBeInTheDocument();
    expect(screen.queryByRole("link")).not.toBeInTheDocument();
  });
});
