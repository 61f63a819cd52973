/** The ad beside its conversation: from the first still on, film as it lands, Download and Share at the bottom. */
import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { clock, sequence } from "@/components/pipeline/sequence";
import { StoryboardPanel } from "@/components/pipeline/StoryboardPanel";
import type { Generation } from "@/store/model";
import { AT, adAt } from "../fixtures/generation";

function Panel({ generation }: { generation: Generation }) {
  const [playing, setPlaying] = useState<number | null>(null);
  return <StoryboardPanel generation={generation} playing={playing} onPlay={setPlaying} />;
}

afterEach(() => vi.useRealTimers());

describe("sequence", () => {
  it("has film where a clip is finished and stills elsewhere, one after the other", () => {
    const shots = sequence(adAt(AT.twoClips));
    expect(shots.map((shot) => shot.start)).toEqual([0, 3.5, 7, 11]);
    expect(shots.map((shot) => shot.video !== null)).toEqual([true, true, false, false]);
    expect(shots.every((shot) => shot.still)).toBe(true);
  });

  it("tells time as players do", () => {
    expect([0, 8.9, 75].map(clock)).toEqual(["0:00", "0:08", "1:15"]);
  });
});

describe("StoryboardPanel", () => {
  it("has a place before there is a picture", () => {
    render(<Panel generation={adAt(AT.story)} />);
    expect(screen.getByText("The storyboard appears here.")).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Download" })).toBeDisabled();
  });

  it("plays stills in their time, and mounts no video for them", () => {
    vi.useFakeTimers();
    const ad = adAt(AT.rendering);
    const { container } = render(<Panel generation={ad} />);
    expect(screen.getByText("Animatic until every clip is ready")).toBeInTheDocument();
    act(() => screen.getByRole("button", { name: "Play the animatic" }).click());
    expect(screen.getByAltText("Scene 1")).toBeInTheDocument();
    for (let tick = 0; tick < 37; tick++) act(() => vi.advanceTimersByTime(100));
    expect(screen.getByAltText("Scene 2")).toBeInTheDocument();
    expect(container.querySelector("video")).toBeNull();
  });

  it("shows a finished clip as film in its turn", async () => {
    const { container } = render(<Panel generation={adAt(AT.twoClips)} />);
    await userEvent.click(screen.getByRole("button", { name: "Play the animatic" }));
    expect(container.querySelectorAll("video")).toHaveLength(1);
    expect(container.querySelector("video")).toHaveAttribute("src", adAt(AT.twoClips).clips[1]?.url);
  });

  it("plays the finished ad with its captions, and single clips on request", async () => {
    const ad = adAt(AT.complete);
    const { container } = render(<Panel generation={ad} />);
    const player = () => container.querySelectorAll("video");
    expect(player()).toHaveLength(1);
    expect(player()[0]).toHaveAttribute("src", ad.finalVideoUrl);
    expect(player()[0]?.querySelector("track")?.getAttribute("src")).toContain("what=captions");
    await userEvent.click(screen.getByRole("button", { name: "Show scene 3" }));
    expect(player()[0]).toHaveAttribute("src", ad.clips[3]?.url);
    expect(player()).toHaveLength(1);
    await userEvent.click(screen.getByRole("button", { name: "Back to the whole ad" }));
    expect(player()[0]).toHaveAttribute("src", ad.finalVideoUrl);
  });

  it("gives the file by its address, and says what it cost and took", () => {
    const ad = adAt(AT.complete, { createdAt: "2026-01-01T00:00:00Z", completedAt: "2026-01-01T00:00:42Z" });
    render(<Panel generation={ad} />);
    const foot = within(screen.getByRole("contentinfo"));
    expect(foot.getByRole("link", { name: "Download" })).toHaveAttribute("href", expect.stringContaining(ad.id));
    expect(foot.getByText("$0.00")).toBeInTheDocument();
    expect(foot.getByText("0:42")).toBeInTheDocument();
  });
});
