import { act, render, screen } from "@testing-library/react";
import { createElement } from "react";
import { emptyGeneration } from "@/store/model";
import { pipelineStatus, useClip, usePipeline, useScore } from "@/store/pipelineStore";
import { conversation, generation, session } from "../fixtures/session";

const store = () => usePipeline.getState();
const current = () => store().generations[generation.id];
const fresh = { ...session, generations: [{ ...generation, created_at: new Date().toISOString() }] };
const said = { id: "m9", text: "funnier", stage: "story", action: null, sceneId: null } as const;

afterEach(() => act(() => store().reset()));

it("AC-5.4 goes from nothing over resuming to ready, and back", () => {
  expect(store()).toMatchObject({ phase: "idle", sessionId: null });
  store().opening("s");
  expect(store()).toMatchObject({ phase: "resuming", sessionId: "s", order: [] });
  store().load(fresh);
  expect(store()).toMatchObject({ phase: "ready", lastSeq: 30, readOnly: false, currentId: generation.id });
  store().opening("t");
  expect(store()).toMatchObject({ phase: "resuming", sessionId: "t", generations: {}, lastSeq: 0, currentId: null });
  store().failed("missing", "It is gone.");
  expect(store()).toMatchObject({ phase: "missing", problem: "It is gone." });
});

it("AC-5.4 a snapshot replaces, later events apply, earlier ones do not", () => {
  store().load({ ...fresh, last_seq: 29 });
  const before = store().generations;
  store().receive(conversation.slice(0, 29));
  expect(store().generations).toBe(before);
  store().receive(conversation);
  expect(store().lastSeq).toBe(30);
});

it("tells nobody when nothing changed", () => {
  store().load(fresh);
  const listener = vi.fn();
  const stop = usePipeline.subscribe(listener);
  store().receive(conversation);
  store().receive([]);
  store().select("unknown");
  stop();
  expect(store().currentId).toBe(generation.id);
  expect(listener.mock.calls.every(([after, before]) => after.generations === before.generations)).toBe(true);
});

it("refresh takes what is as new as the last event, refuses what is older or unknown", () => {
  store().load(fresh);
  expect(store().refresh({ ...generation, title: "Old", last_seq: 29 })).toBe(false);
  expect(store().refresh({ ...generation, id: "other", last_seq: 31 })).toBe(false);
  expect(store().refresh({ ...generation, title: "New", last_seq: 30 })).toBe(true);
  expect(current()?.title).toBe("New");
});

it("a word is shown at once and only once, and can be taken back until the server has it", () => {
  store().load(fresh);
  const length = current()?.feed.length ?? 0;
  store().said(generation.id, said);
  store().said(generation.id, said);
  expect(current()?.feed).toHaveLength(length + 1);
  expect(current()?.feed.at(-1)).toMatchObject({ kind: "said", key: "m9", sending: true });
  store().unsaid("m9");
  expect(current()?.feed).toHaveLength(length);
});

it("a word that the server has stays as the server says it", () => {
  store().load(fresh);
  const feed = current()?.feed;
  store().said(generation.id, { ...said, id: "m0" });
  store().unsaid("m0");
  expect(current()?.feed).toEqual(feed);
});

it("a word to a generation that is not here is not shown", () => {
  store().load(fresh);
  const before = store().generations;
  store().said("other", said);
  expect(store().generations).toBe(before);
});

it("AC-5.4 keeps the state of the connection and forgets it on reset", () => {
  store().connected({ state: "reconnecting", attempt: 2, reason: "" }, 3);
  expect(store()).toMatchObject({ connection: { state: "reconnecting", attempt: 2 }, waiting: 3 });
  store().reset();
  expect(store()).toMatchObject({ connection: { state: "idle" }, waiting: 0 });
});

it.each([
  [{ status: "pending" }, "story"],
  [{ status: "story" }, "story"],
  [{ status: "references" }, "references"],
  [{ status: "scenes" }, "scenes"],
  [{ status: "videos" }, "videos"],
  [{ status: "completed" }, "complete"],
  [{ status: "failed", stage: "reference_images" }, "references"],
  [{ status: "failed", stage: "videos" }, "videos"],
  [{ status: "failed", stage: null }, "story"],
] as const)("AC-5.4 %o is %s", (change, status) => {
  expect(pipelineStatus({ ...emptyGeneration("g", ""), ...change })).toBe(status);
});

it("AC-5.4 without a generation it is idle", () => {
  expect(pipelineStatus(null)).toBe("idle");
});

it("AC-3.6 one clip's progress renders that clip's row alone", () => {
  const renders: number[] = [];
  function Row({ id }: { id: number }) {
    const clip = useClip(id);
    renders.push(id);
    return createElement("p", null, `${id}: ${clip?.progress ?? "none"}`);
  }
  store().opening(session.session_id);
  store().receive(conversation.slice(0, 22));
  const tell = (id: number, progress: number) => {
    const payload = { clip_id: id, progress, status: "processing" as const, estimated: false };
    const timestamp = "2026-11-24T03:00:00Z";
    store().receive([{ type: "video_progress", generation_id: generation.id, seq: null, timestamp, payload }]);
  };
  tell(1, 1);
  tell(2, 1);
  render([1, 2].map((id) => createElement(Row, { id, key: id })));
  renders.length = 0;
  act(() => tell(2, 50));
  expect(screen.getByText("2: 50")).toBeVisible();
  expect(renders).toEqual([2]);
});

it("AC-4.6 a score is found by its clip, the whole video's without one", () => {
  const seen: unknown[] = [];
  function Scores() {
    seen.push([useScore(1)?.overall ?? null, useScore(null)?.overall ?? null]);
    return null;
  }
  store().load(fresh);
  render(createElement(Scores));
  const breakdown = { composition: null, coherence: null, motion: null, visual_appeal: null };
  const score = { breakdown, dimensions: {}, scorer: "local", scorer_version: "1", reason: null };
  const event = { type: "vbench_score" as const, generation_id: generation.id, timestamp: "2026-11-24T03:00:00Z" };
  act(() =>
    store().receive([
      { ...event, seq: 31, payload: { ...score, clip_id: 1, overall_score: 71 } },
      { ...event, seq: 32, payload: { ...score, clip_id: null, overall_score: 82 } },
    ]),
  );
  expect(seen).toEqual([
    [null, null],
    [71, 82],
  ]);
});
