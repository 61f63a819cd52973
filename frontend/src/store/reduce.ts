/**
 * How a server event changes a generation. Pure and idempotent: a durable event at or below `lastSeq` changes nothing,
 * late progress after a finished clip is ignored, an unknown type is skipped. Tests: tests/store/test_reduce.test.ts
 */
import type { Scene, ServerEvent } from "@/api/types";
import {
  emptyGeneration,
  scoreKey,
  toScore,
  type Clip,
  type FeedItem,
  type Generation,
  type SessionState,
} from "./model";

type EventOf<T extends ServerEvent["type"]> = Extract<ServerEvent, { type: T }>;
type Handlers = { [T in ServerEvent["type"]]?: (generation: Generation, event: EventOf<T>) => Generation };

export const RANK = { queued: 0, processing: 1, rendering: 2, complete: 3, failed: 3 } as const;

/** Apply events in order; the same object comes back when nothing changed. */
export function applyEvents(state: SessionState, events: readonly ServerEvent[]): SessionState {
  return events.reduce(applyEvent, state);
}

function applyEvent(state: SessionState, event: ServerEvent): SessionState {
  const { seq } = event;
  if (seq === null) return changedBy(state, event);
  return seq <= state.lastSeq ? state : { ...changedBy(state, event), lastSeq: seq };
}

/** The state with the event's generation changed; the same object where it says nothing about one we show. */
function changedBy(state: SessionState, event: ServerEvent): SessionState {
  const id = event.generation_id;
  const handler = HANDLERS[event.type] as ((generation: Generation, event: ServerEvent) => Generation) | undefined;
  if (!id || !handler) return state;
  const before = state.generations[id];
  if (!before && event.type !== "generation_started") return state;
  const after = handler(before ?? emptyGeneration(id, event.timestamp), event);
  if (after === before) return state;
  const dated = event.seq === null ? after : { ...after, updatedAt: event.timestamp };
  return {
    ...state,
    generations: { ...state.generations, [id]: dated },
    order: before ? state.order : [...state.order, id],
    currentId: state.currentId ?? id,
  };
}

/** Add an item, or put it in the place of the one with its key. */
export function withItem(feed: FeedItem[], item: FeedItem): FeedItem[] {
  const at = feed.findIndex((each) => each.key === item.key);
  return at < 0 ? [...feed, item] : feed.with(at, item);
}

/** The same scenes in another order stay in their card; a new list gets a new one. */
function reordered(feed: FeedItem[]): boolean {
  const last = feed.findLast((item) => item.kind === "said" || item.kind === "reply");
  return last?.kind === "said" && last.action === "reorder" && feed.some((item) => item.kind === "scenes");
}

/** Earlier lists of scenes and earlier cuts stay in the feed, told apart from the one that counts. */
function withLive(feed: FeedItem[], item: Extract<FeedItem, { live: boolean }>): FeedItem[] {
  const before = feed.map((each) =>
    each.kind === item.kind && each.key !== item.key ? { ...each, live: false } : each,
  );
  return withItem(before, item);
}

function withClip(generation: Generation, id: number, change: Partial<Clip>, at: number): Generation {
  const known = generation.clips[id];
  const clip: Clip = { ...(known ?? newClip(generation, id)), ...change, updatedAt: at };
  return {
    ...generation,
    clips: { ...generation.clips, [id]: clip },
    clipIds: known ? generation.clipIds : inSceneOrder(generation.scenes, [...generation.clipIds, id]),
  };
}

/** What was just made has no score yet; `expected`: one will come. */
function awaitingScore(generation: Generation, clipId: number | null, expected: boolean): Generation {
  const key = scoreKey(clipId);
  const scores = Object.fromEntries(Object.entries(generation.scores).filter(([each]) => each !== key));
  return { ...generation, scores, scoring: { ...generation.scoring, [key]: expected } };
}

