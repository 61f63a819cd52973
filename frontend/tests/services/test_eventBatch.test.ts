import { line, plan, progress, seen, state, freshLine } from "../fixtures/line";
import { FakeSocket, settled } from "../fixtures/socket";

freshLine();

function status(seq: number) {
  const payload = { status: "story", substage: null, current_stage: "story", message: "" };
  FakeSocket.last.say({ type: "status_changed", seq, generation_id: "g", payload });
}

describe("incoming events", () => {
  beforeEach(async () => {
    FakeSocket.answer = (socket) => socket.greet();
    line();
    await settled();
  });

  it("gathers passing events for 100 ms: the latest of each clip wins", async () => {
    for (let value = 1; value <= 50; value++) {
      progress(1, value);
      progress(2, value + 1);
    }
    expect(seen.events).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(seen.events).toHaveLength(1);
    expect(seen.events[0]?.map((event) => event.payload)).toMatchObject([
      { clip_id: 1, progress: 50 },
      { clip_id: 2, progress: 51 },
    ]);
  });

  it("never drops a piece of text", async () => {
    for (const text of ["One.", "Two.", "Three."]) {
      FakeSocket.last.say({ type: "text_chunk", generation_id: "g", payload: { stage: "story", text } });
    }
    await vi.advanceTimersByTimeAsync(100);
    expect(seen.events.flat()).toHaveLength(3);
  });

  it("a durable event is handed over at once, after what waited before it", () => {
    progress(1, 20);
    status(1);
    expect(seen.events).toHaveLength(1);
    expect(seen.events[0]?.map((event) => event.type)).toEqual(["video_progress", "status_changed"]);
    expect(vi.getTimerCount()).toBe(2); // the beat and the steady line, no flush
  });

  it("a jump in the numbers asks for the state", () => {
    status(1);
    status(2);
    expect(plan.onResync).not.toHaveBeenCalled();
    status(4);
    expect(plan.onResync).toHaveBeenCalledExactlyOnceWith(false);
    expect(seen.events.flat()).toHaveLength(3);
  });

  it.each(["", "not json", "[]", "null", "17", '{"type":"hello"}', '{"type":"error","payload":null}'])(
    "survives %j",
    (data) => {
      FakeSocket.last.raw(data);
      expect(state()).toBe("connected");
      expect(seen.events).toEqual([]);
    },
  );
});
