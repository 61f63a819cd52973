/**
 * The one store of the conversation: session, generations, feed, connection (AC-5.4). Components select what they show;
 * a clip's row selects its own clip, so that one message renders one row. Tests: tests/store/test_pipelineStore.test.ts
 */
import { create } from "zustand";
import type { GenerationSnapshot, ServerEvent, SessionSnapshot, StageName } from "@/api/types";
import {
  emptySession,
  type Clip,
  type Connection,
  type Generation,
  type PipelineStatus,
  type SaidAction,
  type Score,
  type SessionState,
} from "./model";
import { applyEvents, withItem } from "./reduce";
import { fromGeneration, fromSession } from "./snapshot";

export interface Said {
  id: string;
  text: string;
  stage: StageName;
  action: SaidAction | null;
  sceneId: number | null;
}

interface PipelineStore extends SessionState {
  connection: Connection;
  /** Messages the server has not acknowledged yet. */
  waiting: number;
  /** Opens a session's place before its snapshot is there. */
  opening: (sessionId: string) => void;
  /** A session that could not be opened. */
  failed: (phase: "missing" | "failed", problem: string) => void;
  load: (snapshot: SessionSnapshot) => void;
  /** Overlay one generation, unless events newer than the snapshot have been applied (then false). */
  refresh: (snapshot: GenerationSnapshot) => boolean;
  receive: (events: readonly ServerEvent[]) => void;
  /** Show a message before the server has it. */
  said: (generationId: string, message: Said) => void;
  /** Take back a message that the server refused. */
  unsaid: (messageId: string) => void;
  select: (generationId: string) => void;
  connected: (connection: Connection, waiting: number) => void;
  reset: () => void;
}

const DISCONNECTED: Connection = { state: "idle", attempt: 0, reason: "" };

export const usePipeline = create<PipelineStore>()((set, get) => ({
  ...emptySession,
  connection: DISCONNECTED,
  waiting: 0,
  opening: (sessionId) => set({ ...emptySession, sessionId, phase: "resuming" }),
  failed: (phase, problem) => set({ phase, problem }),
  load: (snapshot) => set((state) => fromSession(snapshot, state.currentId)),
  refresh: (snapshot) => {
    const { generations, lastSeq } = get();
    const known = generations[snapshot.id];
    if (!known || snapshot.last_seq < lastSeq) return false;
    set({ generations: { ...generations, [snapshot.id]: fromGeneration(known, snapshot) } });
    return true;
  },
  receive: (events) => {
    const before = get();
    const after = applyEvents(before, events);
    if (after !== before) set(after);
  },
  said: (generationId, { id, text, stage, action, sceneId }) => {
    const { generations } = get();
    const known = generations[generationId];
    if (!known || known.feed.some((item) => item.key === id)) return;
    const feed = withItem(known.feed, { kind: "said", key: id, text, stage, action, sceneId, sending: true });
    set({ generations: { ...generations, [generationId]: { ...known, feed } } });
  },
  unsaid: (messageId) =>
    set(({ generations }) => ({
      generations: Object.fromEntries(
        Object.entries(generations).map(([id, each]) => [
          id,
          {
            ...each,
            feed: each.feed.filter((item) => item.kind !== "said" || item.key !== messageId || !item.sending),
          },
        ]),
      ),
    })),
  select: (generationId) => set((state) => (state.generations[generationId] ? { currentId: generationId } : {})),
  connected: (connection, waiting) => set({ connection, waiting }),
  reset: () => set({ ...emptySession, connection: DISCONNECTED, waiting: 0 }),
}));

/** The generation on screen; null before there is one. */
export function useGeneration(): Generation | null {
  return usePipeline((state) => (state.currentId ? (state.generations[state.currentId] ?? null) : null));
}

/** One field of the generation on screen: renders only when that field changes. */
export function useCurrent<T>(select: (generation: Generation) => T): T | null {
  return usePipeline((state) => {
    const generation = state.currentId ? state.generations[state.currentId] : undefined;
    return generation ? select(generation) : null;
  });
}

export function useClip(id: number): Clip | null {
  return useCurrent((generation) => generation.clips[id] ?? null);
}

/** A clip's score, or the whole video's for null; null while there is none. */
export function useScore(clipId: number | null): Score | null {
  return useCurrent((generation) => generation.scores[clipId === null ? "overall" : String(clipId)] ?? null);
}

/** The spec's status of a generation (AC-5.4). */
export function pipelineStatus(generation: Generation | null): PipelineStatus {
  if (!generation) return "idle";
  switch (generation.status) {
    case "pending":
      return "story";
    case "completed":
      return "complete";
    case "failed":
      return generation.stage === "reference_images" ? "references" : (generation.stage ?? "story");
    default:
      return generation.status;
  }
}