function newClip(generation: Generation, id: number): Clip {
  return {
    scene_id: id,
    clip_index: Math.max(
      0,
      generation.scenes.findIndex((scene) => scene.id === id),
    ),
    url: null,
    poster_url: null,
    duration: null,
    status: "queued",
    progress: 0,
    error_code: null,
    error_message: null,
    digest: "",
    scene_digest: "",
    provider: "",
    notes: [],
    freshness: "missing",
    hint: "",
    startedAt: null,
    updatedAt: 0,
  };
}

export function inSceneOrder(scenes: readonly Scene[], ids: number[]): number[] {
  const place = new Map(scenes.map((scene, index) => [scene.id, index]));
  return [...ids].sort((a, b) => (place.get(a) ?? a) - (place.get(b) ?? b));
}

/** A clip that has ended moves again only when a new take is queued; within a take it never moves back. */
function progressed(generation: Generation, event: EventOf<"video_progress">): Generation {
  const { clip_id: id, progress, status } = event.payload;
  const known = generation.clips[id];
  const at = Date.parse(event.timestamp);
  // A take is announced as finished by video_complete: until then its address is not known.
  const shown = status === "complete" ? "rendering" : status;
  if (!known || hasEnded(known)) {
    if (known && status !== "queued") return generation;
    const clean = { error_code: null, error_message: null, hint: "" };
    return withClip(
      generation,
      id,
      { progress, status: shown, startedAt: status === "queued" ? null : at, ...clean },
      at,
    );
  }
  if (RANK[shown] < RANK[known.status]) return generation;
  const startedAt = status === "queued" ? null : (known.startedAt ?? at);
  return withClip(generation, id, { progress: Math.max(known.progress, progress), status: shown, startedAt }, at);
}

/** Filmed or failed for good. */
export function hasEnded(clip: Clip): boolean {
  return clip.status === "complete" || clip.status === "failed";
}

