/**
 * A snapshot as state: the stored conversation is replayed for the feed, then the snapshot's own fields win.
 * Tests: tests/store/test_snapshot.test.ts
 */
import type { GenerationSnapshot, SessionSnapshot } from "@/api/types";
import {
  emptyGeneration,
  emptySession,
  scoreKey,
  toScore,
  type Clip,
  type FeedItem,
  type Generation,
  type SessionState,
} from "./model";
import { applyEvents, hasEnded, inSceneOrder, RANK, withItem } from "./reduce";

const FRESH_MS = 24 * 60 * 60 * 1000;

/** Return the state of a whole session, newest generation current unless `currentId` is one of them. */
export function fromSession(snapshot: SessionSnapshot, currentId: string | null, now = Date.now()): SessionState {
  const replayed = applyEvents({ ...emptySession, sessionId: snapshot.session_id }, snapshot.conversation);
  const generations: Record<string, Generation> = {};
  for (const each of snapshot.generations) {
    generations[each.id] = fromGeneration(
      replayed.generations[each.id] ?? emptyGeneration(each.id, each.created_at),
      each,
    );
  }
  const order = snapshot.generations.map((each) => each.id).sort((a, b) => (a < b ? -1 : 1));
  const latest = lastWord(snapshot);
  return {
    ...replayed,
    phase: "ready",
    generations,
    order,
    currentId: currentId && generations[currentId] ? currentId : (order.at(-1) ?? null),
    lastSeq: snapshot.last_seq,
    readOnly: now - latest > FRESH_MS,
  };
}

/** When somebody last asked or answered: a gate that expires or a star that is set is not a visit. */
function lastWord({ conversation, generations }: SessionSnapshot): number {
  const words = conversation.filter(({ type }) => type === "user_message" || type === "generation_started");
  const times = words.map(({ timestamp }) => timestamp);
  return Math.max(0, ...[...times, ...generations.map((each) => each.created_at)].map((time) => Date.parse(time)));
}

/** Lay a generation's snapshot over what the events said; only the snapshot knows what may be done and what is stale. */
export function fromGeneration(known: Generation, snapshot: GenerationSnapshot): Generation {
  const { scenes, storyboard } = snapshot;
  const rendering = snapshot.status === "videos" && !snapshot.substage;
  const clips = Object.fromEntries(
    snapshot.video_clips.map((clip) => [clip.scene_id, overlaid(known, clip, rendering)]),
  );
  const laid: Generation = {
    ...known,
    sessionId: snapshot.session_id,
    prompt: snapshot.prompt,
    title: snapshot.title,
    variant: snapshot.variant,
    groupId: snapshot.group_id,
    status: snapshot.status,
    substage: snapshot.substage,
    stage: snapshot.current_stage,
    actions: snapshot.actions,
    gate: snapshot.gate,
    quote: snapshot.gate?.quote ?? known.quote,
    spending: snapshot.spending,
    charges: snapshot.charges_unknown,
    ...filmedBy(snapshot),
    assetsInUse: snapshot.assets_in_use,
    references: snapshot.reference_images,
    consistencyContext: snapshot.consistency_context ?? "",
    scenes,
    storyboard,
    clips,
    clipIds: inSceneOrder(scenes, Object.keys(clips).map(Number)),
    finalVideoUrl: snapshot.final_video_url,
    scores: Object.fromEntries(snapshot.scores.map((score) => [scoreKey(score.clip_id), toScore(score)])),
    scoring: Object.fromEntries(snapshot.scoring.map((clipId) => [scoreKey(clipId), true])),
    duration: known.duration ?? snapshot.plan?.duration_s ?? null,
    plan: snapshot.plan,
    request: snapshot.request,
    interactive: snapshot.request.interactive !== false,
    thumbnailUrl: snapshot.thumbnail_url,
    favourite: snapshot.favourite,
    errorCode: snapshot.error_code,
    errorMessage: snapshot.error_message,
    createdAt: snapshot.created_at,
    updatedAt: snapshot.updated_at,
    completedAt: snapshot.completed_at,
  };
  return withDrafts({ ...laid, feed: completeFeed(laid) }, snapshot);
}

/** Who films, as the configuration says. */
function filmedBy({ config }: GenerationSnapshot): Pick<Generation, "videoProvider" | "clipProviders"> {
  const providers = (config.providers ?? {}) as { video?: string };
  return {
    videoProvider: providers.video ?? "local",
    clipProviders: (config.clip_providers ?? {}) as Record<string, string>,
  };
}

/** The snapshot says what a clip is; while it renders, live progress may be ahead of what was stored. */
function overlaid(known: Generation, clip: GenerationSnapshot["video_clips"][number], rendering: boolean): Clip {
  const before = known.clips[clip.scene_id];
  const laid: Clip = {
    hint: before?.hint ?? "",
    startedAt: before?.startedAt ?? null,
    updatedAt: before?.updatedAt ?? 0,
    ...clip,
  };
  if (clip.status === "complete") return { ...laid, progress: 100 };
  if (!before || hasEnded(before) || hasEnded(laid) || !rendering) return laid;
  const status = RANK[before.status] > RANK[clip.status] ? before.status : clip.status;
  return { ...laid, status, progress: Math.max(clip.progress, before.progress) };
}

function withDrafts(generation: Generation, snapshot: GenerationSnapshot): Generation {
  if (generation.drafts.length || !snapshot.story_rounds.length) return generation;
  const drafts = snapshot.story_rounds.map(({ round, story, critique }) => ({ round, story, critique, digest: "" }));
  return { ...generation, drafts };
}

/** A long conversation is cut at its old end: what the snapshot holds is shown even if its event is gone. */
function completeFeed(generation: Generation): FeedItem[] {
  const has = (kind: FeedItem["kind"]) => generation.feed.some((item) => item.kind === kind);
  const missing: FeedItem[] = [];
  if (!has("prompt")) {
    missing.push({
      kind: "prompt",
      key: `prompt-${generation.id}`,
      text: generation.prompt,
      assets: generation.assetsInUse,
    });
  }
  if (generation.references.length && !has("references")) missing.push({ kind: "references", key: "references" });
  if (generation.scenes.length && !has("scenes")) missing.push({ kind: "scenes", key: "scenes-0", live: true });
  let feed = missing.length ? [...missing, ...generation.feed] : generation.feed;
  const filmed =
    generation.status === "videos" || Object.values(generation.clips).some((clip) => clip.status !== "queued");
  if (filmed && !has("clips")) feed = withItem(feed, { kind: "clips", key: "clips" });
  if (generation.finalVideoUrl && !has("final")) feed = withItem(feed, { kind: "final", key: "final-0", live: true });
  return feed;
}
