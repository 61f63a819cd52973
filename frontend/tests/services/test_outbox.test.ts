import { isOnline, line, plan, seen, freshLine, WORD } from "../fixtures/line";
import { FakeSocket, settled } from "../fixtures/socket";

freshLine();

describe("outbox", () => {
  beforeEach(() => {
    FakeSocket.answer = (socket) => socket.greet();
  });

  const received = (id: string, duplicate = false) =>
    FakeSocket.last.say({ type: "message_received", payload: { message_id: id, duplicate } });

  it("AC-5.3 keeps what is said without a line and sends it on opening, in order", async () => {
    const socket = line();
    socket.send("m1", "g", WORD);
    socket.send("m2", "g", WORD);
    expect(FakeSocket.last.words).toEqual([]);
    expect(seen.waiting).toBe(2);
    await settled();
    expect(FakeSocket.last.words).toEqual(["m1", "m2"]);
    expect(FakeSocket.last.sent[0]).toMatchObject({ type: "user_feedback", generation_id: "g", payload: WORD });
  });

  it("sends again what a silent line swallowed, until the server has it", async () => {
    const socket = line();
    await settled();
    socket.send("m1", "g", WORD);
    socket.send("m2", "g", WORD);
    received("m1");
    expect(seen.waiting).toBe(1);
    isOnline(false);
    isOnline(true);
    await settled();
    expect(FakeSocket.last.words).toEqual(["m2"]);
    received("m2", true);
    expect(seen.waiting).toBe(0);
    isOnline(false);
    isOnline(true);
    await settled();
    expect(FakeSocket.last.words).toEqual([]);
  });

  it.each(["user_message", "feedback_acknowledged"] as const)("%s proves that the server has it", async (type) => {
    const socket = line();
    await settled();
    socket.send("m1", "g", WORD);
    const payload = { message_id: "m1", message: "", stage: "story", action: "refine", scene_id: null };
    FakeSocket.last.say({ type, seq: 1, generation_id: "g", payload });
    expect(seen.waiting).toBe(0);
    expect(seen.events.flat().map((event) => event.type)).toEqual([type]);
  });

  it("loses nothing on a reload, and nothing of another session", async () => {
    line().send("m1", "g", WORD);
    seen.opened.pop()?.close();
    line({ sessionId: "s2" });
    await settled();
    expect(FakeSocket.last.words).toEqual([]);
    expect(line().waiting.map((message) => message.id)).toEqual(["m1"]);
    await settled();
    expect(FakeSocket.last.words).toEqual(["m1"]);
    received("m1");
    expect(sessionStorage).toHaveLength(0);
  });

  it("works with a full or broken storage", () => {
    sessionStorage.setItem("admint.outbox.s1", "{garbage");
    vi.spyOn(Storage.prototype, "setItem").mockImplementation(() => {
      throw new DOMException("full", "QuotaExceededError");
    });
    const socket = line();
    socket.send("m1", "g", WORD);
    expect(socket.waiting).toHaveLength(1);
  });

  const refuse = (payload: object) =>
    FakeSocket.last.say({ type: "error", payload: { code: "invalid_input", message: "No.", hint: "Do.", ...payload } });

  it("takes a refused message out, tells why, and sends it no more", async () => {
    const socket = line();
    await settled();
    socket.send("m1", "g", WORD);
    socket.send("m2", "g", WORD);
    refuse({ message_id: "m2" });
    expect(plan.onRefused).toHaveBeenCalledExactlyOnceWith("m2", "No. Do.");
    expect(socket.waiting.map((message) => message.id)).toEqual(["m1"]);
    expect(seen.events).toEqual([]);
  });

  it("a refusal that names none means the oldest on its way", async () => {
    const socket = line();
    await settled();
    for (const id of ["m1", "m2", "m3"]) socket.send(id, "g", WORD);
    received("m1");
    refuse({ message_id: null });
    expect(plan.onRefused).toHaveBeenCalledExactlyOnceWith("m2", "No. Do.");
    expect(socket.waiting.map((message) => message.id)).toEqual(["m3"]);
  });

  it.each(["rate_limited", "storage_error"])("sends again after a second what was not read: %s", async (code) => {
    const socket = line();
    await settled();
    socket.send("m1", "g", WORD);
    refuse({ code, message_id: null });
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.last.words).toEqual(["m1", "m1"]);
    expect(plan.onRefused).not.toHaveBeenCalled();
  });

  it("a durable error of a generation is an event, not a refusal", async () => {
    line();
    await settled();
    const payload = {
      code: "render_failed",
      message: "x",
      hint: "",
      stage: "videos",
      retryable: true,
      message_id: null,
    };
    FakeSocket.last.say({ type: "error", seq: 1, generation_id: "g", payload });
    expect(seen.events.flat()).toHaveLength(1);
    expect(plan.onRefused).not.toHaveBeenCalled();
  });
});
