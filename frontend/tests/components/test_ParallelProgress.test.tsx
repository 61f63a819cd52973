/** All clips at once: honest states, one row a message, retry of one alone. */
import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { ParallelProgress } from "@/components/pipeline/ParallelProgress";
import { usePipeline, useGeneration } from "@/store/pipelineStore";
import type { Clip, Generation } from "@/store/model";
import { AT, adAt, left, onScreen, opened } from "../fixtures/generation";
import { ok } from "../fixtures/server";

afterEach(left);

function Live({ onPlay }: { onPlay?: (clipId: number) => void }) {
  const generation = useGeneration();
  return generation && <ParallelProgress generation={generation} onPlay={onPlay} />;
}

const bar = (id: number) => screen.getByRole("progressbar", { name: `Clip ${id}` });

function tell(clip: number, progress: number, status: Clip["status"] = "rendering") {
  const generation_id = usePipeline.getState().currentId;
  const payload = { clip_id: clip, progress, status, estimated: false };
  const event = {
    type: "video_progress" as const,
    seq: null,
    generation_id,
    timestamp: new Date().toISOString(),
    payload,
  };
  act(() => usePipeline.getState().receive([event]));
}

function withClip(ad: Generation, id: number, change: Partial<Clip>): Generation {
  const [known] = Object.values(ad.clips);
  if (!known) throw new Error("the fixture has no clip");
  return { ...ad, clips: { ...ad.clips, [id]: { ...known, ...ad.clips[id], scene_id: id, ...change } } };
}

describe("ParallelProgress", () => {
  it("AC-3.6 shows a bar for every clip, each with its own progress in numbers and words", () => {
    onScreen(adAt(AT.rendering));
    render(<Live />);
    expect(screen.getAllByRole("progressbar")).toHaveLength(4);
    tell(1, 40);
    tell(3, 70);
    expect(bar(1)).toHaveAttribute("aria-valuenow", "40");
    expect(bar(3)).toHaveAttribute("aria-valuetext", "70 percent");
    expect(bar(2)).toHaveAttribute("aria-valuetext", "waiting");
    expect(screen.getByText("Rendering 40%")).toBeInTheDocument();
  });

  it("AC-3.6 changes only the row that a message is about", async () => {
    onScreen(adAt(AT.rendering));
    render(<Live />);
    for (const id of [1, 2, 3, 4]) tell(id, 10);
    const touched = new Set<string>();
    const rows = screen.getAllByRole("listitem");
    const seen = new MutationObserver((records) => {
      for (const { target } of records) {
        const row = rows.findIndex((each) => each.contains(target));
        if (row >= 0) touched.add(String(row + 1));
      }
    });
    seen.observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
    tell(2, 30);
    await Promise.resolve();
    seen.disconnect();
    expect([...touched]).toEqual(["2"]);
  });

  it("never moves back within a take", () => {
    onScreen(adAt(AT.rendering));
    render(<Live />);
    tell(1, 60);
    tell(1, 20);
    expect(bar(1)).toHaveAttribute("aria-valuenow", "60");
  });

  it("AC-3.7 says why a clip failed and retries that one alone", async () => {
    const failed = { status: "failed" as const, error_message: "The renderer timed out.", hint: "Retry it." };
    const ad = withClip(adAt(AT.twoClips, { actions: ["retry_clip"] }), 3, failed);
    const server = await opened(AT.twoClips, { ...ad, clipIds: [1, 2, 3] });
    server.on(`POST /api/generations/${ad.id}/clips/3/retry`, () => ok({ generation_id: ad.id, accepted: true }, 202));
    render(<Live />);
    expect(screen.getByText("The renderer timed out. Retry it.")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Retry clip 3" }));
    expect(server.times("POST /api/generations")).toBe(1);
  });

  it("says how a clip differs from what was asked", () => {
    const notes = ["It was filmed in plainer words.", "filmed 4 s long and cut to 3.5 s"];
    onScreen(withClip(adAt(AT.joined), 2, { status: "complete", notes }));
    render(<Live />);
    expect(screen.getByText("It was filmed in plainer words. Filmed 4 s long and cut to 3.5 s.")).toBeInTheDocument();
  });

  it("plays a finished clip and offers it as a file", async () => {
    onScreen(adAt(AT.complete));
    const onPlay = vi.fn();
    render(<Live onPlay={onPlay} />);
    await userEvent.click(screen.getByRole("button", { name: "Play clip 2" }));
    expect(onPlay).toHaveBeenCalledWith(2);
    expect(screen.getByRole("link", { name: "Download clip 2" })).toHaveAttribute(
      "href",
      expect.stringContaining("what=clip&id=2"),
    );
    expect(screen.getByRole("heading", { name: "4 clips ready" })).toBeInTheDocument();
  });

  it("asks before it cancels, and says what is kept", async () => {
    const ad = adAt(AT.rendering, { actions: ["pause", "cancel"] });
    const server = await opened(AT.rendering, ad);
    server.on(`POST /api/generations/${ad.id}/cancel`, () => ok({ generation_id: ad.id, accepted: true }, 202));
    render(<Live />);
    await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
    const dialog = screen.getByRole("dialog", { name: "Cancel this ad?" });
    expect(dialog).toHaveTextContent("Finished clips are kept");
    await userEvent.click(within(dialog).getByRole("button", { name: "Cancel the ad" }));
    expect(server.times(`POST /api/generations/${ad.id}/cancel`)).toBe(1);
  });

  it("says that clips are being joined", () => {
    onScreen(adAt(AT.joined));
    render(<Live />);
    expect(screen.getByText("Joining clips")).toBeInTheDocument();
  });
});
