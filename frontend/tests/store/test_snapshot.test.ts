import type { ClipState, GenerationSnapshot, SessionSnapshot } from "@/api/types";
import { emptyGeneration, emptySession, type Clip, type Generation } from "@/store/model";
import { applyEvents } from "@/store/reduce";
import { fromGeneration, fromSession } from "@/store/snapshot";
import { generation, session } from "../fixtures/session";

const NOW = Date.parse(generation.updated_at);
const HOUR = 3600_000;
const only = (snapshot: SessionSnapshot, current: string | null = null, now = NOW) => {
  const state = fromSession(snapshot, current, now);
  return { state, known: state.generations[generation.id] ?? emptyGeneration("none", "") };
};
const kinds = (known: Generation) => known.feed.map((item) => item.kind);
const [firstClip] = generation.video_clips;

function clip(change: Partial<ClipState>): ClipState {
  if (!firstClip) throw new Error("the fixture has no clip");
  return { ...firstClip, ...change };
}

describe("a session's snapshot", () => {
  it("AC-5.6 gives the same feed as having been there", () => {
    const { known, state } = only(session);
    const live = applyEvents(emptySession, session.conversation).generations[generation.id];
    expect(known.feed).toEqual(live?.feed);
    expect(state).toMatchObject({
      phase: "ready",
      lastSeq: 30,
      currentId: generation.id,
      sessionId: session.session_id,
    });
  });

  it("replaces what was there: loading twice is loading once", () => {
    expect(only(session).state).toEqual(only(session, generation.id).state);
  });

  it("says what only the server knows", () => {
    const { known } = only(session);
    expect(known).toMatchObject({
      actions: generation.actions,
      thumbnailUrl: generation.thumbnail_url,
      finalVideoUrl: generation.final_video_url,
      title: generation.title,
      plan: generation.plan,
    });
    expect(known.clips[1]).toMatchObject({ freshness: "current", status: "complete", progress: 100 });
    expect(known.clipIds).toEqual([1, 2, 3, 4]);
  });

  it("shows the newest generation, or the one that was on screen", () => {
    const older = { ...generation, id: "00000000-old" };
    const two = { ...session, generations: [generation, older] };
    expect(only(two).state).toMatchObject({ order: [older.id, generation.id], currentId: generation.id });
    expect(only(two, older.id).state.currentId).toBe(older.id);
    expect(only(two, "gone").state.currentId).toBe(generation.id);
  });

  it("an empty session is ready and shows nothing", () => {
    const { state } = only({ ...session, generations: [], conversation: [], last_seq: 0 });
    expect(state).toMatchObject({ phase: "ready", currentId: null, order: [] });
  });

  it("AC-5.6 is read-only a day after the last word, whatever the server did since", () => {
    const word = session.conversation.findLast(({ type }) => type === "user_message");
    const day = Date.parse(word?.timestamp ?? "") + 24 * HOUR;
    expect(only(session, null, day).state.readOnly).toBe(false);
    expect(only(session, null, day + 1).state.readOnly).toBe(true);
    const touched = { ...session, generations: [{ ...generation, updated_at: new Date(day).toISOString() }] };
    expect(only(touched, null, day + 1).state.readOnly).toBe(true);
  });

  it("a conversation cut at its old end still shows what was made", () => {
    const { known } = only({ ...session, conversation: session.conversation.slice(-1) });
    expect(kinds(known)).toEqual(["prompt", "references", "scenes", "clips", "final"]);
    expect(known.drafts).toHaveLength(generation.story_rounds.length);
    expect(only({ ...session, conversation: session.conversation.slice(-1) }).known.feed).toEqual(known.feed);
  });
});

describe("a generation's snapshot over what is known", () => {
  const { known } = only(session);
  const rendering: Partial<GenerationSnapshot> = { status: "videos", substage: null };

  function overlaid(before: Partial<Clip>, now: Partial<ClipState>, change = rendering): Clip | undefined {
    const full: Clip = { ...clip({}), hint: "", startedAt: 5, updatedAt: 7, ...before };
    const snapshot = { ...generation, ...change, video_clips: [clip(now)] };
    return fromGeneration({ ...known, clips: { 1: full } }, snapshot).clips[1];
  }

  it("keeps feed and drafts; its scores are the current ones", () => {
    const breakdown = { composition: 80, coherence: 81, motion: 82, visual_appeal: 83 };
    const score = { clip_id: 1, overall_score: 80, breakdown, dimensions: {}, scorer: "x", scorer_version: "1" };
    const before = fromGeneration(known, { ...generation, scores: [{ ...score, reason: null }] });
    expect(before.scores["1"]).toMatchObject({ clipId: 1, overall: 80, scorer: "x" });
    const next = fromGeneration(before, { ...generation, scoring: [1, null] });
    expect(next.scores).toEqual({});
    expect(next.scoring).toEqual({ "1": true, overall: true });
    expect(next.drafts).toBe(before.drafts);
    expect(next.feed).toBe(before.feed);
  });

  it("live progress that is ahead of what was stored stays", () => {
    const ahead = overlaid({ status: "rendering", progress: 70 }, { status: "processing", progress: 40 });
    expect(ahead).toMatchObject({ status: "rendering", progress: 70, startedAt: 5 });
  });

  it("a paused run is as the server says", () => {
    const paused = overlaid(
      { status: "rendering", progress: 70 },
      { status: "queued", progress: 0 },
      { status: "videos", substage: "paused" },
    );
    expect(paused).toMatchObject({ status: "queued", progress: 0 });
  });

  it("a new take begins at nothing", () => {
    expect(overlaid({ status: "failed", progress: 80 }, { status: "queued", progress: 0 })).toMatchObject({
      status: "queued",
      progress: 0,
    });
  });

  it("a clip that ended meanwhile has ended", () => {
    expect(overlaid({ status: "rendering", progress: 70 }, { status: "complete", progress: 90 })).toMatchObject({
      status: "complete",
      progress: 100,
    });
    expect(overlaid({ status: "rendering", progress: 70 }, { status: "failed", progress: 10 })?.status).toBe("failed");
  });
});
