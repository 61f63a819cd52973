/** Dialling, beating and closing; what is said and heard: test_outbox and test_eventBatch. */
import { isOnline, line, plan, progress, seen, state, freshLine, WORD } from "../fixtures/line";
import { FakeSocket, settled } from "../fixtures/socket";

freshLine();

const refuseAll = () => (FakeSocket.answer = (socket) => socket.break());

describe("dialling", () => {
  it("AC-5.3 connects by itself to the session, from the last event known", () => {
    seen.lastSeq = 12;
    line();
    expect(FakeSocket.last.url).toBe(`ws://${location.host}/ws/s1?since=12`);
    expect(state()).toBe("connecting");
    FakeSocket.last.greet(12);
    expect(seen.states.at(-1)).toEqual({ state: "connected", attempt: 0, reason: "" });
  });

  it("AC-5.3 AC-5.7 dials again after exactly 1, 2, 4, 8 and 16 s, then waits for a person", async () => {
    refuseAll();
    line();
    await vi.advanceTimersByTimeAsync(600_000);
    const times = FakeSocket.all.map((socket) => socket.at);
    expect(times.map((at, index) => at - (times[index - 1] ?? at))).toEqual([0, 1000, 2000, 4000, 8000, 16_000]);
    expect(seen.states.at(-1)).toMatchObject({ state: "lost", attempt: 5 });
  });

  it("dials no earlier than the pause", async () => {
    refuseAll();
    line();
    await vi.advanceTimersByTimeAsync(999);
    expect(FakeSocket.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("spreads its pauses by a fifth, so that many tabs don't come back at once", async () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    refuseAll();
    line({ jitter: 0.2 });
    await vi.advanceTimersByTimeAsync(1199);
    expect(FakeSocket.all).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("AC-5.7 starts anew when a person retries", async () => {
    refuseAll();
    const socket = line();
    await vi.advanceTimersByTimeAsync(40_000);
    expect(state()).toBe("lost");
    FakeSocket.answer = (each) => each.greet();
    socket.retry();
    expect(state()).toBe("reconnecting");
    await settled();
    expect(state()).toBe("connected");
  });

  it("gives up on a line that never says anything, after 10 s", async () => {
    line();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(FakeSocket.all[0]?.readyState).toBe(FakeSocket.CLOSED);
    expect(seen.states.at(-1)).toMatchObject({ state: "reconnecting", attempt: 1 });
  });

  it("counts a browser that makes no sockets as a failed attempt", () => {
    vi.stubGlobal("WebSocket", undefined);
    line();
    expect(seen.states.at(-1)).toMatchObject({ state: "reconnecting", attempt: 1 });
  });

  it("does not dial for ever when every line breaks right after the greeting", async () => {
    FakeSocket.answer = (socket) => {
      socket.greet();
      socket.break(1011);
    };
    line();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeSocket.all).toHaveLength(6);
    expect(state()).toBe("lost");
  });

  it("forgets its failures once a line has stood for five seconds", async () => {
    FakeSocket.answer = (socket) => socket.greet();
    line();
    await vi.advanceTimersByTimeAsync(5000);
    FakeSocket.last.break();
    await vi.advanceTimersByTimeAsync(1000);
    await vi.advanceTimersByTimeAsync(5000);
    FakeSocket.last.break();
    expect(seen.states.at(-1)).toMatchObject({ state: "reconnecting", attempt: 1 });
  });
});

describe("a living line", () => {
  beforeEach(() => {
    FakeSocket.answer = (socket) => socket.greet();
  });

  it("AC-5.3 beats every 30 s, also while the server talks", async () => {
    line();
    await settled();
    const first = FakeSocket.last;
    for (let second = 1; second <= 60; second++) {
      await vi.advanceTimersByTimeAsync(1000);
      first.say({ type: "heartbeat", payload: {} });
    }
    expect(first.sent.map((message) => message.type)).toEqual(["heartbeat", "heartbeat"]);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("AC-5.3 closes a line that does not answer a beat within 10 s, and dials again", async () => {
    line();
    await settled();
    const first = FakeSocket.last;
    await vi.advanceTimersByTimeAsync(39_999);
    expect(state()).toBe("connected");
    await vi.advanceTimersByTimeAsync(1);
    expect(first.readyState).toBe(FakeSocket.CLOSED);
    expect(state()).toBe("reconnecting");
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.alive).toHaveLength(1);
    expect(state()).toBe("connected");
  });

  it("AC-5.7 says so at once when the network goes, lets go of the silent socket, and dials at once when it is back", async () => {
    line();
    await settled();
    const first = FakeSocket.last;
    isOnline(false);
    expect(state()).toBe("reconnecting");
    expect(first.readyState).toBe(FakeSocket.CLOSED);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeSocket.all).toHaveLength(1);
    isOnline(true);
    expect(FakeSocket.all).toHaveLength(2);
    await settled();
    expect(state()).toBe("connected");
  });

  it("opened without a network, it waits for one", async () => {
    seen.online = false;
    line();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all).toHaveLength(0);
    expect(state()).toBe("reconnecting");
    isOnline(true);
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("hears nothing more from a socket it let go of", async () => {
    line();
    await settled();
    const first = FakeSocket.last;
    isOnline(false);
    isOnline(true);
    await settled();
    const known = seen.states.length;
    first.break(4404, "late");
    first.say({ type: "status_changed", seq: 1, payload: {} });
    expect(seen.states).toHaveLength(known);
    expect(seen.events).toEqual([]);
  });

  it("asks for the state after it was away, but not on first opening", async () => {
    line();
    await settled();
    expect(plan.onResync).not.toHaveBeenCalled();
    FakeSocket.last.break();
    await vi.advanceTimersByTimeAsync(1000);
    expect(plan.onResync).toHaveBeenCalledExactlyOnceWith(false);
  });

  it("lets only the server's word count when its log ends before ours", async () => {
    FakeSocket.answer = (socket) => socket.greet(2, false);
    seen.lastSeq = 40;
    line();
    await settled();
    expect(plan.onResync).toHaveBeenCalledExactlyOnceWith(true);
  });

  it("AC-5.3 close leaves no timer, no listener and no socket", async () => {
    const added = vi.spyOn(window, "addEventListener");
    const removed = vi.spyOn(window, "removeEventListener");
    const socket = line();
    await settled();
    progress(1, 10);
    FakeSocket.last.say({ type: "error", payload: { code: "storage_error", message: "", hint: "", message_id: null } });
    socket.close();
    expect(vi.getTimerCount()).toBe(0);
    expect(FakeSocket.alive).toEqual([]);
    const names = (calls: unknown[][]) => calls.map(([name, heard]) => [name, heard]);
    expect(names(removed.mock.calls)).toEqual(names(added.mock.calls));
    expect(state()).toBe("disconnected");
  });

  it("a double mount leaves one socket", async () => {
    line().close();
    line();
    await settled();
    expect(FakeSocket.alive).toHaveLength(1);
  });

  it("closed during a pause or a sign-in, it dials no more", async () => {
    let signedIn: (value: null) => void = () => undefined;
    plan.signIn.mockReturnValue(new Promise((resolve) => (signedIn = resolve)));
    const signing = line();
    await settled();
    FakeSocket.last.break(4401);
    signing.close();
    signedIn(null);
    refuseAll();
    const pausing = line();
    await settled();
    pausing.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(FakeSocket.all).toHaveLength(2);
  });
});

describe("close codes", () => {
  it.each([4400, 4403, 4404])("%i: says why and does not dial again, network or not", async (code) => {
    line();
    FakeSocket.last.break(code, "There is no such session.");
    expect(seen.states.at(-1)).toEqual({ state: "disconnected", attempt: 0, reason: "There is no such session." });
    isOnline(false);
    isOnline(true);
    await vi.advanceTimersByTimeAsync(600_000);
    expect(FakeSocket.all).toHaveLength(1);
    expect(seen.states.at(-1)).toMatchObject({ state: "disconnected", reason: "There is no such session." });
  });

  it("4401: signs in once and dials at once", async () => {
    line();
    FakeSocket.answer = (socket) => socket.greet();
    FakeSocket.last.break(4401);
    await settled();
    expect(plan.signIn).toHaveBeenCalledTimes(1);
    expect(FakeSocket.all).toHaveLength(2);
    expect(state()).toBe("connected");
  });

  it("4401 again: backs off instead of signing in for ever", async () => {
    FakeSocket.answer = (socket) => socket.break(4401);
    line();
    await vi.advanceTimersByTimeAsync(600_000);
    expect(plan.signIn).toHaveBeenCalledTimes(1);
    expect(FakeSocket.all).toHaveLength(7);
    expect(state()).toBe("lost");
  });

  it("4401 without a way to sign in: backs off", async () => {
    plan.signIn.mockRejectedValue(new Error("no"));
    line();
    FakeSocket.last.break(4401);
    await settled();
    expect(seen.states.at(-1)).toMatchObject({ state: "reconnecting", attempt: 1 });
  });

  it.each([4429, 1013, 1001, 1011])("%i: comes back after a pause", async (code) => {
    line();
    FakeSocket.last.break(code);
    expect(seen.states.at(-1)).toMatchObject({ state: "reconnecting", attempt: 1 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.all).toHaveLength(2);
  });

  it("1009: takes the largest message out, tells, and goes on with the rest", async () => {
    FakeSocket.answer = (socket) => socket.greet();
    const socket = line();
    await settled();
    socket.send("small", "g", WORD);
    socket.send("large", "g", { ...WORD, message: "x".repeat(500) });
    FakeSocket.last.break(1009, "A message may have 256 KiB.");
    expect(plan.onRefused).toHaveBeenCalledExactlyOnceWith("large", "A message may have 256 KiB.");
    await vi.advanceTimersByTimeAsync(1000);
    expect(FakeSocket.last.words).toEqual(["small"]);
  });
});
