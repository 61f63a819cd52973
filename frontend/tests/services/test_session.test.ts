import { closeSession, openSession, refreshSoon, retryConnection, sendFeedback } from "@/services/session";
import { useComposer } from "@/store/composerStore";
import { usePipeline } from "@/store/pipelineStore";
import { useToasts } from "@/store/toastStore";
import { FakeServer, JUST_AFTER, ok, refusal, sessionAt, unreachable } from "../fixtures/server";
import { conversation, generation, session } from "../fixtures/session";
import { FakeSocket, settled } from "../fixtures/socket";
import { WORD } from "../fixtures/line";

const ID = session.session_id;
const GENERATION = `GET /api/generations/${generation.id}`;
let server: FakeServer;

const store = () => usePipeline.getState();
const current = () => store().generations[generation.id];
const said = () => current()?.feed.filter((item) => item.kind === "said") ?? [];
const keys = () => current()?.feed.map((item) => item.key) ?? [];

/** The event as the socket sends it. */
function tell(seq: number) {
  const event = conversation.find((each) => each.seq === seq);
  if (event) FakeSocket.last.raw(JSON.stringify(event));
}

async function opened(seq = 4) {
  server.serving(sessionAt(seq));
  await openSession(ID);
  FakeSocket.last.greet(seq);
}

beforeEach(() => {
  vi.useFakeTimers({ now: JUST_AFTER });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  FakeSocket.install();
  sessionStorage.clear();
  server = new FakeServer();
  server.on(GENERATION, () => ok({ ...generation, last_seq: 99, actions: ["retry_clip"] }));
});

afterEach(() => {
  closeSession();
  useToasts.setState({ toasts: [] });
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("opening", () => {
  it("AC-5.6 shows the stored conversation, then follows it from its last event", async () => {
    server.serving(sessionAt(9));
    const opening = openSession(ID);
    expect(store()).toMatchObject({ phase: "resuming", sessionId: ID });
    await opening;
    expect(store()).toMatchObject({ phase: "ready", lastSeq: 9, currentId: generation.id, readOnly: false });
    expect(FakeSocket.last.url).toContain(`/ws/${ID}?since=9`);
    FakeSocket.last.greet(9);
    expect(store().connection.state).toBe("connected");
  });

  it("says that a session is missing", async () => {
    await openSession("unknown");
    expect(store().phase).toBe("missing");
    expect(store().problem).not.toBe("");
    expect(FakeSocket.all).toEqual([]);
  });

  it("says what went wrong, and opens at the next try", async () => {
    server.on(`GET /api/sessions/${ID}`, () => refusal(500, "internal", "The server had a problem.", "Try again."));
    await openSession(ID);
    expect(store()).toMatchObject({ phase: "failed", problem: "The server had a problem. Try again." });
    await opened();
    expect(store()).toMatchObject({ phase: "ready", problem: "" });
  });

  it("AC-5.6 a conversation older than a day is read, not followed", async () => {
    vi.setSystemTime(JUST_AFTER + 25 * 3600_000);
    server.serving(sessionAt(30));
    await openSession(ID);
    expect(store()).toMatchObject({ phase: "ready", readOnly: true });
    expect(FakeSocket.all).toEqual([]);
    sendFeedback("m9", generation.id, WORD);
    expect(useToasts.getState().toasts).toHaveLength(1);
  });

  it("the last of two openings counts, whichever answers first", async () => {
    let first: (answer: Response) => void = () => undefined;
    server.on("GET /api/sessions/slow", () => new Promise((resolve) => (first = resolve)));
    const slow = openSession("slow");
    await settled();
    await opened();
    first(ok({ ...sessionAt(30), session_id: "slow" }));
    await slow;
    expect(store()).toMatchObject({ sessionId: ID, phase: "ready" });
    expect(FakeSocket.alive).toHaveLength(1);
  });

  it("a double mount leaves one socket; closing leaves none, and no timer", async () => {
    server.serving(sessionAt(4));
    const first = openSession(ID);
    closeSession();
    await Promise.all([first, openSession(ID)]);
    expect(FakeSocket.alive).toHaveLength(1);
    FakeSocket.last.greet(4);
    tell(5);
    refreshSoon();
    closeSession();
    expect(FakeSocket.alive).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    expect(store()).toMatchObject({ sessionId: null, phase: "idle", connection: { state: "idle" } });
  });
});

describe("following", () => {
  it("hands events to the store and fetches what only a snapshot knows, once for many events", async () => {
    await opened(4);
    expect(current()?.actions).not.toEqual(["retry_clip"]);
    for (const seq of [5, 6, 7, 8, 9]) tell(seq);
    expect(store().lastSeq).toBe(9);
    expect(said().map((item) => item.key)).toEqual(["m0"]);
    await vi.advanceTimersByTimeAsync(250);
    expect(server.times(GENERATION)).toBe(1);
    expect(current()?.actions).toEqual(["retry_clip"]);
  });

  it("asks nothing for a word or a line of progress", async () => {
    await opened(4);
    tell(5);
    tell(6);
    await vi.advanceTimersByTimeAsync(5000);
    expect(server.times(GENERATION)).toBe(0);
  });

  it("asks again when events overtook the snapshot, and not for ever", async () => {
    const seqs = [3, 99];
    server.on(GENERATION, () => ok({ ...generation, last_seq: seqs.shift() ?? 3, title: "From the snapshot" }));
    await opened(4);
    refreshSoon();
    await vi.advanceTimersByTimeAsync(250);
    expect(current()?.title).not.toBe("From the snapshot");
    await vi.advanceTimersByTimeAsync(500);
    expect(current()?.title).toBe("From the snapshot");
    refreshSoon();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(server.times(GENERATION)).toBeLessThan(10);
  });

  it("a generation that is not shown is not fetched", async () => {
    await opened(4);
    refreshSoon("elsewhere");
    await vi.advanceTimersByTimeAsync(5000);
    expect(server.times("GET /api/generations/elsewhere")).toBe(0);
  });

  it("AC-5.7 after a lost line fetches the latest state; nothing is shown twice", async () => {
    await opened(4);
    const before = server.times(`GET /api/sessions/${ID}`);
    FakeSocket.last.break();
    expect(store().connection).toMatchObject({ state: "reconnecting", attempt: 1 });
    server.serving(sessionAt(12));
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.last.url).toContain("since=4");
    FakeSocket.last.greet(12);
    for (const seq of [5, 6, 7, 8, 9, 10]) tell(seq);
    await settled();
    for (const seq of [11, 12]) tell(seq);
    expect(server.times(`GET /api/sessions/${ID}`)).toBe(before + 1);
    expect(store()).toMatchObject({ lastSeq: 12, connection: { state: "connected" } });
    expect(new Set(keys()).size).toBe(keys().length);
    expect(current()?.drafts).toHaveLength(2);
  });

  it("an old snapshot does not undo what was heard since", async () => {
    await opened(4);
    FakeSocket.last.break();
    await vi.advanceTimersByTimeAsync(1000);
    FakeSocket.last.greet(9);
    for (const seq of [5, 6, 7, 8, 9]) tell(seq);
    await settled();
    expect(store().lastSeq).toBe(9);
    expect(current()?.drafts).toHaveLength(2);
  });

  it("a log that ends before ours makes the server's state the only one", async () => {
    await opened(9);
    FakeSocket.last.break();
    server.serving(sessionAt(4));
    await vi.advanceTimersByTimeAsync(1000);
    FakeSocket.last.greet(4, false);
    await settled();
    expect(store().lastSeq).toBe(4);
    tell(5);
    expect(said()).toHaveLength(1);
  });

  it("AC-5.7 Retry dials again after all is lost", async () => {
    await opened(4);
    server.on(`GET /api/sessions/${ID}`, unreachable);
    FakeSocket.answer = (socket) => socket.break();
    FakeSocket.last.break();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(store().connection.state).toBe("lost");
    expect(current()?.drafts).toHaveLength(1);
    const dialled = FakeSocket.all.length;
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeSocket.all).toHaveLength(dialled);
    server.serving(sessionAt(4));
    FakeSocket.answer = (socket) => socket.greet(4);
    retryConnection();
    await settled();
    expect(store().connection.state).toBe("connected");
  });
});

