import * as actions from "@/services/actions";
import { ApiError } from "@/services/errors";
import { closeSession, openSession } from "@/services/session";
import { DEFAULTS, toRequest } from "@/store/composerStore";
import { emptyGeneration, type Generation } from "@/store/model";
import { usePipeline } from "@/store/pipelineStore";
import { useToasts } from "@/store/toastStore";
import { FakeServer, JUST_AFTER, ok, refusal, sessionAt } from "../fixtures/server";
import { generation, session } from "../fixtures/session";
import { FakeSocket } from "../fixtures/socket";

const PATH = `/api/generations/${generation.id}`;
const QUOTE = { total_usd: "1.20", worst_usd: "1.20", items: [], digest: "price" };
let server: FakeServer;

const toasts = () => useToasts.getState().toasts.map((toast) => toast.text);

/** The generation at an open gate, as a card has it in hand. */
function at(stage: "story" | "scenes" | null): Generation {
  const known = usePipeline.getState().generations[generation.id] ?? emptyGeneration(generation.id, "");
  const gate = stage && { stage, draft_digest: "draft", quote: stage === "scenes" ? QUOTE : null };
  return { ...known, gate, stage: stage ?? "videos" };
}

/** What went over the socket last. */
function said() {
  const message = FakeSocket.last.sent.findLast(({ type }) => type === "user_feedback");
  expect(message?.generation_id).toBe(generation.id);
  return message?.payload;
}

const feed = () => usePipeline.getState().generations[generation.id]?.feed.at(-1);

beforeEach(async () => {
  vi.useFakeTimers({ now: JUST_AFTER });
  sessionStorage.clear();
  FakeSocket.install();
  server = new FakeServer().serving(sessionAt(17)).on(`GET ${PATH}`, () => ok({ ...generation, last_seq: 99 }));
  await openSession(session.session_id);
  FakeSocket.last.greet(17);
});

afterEach(() => {
  closeSession();
  useToasts.setState({ toasts: [] });
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("AC-5.8 words at a gate", () => {
  it("approve the draft and the price that were on screen, and only those", () => {
    actions.approve(at("scenes"));
    expect(said()).toMatchObject({ stage: "scenes", action: "approve", draft_digest: "draft", quote_digest: "price" });
    actions.approve(at("story"));
    expect(said()).toMatchObject({ stage: "story", action: "approve", draft_digest: "draft", quote_digest: "" });
    const before = FakeSocket.last.sent.length;
    actions.approve(at(null));
    expect(FakeSocket.last.sent).toHaveLength(before);
  });

  it("are read by the server when they are free", () => {
    actions.speak(at("story"), "make it funnier");
    expect(said()).toEqual({
      message: "make it funnier",
      stage: "story",
      scene_id: null,
      action: null,
      change: null,
      order: null,
      draft_digest: "",
      quote_digest: "",
    });
    expect(feed()).toMatchObject({ kind: "said", text: "make it funnier", action: null, sending: true });
  });

  it("say what a button means", () => {
    actions.refine(at("story"), "More dramatic");
    expect(said()).toMatchObject({ message: "More dramatic", action: "refine" });
    actions.regenerate(at("story"));
    expect(said()).toMatchObject({ message: "", action: "regenerate", scene_id: null });
    actions.regenerateScene(at("scenes"), 2);
    expect(said()).toMatchObject({ stage: "scenes", action: "regenerate", scene_id: 2 });
    actions.regenerateScene(at("scenes"), 2, "with a dog");
    expect(said()).toMatchObject({ action: "edit", scene_id: 2, message: "with a dog" });
  });

  it("change and reorder scenes at their gate without a request", async () => {
    const change = { headline: "New" } as Parameters<typeof actions.editScene>[2];
    expect(await actions.editScene(at("scenes"), 3, change)).toBe(true);
    expect(said()).toMatchObject({ action: "edit", scene_id: 3, change: { headline: "New" } });
    expect(await actions.reorderScenes(at("scenes"), [2, 1, 3, 4])).toBe(true);
    expect(said()).toMatchObject({ action: "reorder", order: [2, 1, 3, 4] });
    expect(server.asked.filter(({ method }) => method !== "GET")).toEqual([]);
  });

  it("have ids of their own", () => {
    actions.regenerate(at("story"));
    actions.regenerate(at("story"));
    expect(new Set(FakeSocket.last.words).size).toBe(2);
  });
});

describe("requests", () => {
  const asked = () => server.asked.filter(({ method }) => method !== "GET").at(-1);

  it.each([
    ["edits a scene", "PATCH", "/scenes/3", () => actions.editScene(at(null), 3, {} as never)],
    ["reorders the scenes", "POST", "/scenes/order", () => actions.reorderScenes(at(null), [2, 1, 3, 4])],
    ["AC-3.7 films one clip again", "POST", "/clips/2/retry", () => actions.retryClip(at(null), 2)],
    ["pauses", "POST", "/pause", () => actions.control(at(null), "pause")],
    ["resumes", "POST", "/resume", () => actions.control(at(null), "resume")],
    ["cancels", "POST", "/cancel", () => actions.control(at(null), "cancel")],
  ])("%s, and then fetches what changed", async (_, method, path, act) => {
    server.on(`${method} ${PATH}${path}`, () => ok({}, 202));
    expect(await act()).toBe(true);
    expect(asked()).toMatchObject({ method, path: `${PATH}${path}` });
    expect(toasts()).toEqual([]);
    await vi.advanceTimersByTimeAsync(250);
    expect(server.times(`GET ${PATH}`)).toBe(1);
  });

  it("films a clip that is fine only when told so", async () => {
    server.on(`POST ${PATH}/clips/2/retry`, () => ok({}, 202));
    await actions.retryClip(at(null), 2);
    expect(asked()?.body).toEqual({ new_take: false });
    await actions.retryClip(at(null), 2, true);
    expect(asked()?.body).toEqual({ new_take: true });
  });

  it("a refusal is told once and never thrown at a component", async () => {
    server.on(`POST ${PATH}/pause`, () => refusal(409, "conflict", "It is done already.", "Make a variant."));
    expect(await actions.control(at(null), "pause")).toBe(false);
    expect(toasts()).toEqual(["It is done already. Make a variant."]);
  });

  it("starting an ad lets the composer show the reason itself", async () => {
    const body = toRequest("An ad", DEFAULTS, []);
    server.on("POST /api/v2/generate", () => refusal(422, "invalid_input", "Too short.", "Say more."));
    await expect(actions.startAd(body, "k")).rejects.toBeInstanceOf(ApiError);
    expect(toasts()).toEqual([]);
  });
});

it.each<[Parameters<typeof actions.downloadUrl>, string]>([
  [["g1"], "/api/generations/g1/download?what=final"],
  [["g1", "clip", 2], "/api/generations/g1/download?what=clip&id=2"],
  [["g1", "reference", "a&b"], "/api/generations/g1/download?what=reference&id=a%26b"],
])("downloads %j from the server, which names the file", (of, url) => {
  expect(actions.downloadUrl(...of)).toBe(url);
});
