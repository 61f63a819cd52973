import type { ServerEvent } from "@/api/types";
import { emptyGeneration, emptySession, type Generation, type SessionState } from "@/store/model";
import { applyEvents } from "@/store/reduce";
import { conversation } from "../fixtures/session";

const ID = conversation[0]?.generation_id ?? "";
let seq = 1;

beforeEach(() => {
  seq = 1;
});

type Type = ServerEvent["type"];
type Payload<T extends Type> = Extract<ServerEvent, { type: T }>["payload"];

/** An event as it comes; durable ones take the next number. */
function event<T extends Type>(type: T, payload: Payload<T>, at?: number | null): ServerEvent {
  const number = at === undefined ? ++seq : at;
  return { type, payload, seq: number, generation_id: "g", timestamp: "2026-11-24T03:00:00Z" } as ServerEvent;
}

function begun(): SessionState {
  const started = { prompt: "An ad", interactive: true, assets_in_use: ["a.png"], variant: "B", group_id: "gr" };
  return applyEvents(emptySession, [event("generation_started", started, 1)]);
}

function generation(state: SessionState, id = "g"): Generation {
  return state.generations[id] ?? emptyGeneration("none", "");
}

const progress = (clip: number, value: number, status: Payload<"video_progress">["status"] = "processing") =>
  event("video_progress", { clip_id: clip, progress: value, status, estimated: false }, null);

const complete = (clip: number) =>
  event("video_complete", { clip_id: clip, url: `/media/clip-${clip}.mp4`, duration: 3.5, scoring: true, notes: [] });

function after(...events: ServerEvent[]): Generation {
  return generation(applyEvents(begun(), events));
}

function stored<T extends Type>(type: T): Payload<T> {
  const found = conversation.find((each) => each.type === type);
  if (!found) throw new Error(`the fixture has no ${type}`);
  return found.payload as Payload<T>;
}

describe("a real conversation", () => {
  it("AC-5.4 becomes the feed that people saw, in order", () => {
    const state = applyEvents(emptySession, conversation);
    expect(generation(state, ID).feed.map((item) => item.kind)).toEqual([
      "prompt",
      "story",
      "said",
      "story",
      "said",
      "references",
      "scenes",
      "said",
      "clips",
      "final",
    ]);
    expect(state).toMatchObject({ lastSeq: 30, order: [ID], currentId: ID });
    expect(generation(state, ID)).toMatchObject({ status: "completed", substage: null, gate: null });
    expect(generation(state, ID).clipIds).toEqual([1, 2, 3, 4]);
  });

  it("comes out the same when it is applied twice, or in pieces that overlap", () => {
    const once = applyEvents(emptySession, conversation);
    expect(applyEvents(once, conversation)).toBe(once);
    const half = applyEvents(emptySession, conversation.slice(0, 17));
    expect(applyEvents(half, conversation.slice(9))).toEqual(once);
  });

  it("leaves what came before untouched", () => {
    const half = applyEvents(emptySession, conversation.slice(0, 17));
    const copy = structuredClone(half);
    applyEvents(half, conversation.slice(17));
    expect(half).toEqual(copy);
  });
});

describe("what is not for us", () => {
  it("an older or repeated event changes nothing", () => {
    const state = begun();
    const first = event("status_changed", { status: "story", substage: null, current_stage: "story", message: "" });
    const later = applyEvents(state, [first]);
    expect(applyEvents(later, [first])).toBe(later);
    const old = event("clip_failed", { clip_id: 1, clip_index: 0, code: "x", message: "x", hint: "" }, 1);
    expect(applyEvents(later, [old])).toBe(later);
  });

  it("an unknown type is skipped, its number counts", () => {
    const state = begun();
    const unknown = { ...event("progress_update", stored0), type: "applause", seq: 2 } as unknown as ServerEvent;
    const next = applyEvents(state, [unknown]);
    expect(next.lastSeq).toBe(2);
    expect(next.generations).toBe(state.generations);
  });

  it("an event of a generation that is not here is skipped, its number counts", () => {
    const state = begun();
    const foreign = { ...complete(1), generation_id: "other" };
    const next = applyEvents(state, [foreign]);
    expect(next.lastSeq).toBe(2);
    expect(next.generations).toBe(state.generations);
    expect(applyEvents(state, [{ ...progress(1, 5), generation_id: "other" }])).toBe(state);
  });

  it.each([
    event("hello", { session_id: "s", last_seq: 9, resumed: true }, null),
    event("message_received", { message_id: "m", duplicate: false }, null),
    event("heartbeat", {}, null),
  ])("$type is the line's own business", (own) => {
    const state = begun();
    expect(applyEvents(state, [own])).toBe(state);
  });
});