describe("words", () => {
  it("are sent, shown as on their way, and settled by the server's own event", async () => {
    await opened(4);
    store().said(generation.id, { id: "m0", text: "make it funnier", stage: "story", action: null, sceneId: null });
    sendFeedback("m0", generation.id, WORD);
    expect(FakeSocket.last.words).toEqual(["m0"]);
    expect(store().waiting).toBe(1);
    tell(5);
    expect(store().waiting).toBe(0);
    expect(said()).toMatchObject([{ key: "m0", sending: false }]);
  });

  it("AC-5.6 said without a line and reloaded, they are shown again and sent once", async () => {
    server.serving(sessionAt(4));
    await openSession(ID);
    sendFeedback("m0", generation.id, WORD);
    closeSession();
    await openSession(ID);
    expect(said()).toMatchObject([{ key: "m0", text: "make it funnier", sending: true }]);
    FakeSocket.last.greet(4);
    expect(FakeSocket.last.words).toEqual(["m0"]);
  });

  it("that the server turns out to have are not sent again", async () => {
    server.serving(sessionAt(4));
    await openSession(ID);
    sendFeedback("m0", generation.id, WORD);
    closeSession();
    await opened(9);
    expect(said()).toMatchObject([{ key: "m0", sending: false }]);
    expect(FakeSocket.last.words).toEqual([]);
    expect(store().waiting).toBe(0);
  });

  it("that were refused are taken back, and the reason is told", async () => {
    await opened(4);
    store().said(generation.id, { id: "m7", text: "x", stage: "story", action: null, sceneId: null });
    sendFeedback("m7", generation.id, WORD);
    const payload = { code: "gate_closed", message: "Nothing is open.", hint: "Wait.", message_id: "m7" };
    FakeSocket.last.say({ type: "error", payload });
    expect(said()).toEqual([]);
    expect(useComposer.getState().text).toBe("x");
    useComposer.getState().clear();
    expect(store().waiting).toBe(0);
    expect(useToasts.getState().toasts).toMatchObject([{ text: "Nothing is open. Wait.", tone: "error" }]);
  });
});
