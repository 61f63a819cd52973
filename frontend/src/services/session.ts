/**
 * Keeps the session on screen: its snapshot, its socket, its words. One at a time. Called by the routes and by
 * actions.ts. Tests: tests/services/test_session.test.ts
 */
import type { FeedbackPayload, ServerEvent } from "@/api/types";
import { useComposer } from "@/store/composerStore";
import type { Connection } from "@/store/model";
import { usePipeline } from "@/store/pipelineStore";
import { useToasts } from "@/store/toastStore";
import { fetchGeneration, fetchSession, signIn } from "./api";
import { ApiError, told } from "./errors";
import { Poller } from "./polling";
import { SessionSocket } from "./websocket";

const REFRESH_MS = 250;
const REFRESH_TRIES = 4;
/** After these only a snapshot knows what may be done now and which clips are out of date. */
const CHANGING = new Set<ServerEvent["type"]>([
  "status_changed",
  "story_generated",
  "scenes_generated",
  "scene_updated",
  "video_complete",
  "clip_failed",
  "generation_complete",
  "charge_unknown",
]);

interface Line {
  sessionId: string;
  socket: SessionSocket;
  poller: Poller;
}

let line: Line | null = null;
/** Counts openings: an answer that comes after the next one is not wanted any more. */
let opening = 0;
/** Generations to fetch, and how often that gave nothing new. */
let changed = new Map<string, number>();
let refreshing: ReturnType<typeof setTimeout> | null = null;

/** Show a session: its snapshot first, then what happens from there on. */
export async function openSession(sessionId: string): Promise<void> {
  closeSession();
  const mine = opening;
  const store = usePipeline.getState();
  store.opening(sessionId);
  try {
    const snapshot = await fetchSession(sessionId);
    if (mine !== opening) return;
    store.load(snapshot);
  } catch (error) {
    if (mine === opening) failedToOpen(error);
    return;
  }
  if (!usePipeline.getState().readOnly) connect(sessionId);
}

/** Leave the session. Nothing on the server stops. */
export function closeSession(): void {
  opening++;
  const before = line;
  line = null;
  before?.poller.stop();
  before?.socket.close();
  if (refreshing !== null) clearTimeout(refreshing);
  refreshing = null;
  changed = new Map();
  usePipeline.getState().reset();
}

/** Say something at a gate. It is kept until the server has it. */
export function sendFeedback(id: string, generationId: string, payload: FeedbackPayload): void {
  if (!line) {
    refused(id, "This conversation is not open for changes, so nothing was sent.");
    return;
  }
  line.socket.send(id, generationId, payload);
  line.poller.hurry();
}

/** Dial again now. */
export function retryConnection(): void {
  line?.socket.retry();
}

/** Fetch the snapshot of the generation on screen, and of those that changed, soon and once. */
export function refreshSoon(generationId?: string): void {
  const id = generationId ?? usePipeline.getState().currentId;
  if (!id) return;
  changed.set(id, 0);
  refreshing ??= setTimeout(() => void refresh(), REFRESH_MS);
}

function failedToOpen(error: unknown): void {
  const missing = error instanceof ApiError && (error.status === 404 || error.status === 400);
  const store = usePipeline.getState();
  if (missing) store.failed("missing", "It does not exist, or it was deleted.");
  else store.failed("failed", told(error));
}

function connect(sessionId: string): void {
  const lastSeq = () => usePipeline.getState().lastSeq;
  let known: Connection = { state: "connecting", attempt: 0, reason: "" };
  const publish = () => {
    const shown: Connection = poller.working ? { state: "polling", attempt: 0, reason: "" } : known;
    usePipeline.getState().connected(shown, socket.waiting.length);
  };
  const socket: SessionSocket = new SessionSocket({
    sessionId,
    lastSeq,
    onEvents: receive,
    onConnection: (connection) => {
      known = connection;
      poller.follow(connection.state, connection.attempt);
      publish();
    },
    onResync: (reset) => void resync(sessionId, reset),
    onRefused: refused,
    signIn,
  });
  const poller: Poller = new Poller({
    sessionId,
    lastSeq,
    onEvents: receive,
    waiting: () => socket.waiting,
    onDelivered: (id) => socket.acknowledged(id),
    onRefused: refused,
    onRedial: () => socket.retry(),
    onChange: publish,
    signIn,
  });
  line = { sessionId, socket, poller };
  showWaiting(socket);
  socket.open();
}

/** Words kept over a reload are shown again, as still on their way; what the server has by now is not sent again. */
function showWaiting(socket: SessionSocket): void {
  const { generations, said } = usePipeline.getState();
  for (const { id, generation_id: generationId, payload } of [...socket.waiting]) {
    const feed = (generationId && generations[generationId]?.feed) || [];
    if (feed.some((item) => item.kind === "said" && item.key === id && !item.sending)) {
      socket.acknowledged(id);
    } else if (generationId) {
      const { message, stage, action, scene_id: sceneId } = payload;
      said(generationId, { id, text: message, stage, action, sceneId });
    }
  }
}

function receive(events: ServerEvent[]): void {
  usePipeline.getState().receive(events);
  for (const { type, generation_id: id } of events) if (id && CHANGING.has(type)) refreshSoon(id);
}

function refused(messageId: string | null, text: string): void {
  if (messageId) {
    putBack(messageId);
    usePipeline.getState().unsaid(messageId);
  }
  useToasts.getState().show({ text, tone: "error" });
  refreshSoon();
}

/** A person's own words that had no effect go back to where they were typed, unless something new stands there. */
function putBack(messageId: string): void {
  const feeds = Object.values(usePipeline.getState().generations).flatMap((each) => each.feed);
  const said = feeds.find((item) => item.kind === "said" && item.key === messageId);
  const composer = useComposer.getState();
  if (said?.kind === "said" && said.sending && said.text && !composer.text) composer.write(said.text);
}

/** The state the server has replaces ours after a lost line (AC-5.7); an older one only where its log was `reset`. */
async function resync(sessionId: string, reset: boolean): Promise<void> {
  const mine = opening;
  const snapshot = await fetchSession(sessionId).catch(() => null);
  if (mine !== opening) return;
  if (snapshot && (reset || snapshot.last_seq >= usePipeline.getState().lastSeq)) {
    usePipeline.getState().load(snapshot);
    if (line) showWaiting(line.socket);
  } else {
    // What was missed is replayed as well; the snapshot only makes sure.
    refreshSoon();
  }
}

async function refresh(): Promise<void> {
  const mine = opening;
  const asked = changed;
  changed = new Map();
  for (const [id, tries] of asked) {
    if (!usePipeline.getState().generations[id]) continue;
    const snapshot = await fetchGeneration(id).catch(() => null);
    if (mine !== opening) return;
    const done = snapshot !== null && usePipeline.getState().refresh(snapshot);
    // Events overtook the answer, or there was none: ask again, a few times.
    if (!done && tries < REFRESH_TRIES && !changed.has(id)) changed.set(id, tries + 1);
  }
  const slower = Math.max(0, ...changed.values());
  refreshing = changed.size ? setTimeout(() => void refresh(), REFRESH_MS * 2 ** slower) : null;
}