const stored0: Payload<"progress_update"> = { stage: "story", message: "Thinking", fraction: null };

describe("each type", () => {
  it("generation_started: a new generation with what was asked; the one on screen stays", () => {
    const started = { prompt: "Another", interactive: false, assets_in_use: [], variant: "", group_id: null };
    const second = { ...event("generation_started", started, 2), generation_id: "h" };
    const state = applyEvents(begun(), [second]);
    expect(state).toMatchObject({ order: ["g", "h"], currentId: "g" });
    expect(generation(state)).toMatchObject({ prompt: "An ad", variant: "B", groupId: "gr", assetsInUse: ["a.png"] });
    expect(generation(state, "h")).toMatchObject({ prompt: "Another", interactive: false });
  });

  it("user_message: takes the place of the word that was on its way", () => {
    const said = { message_id: "m1", message: "funnier", stage: "story", action: "refine", scene_id: null } as const;
    const state = begun();
    const known = generation(state);
    const own = { kind: "said", key: "m1", text: "funnier", stage: "story", action: null, sceneId: null } as const;
    const feed = [...known.feed, { ...own, sending: true }];
    const sending = { ...state, generations: { g: { ...known, feed } } };
    const items = generation(applyEvents(sending, [event("user_message", said)])).feed;
    expect(items).toHaveLength(2);
    expect(items[1]).toMatchObject({ kind: "said", key: "m1", action: "refine", sending: false });
  });

  it("feedback_acknowledged: an answer only where there is something to say", () => {
    const ack = { message_id: "m1", action: "unclear", message: "Which scene?" } as const;
    expect(after(event("feedback_acknowledged", { ...ack, message: "" })).feed).toHaveLength(1);
    expect(after(event("feedback_acknowledged", ack)).feed[1]).toMatchObject({ kind: "reply", tone: "question" });
    const stale = { ...ack, action: "stale" as const };
    expect(after(event("feedback_acknowledged", stale)).feed[1]).toMatchObject({ text: "Which scene?", tone: "info" });
  });

  it("status_changed: moves on, closes the gate, shows the clips once they are filmed", () => {
    const gate = event("story_generated", { ...stored("story_generated"), awaiting_approval: true });
    const waiting = { status: "story", substage: "awaiting_approval", current_stage: "story", message: "" } as const;
    expect(after(gate, event("status_changed", waiting)).gate).toMatchObject({ stage: "story" });
    expect(after(gate, event("status_changed", { ...waiting, substage: null })).gate).toBeNull();
    const filming = { status: "videos", substage: null, current_stage: "videos", message: "Filming" } as const;
    const twice = after(event("status_changed", filming), event("status_changed", filming));
    expect(twice).toMatchObject({ status: "videos", stage: "videos", note: "Filming" });
    expect(twice.feed.filter((item) => item.kind === "clips")).toHaveLength(1);
  });

  it("story_generated: every draft is kept, the newest is up for approval", () => {
    const draft = { ...stored("story_generated"), awaiting_approval: true };
    const known = after(
      event("text_chunk", { stage: "story", text: "Once" }, null),
      event("story_generated", { ...draft, draft_digest: "one" }),
      event("story_generated", { ...draft, draft_digest: "two", round: 2 }),
    );
    expect(known.drafts.map((each) => each.digest)).toEqual(["one", "two"]);
    expect(known.gate).toEqual({ stage: "story", draft_digest: "two", quote: null });
    expect(known).toMatchObject({ title: draft.story.title, writing: "" });
    expect(known.feed.filter((item) => item.kind === "story").map((item) => item.draft)).toEqual([0, 1]);
  });

  it("AC-2.5 reference_images_ready: the images and what they have in common", () => {
    const payload = stored("reference_images_ready");
    const known = after(event("reference_images_ready", payload), event("reference_images_ready", payload));
    expect(known.references).toHaveLength(payload.images.length);
    expect(known.consistencyContext).toBe(payload.consistency_context);
    expect(known.feed.filter((item) => item.kind === "references")).toHaveLength(1);
  });

  it("scenes_generated: the same scenes in another order stay in their card", () => {
    const payload = { ...stored("scenes_generated"), awaiting_approval: true, draft_digest: "d" };
    const said = { message_id: "m", message: "", stage: "scenes" as const, action: "reorder" as const, scene_id: null };
    const turned = { ...payload, scenes: payload.scenes.toReversed() };
    const known = after(
      event("scenes_generated", payload),
      event("user_message", said),
      event("scenes_generated", turned),
    );
    expect(known.feed.map((item) => item.kind)).toEqual(["prompt", "scenes", "said"]);
    expect(known.scenes[0]?.id).toBe(payload.scenes.at(-1)?.id);
  });

  it("scenes_generated: only the last list can be changed", () => {
    const payload = { ...stored("scenes_generated"), awaiting_approval: true, draft_digest: "d" };
    const known = after(event("scenes_generated", payload), event("scenes_generated", payload));
    expect(known.feed.filter((item) => item.kind === "scenes").map((item) => item.live)).toEqual([false, true]);
    expect(known.gate).toEqual({ stage: "scenes", draft_digest: "d", quote: payload.quote });
  });

  it("scene_updated: changes that scene alone, and says why when nothing changed", () => {
    const payload = stored("scenes_generated");
    const scene = payload.scenes[1];
    if (!scene) throw new Error("no second scene");
    const update = {
      scene: { ...scene, description: "New" },
      awaiting_approval: true,
      draft_digest: "d2",
      quote: null,
    };
    const before = after(event("scenes_generated", payload));
    const known = after(event("scenes_generated", payload), event("scene_updated", { ...update, note: "Too long." }));
    expect(known.scenes[1]?.description).toBe("New");
    expect(known.scenes[0]).toBe(before.scenes[0]);
    expect(known.gate).toMatchObject({ stage: "scenes", draft_digest: "d2" });
    expect(known.feed.at(-1)).toMatchObject({ kind: "reply", text: "Too long." });
  });

  it("storyboard_ready: a still for each scene, by number", () => {
    expect(after(event("storyboard_ready", { stills: { "2": "/media/2.jpg" } })).storyboard).toEqual({
      2: "/media/2.jpg",
    });
  });

  it("vbench_score: for a clip and for the whole, null where there is none", () => {
    const breakdown = { composition: 80, coherence: 81, motion: 82, visual_appeal: 83 };
    const who = { dimensions: { cross_clip: 0.9 }, scorer: "local", scorer_version: "1", reason: null };
    const score = { clip_id: 2, overall_score: 81.5, breakdown, ...who };
    const { scores, scoring } = after(
      event("vbench_score", score),
      event("vbench_score", { ...score, clip_id: null, overall_score: null, reason: "No scorer." }),
    );
    expect(scores["2"]).toMatchObject({ clipId: 2, overall: 81.5, breakdown });
    expect(scores.overall).toMatchObject({ clipId: null, overall: null, reason: "No scorer." });
    expect(scoring).toMatchObject({ "2": false, overall: false });
  });

  it("video_complete: another take has no score, and one will come", () => {
    const breakdown = { composition: 80, coherence: 81, motion: 82, visual_appeal: 83 };
    const who = { dimensions: {}, scorer: "local", scorer_version: "1", reason: null };
    const scored = event("vbench_score", { clip_id: 2, overall_score: 81.5, breakdown, ...who });
    const { scores, scoring } = after(scored, complete(2));
    expect([scores["2"], scoring["2"]]).toEqual([undefined, true]);
  });

  it("progress_update and text_chunk: the line of the moment and the text as it is written", () => {
    const known = after(
      event("progress_update", { stage: "scenes", message: "Scene 2", fraction: null }, null),
      event("text_chunk", { stage: "story", text: "One." }, null),
      event("text_chunk", { stage: "story", text: "Two." }, null),
    );
    expect(known).toMatchObject({ note: "Scene 2", writing: "One. Two." });
  });

  it("generation_complete: the film; an earlier cut stays, told apart", () => {
    const film = { ...stored("generation_complete"), final_video_url: "/media/b.mp4", checks: ["Silent."] };
    const known = after(
      event("generation_complete", stored("generation_complete")),
      event("generation_complete", film),
    );
    expect(known).toMatchObject({ finalVideoUrl: "/media/b.mp4", checks: ["Silent."] });
    expect(known.feed.filter((item) => item.kind === "final").map((item) => item.live)).toEqual([false, true]);
  });

  it("error: in the feed, with what to do", () => {
    const error = { code: "no_space", message: "The disk is full.", hint: "Free some.", stage: null, retryable: true };
    const known = after(event("error", { ...error, message_id: null }));
    expect(known).toMatchObject({ errorCode: "no_space", errorMessage: "The disk is full." });
    expect(known.feed.at(-1)).toMatchObject({ kind: "error", text: "The disk is full.", hint: "Free some." });
  });
});

