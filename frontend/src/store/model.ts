/** What the interface knows about a session: generations, their feed and the connection. Pure data, no behaviour. */
import type {
  CallView,
  ClipState,
  Critique,
  Gate,
  GenerationSnapshot,
  Quote,
  ReferenceImage,
  Scene,
  ScoreBreakdown,
  Spending,
  StageName,
  Status,
  Story,
  Substage,
  VBenchScore,
} from "@/api/types";

/** The spec's words for where a pipeline stands (AC-5.4). */
export type PipelineStatus = "idle" | "story" | "references" | "scenes" | "videos" | "complete";

export interface Draft {
  round: number;
  story: Story;
  critique: Critique;
  digest: string;
}

/** A clip's latest take. Times are local milliseconds, for the time left. */
export interface Clip extends ClipState {
  hint: string;
  startedAt: number | null;
  updatedAt: number;
}

/** A quality score 0-100; null where none could be given, with the reason. Key: clip id, or "overall". */
export interface Score {
  clipId: number | null;
  overall: number | null;
  breakdown: ScoreBreakdown;
  dimensions: Record<string, number>;
  scorer: string;
  reason: string | null;
}

/** The key of a clip's score, or of the whole video's for null. */
export function scoreKey(clipId: number | null): string {
  return clipId === null ? "overall" : String(clipId);
}

/** A score as the wire has it. */
export function toScore({ clip_id: clipId, overall_score: overall, ...rest }: VBenchScore): Score {
  const { breakdown, dimensions, scorer, reason } = rest;
  return { clipId, overall, breakdown, dimensions, scorer, reason };
}

export type SaidAction = "approve" | "regenerate" | "refine" | "edit" | "reorder" | "cancel" | "unclear";

export type FeedItem =
  | { kind: "prompt"; key: string; text: string; assets: string[] }
  | {
      kind: "said";
      key: string;
      text: string;
      stage: StageName;
      action: SaidAction | null;
      sceneId: number | null;
      sending: boolean;
    }
  | { kind: "reply"; key: string; text: string; tone: "info" | "question" }
  | { kind: "story"; key: string; draft: number }
  | { kind: "references"; key: string }
  | { kind: "scenes"; key: string; live: boolean }
  | { kind: "clips"; key: string }
  | { kind: "final"; key: string; live: boolean }
  | { kind: "error"; key: string; code: string; text: string; hint: string; retryable: boolean };

export interface Generation {
  id: string;
  sessionId: string | null;
  prompt: string;
  title: string | null;
  variant: string;
  groupId: string | null;
  interactive: boolean;
  status: Status;
  substage: Substage;
  stage: StageName | null;
  /** What the server allows now: approve, refine, regenerate, edit_scene, regenerate_scene, reorder_scenes, ... */
  actions: string[];
  gate: Gate | null;
  quote: Quote | null;
  spending: Spending;
  /** Paid calls nobody knows the charge of: the person decides on each. */
  charges: CallView[];
  /** Who films the clips, and the scenes where it is somebody else. */
  videoProvider: string;
  clipProviders: Record<string, string>;
  feed: FeedItem[];
  drafts: Draft[];
  /** Text as it is being written; empty otherwise. */
  writing: string;
  /** The latest line about what is being done; empty otherwise. */
  note: string;
  assetsInUse: string[];
  references: ReferenceImage[];
  consistencyContext: string;
  scenes: Scene[];
  adjustments: string[];
  /** Scene id to the address of its still. */
  storyboard: Record<number, string>;
  clips: Record<number, Clip>;
  clipIds: number[];
  scores: Record<string, Score>;
  /** What a score will still come of; same keys. */
  scoring: Record<string, boolean>;
  finalVideoUrl: string | null;
  duration: number | null;
  checks: string[];
  plan: GenerationSnapshot["plan"];
  request: GenerationSnapshot["request"];
  thumbnailUrl: string | null;
  favourite: boolean;
  errorCode: string | null;
  errorMessage: string | null;
  createdAt: string;
  updatedAt: string;
  completedAt: string | null;
}

export type ConnectionState =
  "idle" | "connecting" | "connected" | "reconnecting" | "lost" | "polling" | "disconnected";

export interface Connection {
  state: ConnectionState;
  /** Failed attempts since the last open socket. */
  attempt: number;
  /** Why the socket will not be dialled again, said to people; empty otherwise. */
  reason: string;
}

export interface SessionState {
  sessionId: string | null;
  phase: "idle" | "resuming" | "ready" | "missing" | "failed";
  /** Said when a session could not be opened. */
  problem: string;
  /** An old conversation (AC-5.6): shown from the database, not to be gone on with. */
  readOnly: boolean;
  generations: Record<string, Generation>;
  order: string[];
  currentId: string | null;
  lastSeq: number;
}

export const emptySession: SessionState = {
  sessionId: null,
  phase: "idle",
  problem: "",
  readOnly: false,
  generations: {},
  order: [],
  currentId: null,
  lastSeq: 0,
};

export function emptyGeneration(id: string, at: string): Generation {
  return {
    id,
    sessionId: null,
    prompt: "",
    title: null,
    variant: "",
    groupId: null,
    interactive: true,
    status: "pending",
    substage: null,
    stage: null,
    actions: [],
    gate: null,
    quote: null,
    spending: { spent_usd: "0", reserved_usd: "0", cap_usd: "0" },
    charges: [],
    videoProvider: "local",
    clipProviders: {},
    feed: [],
    drafts: [],
    writing: "",
    note: "",
    assetsInUse: [],
    references: [],
    consistencyContext: "",
    scenes: [],
    adjustments: [],
    storyboard: {},
    clips: {},
    clipIds: [],
    scores: {},
    scoring: {},
    finalVideoUrl: null,
    duration: null,
    checks: [],
    plan: null,
    request: {},
    thumbnailUrl: null,
    favourite: false,
    errorCode: null,
    errorMessage: null,
    createdAt: at,
    updatedAt: at,
    completedAt: null,
  };
}