const HANDLERS: Handlers = {
  generation_started: (generation, { payload }) => ({
    ...generation,
    prompt: payload.prompt,
    interactive: payload.interactive,
    variant: payload.variant,
    groupId: payload.group_id,
    assetsInUse: payload.assets_in_use,
    feed: withItem(generation.feed, {
      kind: "prompt",
      key: `prompt-${generation.id}`,
      text: payload.prompt,
      assets: payload.assets_in_use,
    }),
  }),

  user_message: (generation, { payload }) => ({
    ...generation,
    feed: withItem(generation.feed, {
      kind: "said",
      key: payload.message_id,
      text: payload.message,
      stage: payload.stage,
      action: payload.action,
      sceneId: payload.scene_id,
      sending: false,
    }),
  }),

  feedback_acknowledged: (generation, { payload }) => {
    if (!payload.message) return generation;
    const key = `reply-${payload.message_id}`;
    const tone = payload.action === "unclear" ? "question" : "info";
    return { ...generation, feed: withItem(generation.feed, { kind: "reply", key, text: payload.message, tone }) };
  },

  status_changed: (generation, { payload, seq }) => {
    const moved = { ...generation, status: payload.status, substage: payload.substage, stage: payload.current_stage };
    const waiting = payload.substage === "awaiting_approval";
    const settled = { ...moved, note: payload.message, writing: "", gate: waiting ? generation.gate : null };
    if (payload.status !== "videos" || payload.substage) return settled;
    const clips: FeedItem = { kind: "clips", key: "clips" };
    return { ...settled, feed: seq ? withItem(settled.feed, clips) : settled.feed };
  },

  story_generated: (generation, { payload, seq }) => {
    const { story, critique, round, draft_digest: digest } = payload;
    const drafts = [...generation.drafts, { story, critique, round, digest }];
    const item: FeedItem = { kind: "story", key: `story-${seq ?? drafts.length}`, draft: drafts.length - 1 };
    const gate = payload.awaiting_approval
      ? { stage: "story" as const, draft_digest: digest, quote: payload.quote }
      : null;
    const feed = withItem(generation.feed, item);
    return { ...generation, drafts, feed, gate, title: story.title, writing: "", note: "" };
  },

  reference_images_ready: (generation, { payload }) => ({
    ...generation,
    references: payload.images,
    consistencyContext: payload.consistency_context,
    feed: withItem(generation.feed, { kind: "references", key: "references" }),
  }),

  scenes_generated: (generation, { payload, seq }) => ({
    ...generation,
    scenes: payload.scenes,
    adjustments: payload.adjustments,
    quote: payload.quote,
    gate: payload.awaiting_approval
      ? { stage: "scenes", draft_digest: payload.draft_digest, quote: payload.quote }
      : null,
    writing: "",
    note: "",
    feed: reordered(generation.feed)
      ? generation.feed
      : withLive(generation.feed, { kind: "scenes", key: `scenes-${seq ?? 0}`, live: true }),
  }),

  scene_updated: (generation, { payload, seq }) => {
    const scenes = generation.scenes.map((scene) => (scene.id === payload.scene.id ? payload.scene : scene));
    const gate = payload.awaiting_approval
      ? { stage: "scenes" as const, draft_digest: payload.draft_digest, quote: payload.quote }
      : generation.gate;
    const feed = payload.note
      ? withItem(generation.feed, { kind: "reply", key: `note-${seq ?? 0}`, text: payload.note, tone: "info" })
      : generation.feed;
    return { ...generation, scenes, gate, quote: payload.quote ?? generation.quote, feed, writing: "" };
  },

  storyboard_ready: (generation, { payload }) => ({
    ...generation,
    storyboard: Object.fromEntries(Object.entries(payload.stills).map(([id, url]) => [Number(id), url])),
  }),

  video_progress: progressed,

  video_complete: (generation, { payload, timestamp }) => {
    const done = { url: payload.url, duration: payload.duration, status: "complete" as const, progress: 100 };
    const clean = {
      error_code: null,
      error_message: null,
      hint: "",
      freshness: "current" as const,
      notes: payload.notes,
    };
    const made = withClip(generation, payload.clip_id, { ...done, ...clean }, Date.parse(timestamp));
    return awaitingScore(made, payload.clip_id, payload.scoring);
  },

  clip_failed: (generation, { payload, timestamp }) => {
    const told = { error_code: payload.code, error_message: payload.message, hint: payload.hint };
    return withClip(generation, payload.clip_id, { status: "failed", ...told }, Date.parse(timestamp));
  },

  cost_updated: (generation, { payload }) => ({ ...generation, spending: payload }),

  quote_changed: (generation, { payload: { quote } }) => ({
    ...generation,
    quote,
    gate: generation.gate ? { ...generation.gate, quote } : null,
  }),

  progress_update: (generation, { payload }) => ({ ...generation, note: payload.message }),

  text_chunk: (generation, { payload }) => ({
    ...generation,
    writing: generation.writing ? `${generation.writing} ${payload.text}` : payload.text,
  }),

  vbench_score: (generation, { payload }) => {
    const key = scoreKey(payload.clip_id);
    return {
      ...generation,
      scores: { ...generation.scores, [key]: toScore(payload) },
      scoring: { ...generation.scoring, [key]: false },
    };
  },

  generation_complete: (generation, { payload, seq }) => ({
    ...awaitingScore(generation, null, payload.scoring),
    finalVideoUrl: payload.final_video_url,
    duration: payload.duration,
    checks: payload.checks,
    note: "",
    feed: withLive(generation.feed, { kind: "final", key: `final-${seq ?? 0}`, live: true }),
  }),

  error: (generation, { payload, seq, timestamp }) => ({
    ...generation,
    errorCode: payload.code,
    errorMessage: payload.message,
    feed: withItem(generation.feed, {
      kind: "error",
      key: `error-${seq ?? timestamp}`,
      code: payload.code,
      text: payload.message,
      hint: payload.hint,
      retryable: payload.retryable,
    }),
  }),
};