describe("AC-3.4 a clip's progress", () => {
  it("rises and never moves back", () => {
    const known = after(progress(1, 40), progress(1, 30), progress(1, 50, "rendering"), progress(1, 60, "processing"));
    expect(known.clips[1]).toMatchObject({ progress: 50, status: "rendering" });
  });

  it("touches its own clip only", () => {
    const state = applyEvents(begun(), [progress(1, 10), progress(2, 10)]);
    const next = applyEvents(state, [progress(2, 20)]);
    expect(generation(next).clips[1]).toBe(generation(state).clips[1]);
    expect(generation(next).feed).toBe(generation(state).feed);
    expect(next.lastSeq).toBe(state.lastSeq);
  });

  it("is not finished before its address is known", () => {
    expect(after(progress(1, 100, "complete")).clips[1]).toMatchObject({ status: "rendering", url: null });
    const done = after(progress(1, 100, "complete"), complete(1)).clips[1];
    expect(done).toMatchObject({ status: "complete", progress: 100, url: "/media/clip-1.mp4", duration: 3.5 });
  });

  it("late news of a finished clip is ignored", () => {
    expect(after(complete(1), progress(1, 70)).clips[1]).toMatchObject({ status: "complete", progress: 100 });
  });

  it("AC-3.7 a failed clip says why; a new take begins at nothing and clears it", () => {
    const failed = event("clip_failed", {
      clip_id: 1,
      clip_index: 0,
      code: "x",
      message: "Timed out.",
      hint: "Retry.",
    });
    const known = after(progress(1, 60), progress(2, 30), failed, progress(1, 70));
    expect(known.clips[1]).toMatchObject({
      status: "failed",
      error_message: "Timed out.",
      hint: "Retry.",
      progress: 60,
    });
    expect(known.clips[2]).toMatchObject({ status: "processing", progress: 30 });
    const again = after(progress(1, 60), failed, progress(1, 0, "queued"), progress(1, 5));
    expect(again.clips[1]).toMatchObject({ status: "processing", progress: 5, error_message: null, hint: "" });
  });

  it("a take counts its time from when it left the queue", () => {
    const at = (event: ServerEvent, second: number) => ({ ...event, timestamp: `2026-11-24T03:00:0${second}Z` });
    const known = after(at(progress(1, 0, "queued"), 1), at(progress(1, 5), 3), at(progress(1, 9), 5));
    expect(known.clips[1]?.startedAt).toBe(Date.parse("2026-11-24T03:00:03Z"));
  });

  it("clips are listed in the order of the scenes, whichever comes first", () => {
    const scenes = stored("scenes_generated");
    const turned = { ...scenes, scenes: [...scenes.scenes].reverse() };
    expect(after(event("scenes_generated", turned), complete(1), complete(3)).clipIds).toEqual([3, 1]);
  });
});
