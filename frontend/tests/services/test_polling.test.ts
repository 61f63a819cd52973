import { closeSession, openSession, sendFeedback } from "@/services/session";
import { usePipeline } from "@/store/pipelineStore";
import { useToasts } from "@/store/toastStore";
import { FakeServer, JUST_AFTER, ok, refusal, sessionAt, unreachable } from "../fixtures/server";
import { conversation, generation, session } from "../fixtures/session";
import { FakeSocket } from "../fixtures/socket";
import { WORD } from "../fixtures/line";

const ID = session.session_id;
const EVENTS = `GET /api/sessions/${ID}/events`;
const FEEDBACK = `POST /api/generations/${generation.id}/feedback`;
let server: FakeServer;
let newest: number;

const store = () => usePipeline.getState();

function log(since: number) {
  const events = conversation.filter(({ seq }) => (seq ?? 0) > since && (seq ?? 0) <= newest);
  return { session_id: ID, events, last_seq: newest, has_more: false };
}

beforeEach(async () => {
  vi.useFakeTimers({ now: JUST_AFTER });
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  FakeSocket.install();
  FakeSocket.answer = (socket) => socket.break();
  sessionStorage.clear();
  newest = 4;
  server = new FakeServer();
  server.serving(sessionAt(4)).on(EVENTS, ({ query }) => ok(log(Number(query.get("since")))));
  server.on(FEEDBACK, () => ok({ accepted: true, duplicate: false }, 202));
  await openSession(ID);
});

afterEach(() => {
  closeSession();
  useToasts.setState({ toasts: [] });
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it("NFR-I2 follows by HTTP every two seconds when no socket can be had", async () => {
  await vi.advanceTimersByTimeAsync(900);
  expect(server.times(EVENTS)).toBe(0);
  await vi.advanceTimersByTimeAsync(4000);
  expect(store().connection.state).toBe("polling");
  newest = 9;
  const before = server.times(EVENTS);
  await vi.advanceTimersByTimeAsync(2000);
  expect(server.times(EVENTS)).toBe(before + 1);
  expect(store().lastSeq).toBe(9);
  expect(store().generations[generation.id]?.drafts).toHaveLength(2);
});

it("NFR-I2 works in a browser without sockets", async () => {
  closeSession();
  vi.stubGlobal("WebSocket", undefined);
  await openSession(ID);
  await vi.advanceTimersByTimeAsync(5000);
  expect(store().connection.state).toBe("polling");
});

it("does not speak of polling when the socket is back by the time the server answers", async () => {
  const states = new Set<string>();
  const stop = usePipeline.subscribe(({ connection }) => states.add(connection.state));
  FakeSocket.answer = (socket) => (FakeSocket.all.length <= 2 ? socket.break() : socket.greet(4));
  await vi.advanceTimersByTimeAsync(20_000);
  stop();
  expect(states).not.toContain("polling");
  expect(store().connection.state).toBe("connected");
  const asked = server.times(EVENTS);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(server.times(EVENTS)).toBe(asked);
});

it("tries the socket again at least every 30 s, and stops polling once it connects", async () => {
  await vi.advanceTimersByTimeAsync(65_000);
  expect(store().connection.state).toBe("polling");
  const dialled = FakeSocket.all.length;
  await vi.advanceTimersByTimeAsync(32_000);
  expect(FakeSocket.all.length).toBeGreaterThan(dialled);
  FakeSocket.answer = (socket) => socket.greet(4);
  await vi.advanceTimersByTimeAsync(32_000);
  expect(store().connection.state).toBe("connected");
  const asked = server.times(EVENTS);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(server.times(EVENTS)).toBe(asked);
});

it("sends words by HTTP at once, with their id", async () => {
  await vi.advanceTimersByTimeAsync(5000);
  sendFeedback("m1", generation.id, WORD);
  await vi.advanceTimersByTimeAsync(10);
  expect(server.asked.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([
    { ...WORD, id: "m1" },
  ]);
  expect(store().waiting).toBe(0);
});

it.each([401, 429, 503])("keeps a word that met a %i and sends it later", async (status) => {
  await vi.advanceTimersByTimeAsync(5000);
  server.on(FEEDBACK, () => refusal(status, "x", "Not now."));
  server.on("POST /api/auth/local-session", () => ok({ user: {} }));
  sendFeedback("m1", generation.id, WORD);
  await vi.advanceTimersByTimeAsync(10);
  expect(store().waiting).toBe(1);
  if (status === 401) expect(server.times("POST /api/auth/local-session")).toBe(1);
  server.on(FEEDBACK, () => ok({}, 202));
  await vi.advanceTimersByTimeAsync(5000);
  expect(store().waiting).toBe(0);
  expect(useToasts.getState().toasts).toEqual([]);
});

it("takes a refused word out and tells why; the next one still goes", async () => {
  await vi.advanceTimersByTimeAsync(5000);
  server.on(FEEDBACK, ({ body }) =>
    (body as { id: string }).id === "m1" ? refusal(409, "conflict", "Nothing is open.") : ok({}, 202),
  );
  sendFeedback("m1", generation.id, WORD);
  sendFeedback("m2", generation.id, WORD);
  await vi.advanceTimersByTimeAsync(10);
  expect(store().waiting).toBe(0);
  expect(useToasts.getState().toasts).toMatchObject([{ text: "Nothing is open.", tone: "error" }]);
});

it("AC-5.7 says that the connection is lost when the server is gone as well", async () => {
  await vi.advanceTimersByTimeAsync(5000);
  expect(store().connection.state).toBe("polling");
  server.on(EVENTS, unreachable);
  await vi.advanceTimersByTimeAsync(2500);
  expect(store().connection.state).toBe("reconnecting");
  await vi.advanceTimersByTimeAsync(40_000);
  expect(store().connection.state).toBe("lost");
  const asked = server.times(EVENTS);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.times(EVENTS)).toBe(asked);
});

it("reads a long log to its end without waiting", async () => {
  newest = 30;
  let pages = 0;
  server.on(EVENTS, ({ query }) => {
    pages += 1;
    const page = log(Number(query.get("since")));
    return ok({ ...page, events: page.events.slice(0, 10), has_more: page.events.length > 10 });
  });
  await vi.advanceTimersByTimeAsync(1100);
  expect(store().lastSeq).toBe(30);
  expect(pages).toBe(3);
});
