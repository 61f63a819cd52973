/** What a screen reader hears: the right sentence, once, and not too often. */
import { act, render, screen } from "@testing-library/react";
import { LiveRegion } from "@/components/chat/LiveRegion";
import { announcements } from "@/components/chat/announcements";
import { emptyGeneration, type Generation } from "@/store/model";
import { usePipeline } from "@/store/pipelineStore";

const before = { ...emptyGeneration("g", "2026-01-01T00:00:00Z"), status: "videos" as const };
const scene = { id: 1 } as Generation["scenes"][number];

describe("announcements", () => {
  it("tells a stage once", () => {
    expect(announcements({ ...before, status: "scenes" }, before)).toEqual(["Rendering the clips."]);
    expect(announcements(before, { ...before, note: "still rendering" })).toEqual([]);
  });

  it("tells that an answer is wanted", () => {
    const waiting: Generation = {
      ...before,
      status: "scenes",
      substage: "awaiting_approval",
      stage: "scenes",
      scenes: [scene],
    };
    expect(announcements(before, waiting)).toEqual(["1 scene is ready. Waiting for your answer."]);
  });

  it("tells finished and failed clips with the cause", () => {
    const clips = { 1: { status: "complete" }, 2: { status: "failed", error_message: "The renderer timed out." } };
    const after = { ...before, clipIds: [1, 2], clips: clips as unknown as Generation["clips"] };
    expect(announcements(before, after)).toEqual(["Clip 1 is ready.", "Clip 2 failed. The renderer timed out."]);
  });

  it("tells a score and its absence", () => {
    const score = { clipId: 1, overall: 82.4, breakdown: {} as never, dimensions: {}, scorer: "x", reason: null };
    const scores = { 1: score, overall: { ...score, clipId: null, overall: null } };
    expect(announcements(before, { ...before, scores })).toEqual([
      "Clip 1 scored 82 of 100.",
      "The whole video: scoring unavailable.",
    ]);
  });

  it("says nothing when another ad is looked at", () => {
    expect(announcements(before, { ...before, id: "other", status: "completed" })).toEqual([]);
  });
});

describe("LiveRegion", () => {
  afterEach(() => {
    vi.useRealTimers();
    usePipeline.getState().reset();
  });

  it("merges what happens within three seconds into one announcement", () => {
    vi.useFakeTimers();
    render(<LiveRegion />);
    const show = (generation: Generation) =>
      act(() => usePipeline.setState({ currentId: "g", generations: { g: generation } }));
    show(before);
    show({ ...before, substage: "stitching" });
    act(() => vi.advanceTimersByTime(1));
    expect(screen.getByRole("status")).toHaveTextContent("Joining the clips.");
    show({ ...before, substage: "paused" });
    show({ ...before, status: "completed" });
    act(() => vi.advanceTimersByTime(2000));
    expect(screen.getByRole("status")).toHaveTextContent("Joining the clips.");
    act(() => vi.advanceTimersByTime(1000));
    expect(screen.getByRole("status")).toHaveTextContent("Paused. Your ad is ready.");
  });
});
