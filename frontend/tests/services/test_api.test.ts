import { api, fetchGeneration, fetchSession, generate, page, signIn, unwrap } from "@/services/api";
import { ApiError, told } from "@/services/errors";
import { DEFAULTS, toRequest } from "@/store/composerStore";
import { FakeServer, ok, refusal, unreachable } from "../fixtures/server";
import { generation, session } from "../fixtures/session";

const BODY = toRequest("Create a 15-second ad for Verde", DEFAULTS, []);
let server: FakeServer;

beforeEach(() => {
  server = new FakeServer();
});
afterEach(() => vi.unstubAllGlobals());

/** The error that fetching a session ends in when the server answers so. */
async function failed(answer: () => Response | Promise<Response>): Promise<ApiError> {
  server.on("GET /api/sessions/", answer);
  const error: unknown = await fetchSession("s").then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApiError)) throw new Error(`not an ApiError: ${String(error)}`);
  return error;
}

it("unwraps what was asked for", async () => {
  server.serving(session).on(`GET /api/generations/${generation.id}`, () => ok(generation));
  expect(await fetchSession(session.session_id)).toEqual(session);
  expect(await fetchGeneration(generation.id)).toEqual(generation);
});

it("asks for an ad with the key that makes a repeat harmless", async () => {
  server.on("POST /api/v2/generate", () => ok({ generation_id: "g", session_id: "s" }, 202));
  expect(await generate(BODY, "key-1")).toMatchObject({ session_id: "s" });
  expect(server.asked[0]?.headers.get("Idempotency-Key")).toBe("key-1");
  expect(server.asked[0]?.body).toMatchObject({ prompt: "Create a 15-second ad for Verde", interactive: true });
});

it("gives a page with its cursor, and fails like the rest", async () => {
  const list = { data: [], pagination: { next_cursor: "c", limit: 20 }, status: "success", message: null };
  server.on("GET /api/generations", () => Response.json(list));
  expect((await page(api.GET("/api/generations"))).pagination.next_cursor).toBe("c");
  server.on("GET /api/generations", unreachable);
  await expect(page(api.GET("/api/generations"))).rejects.toMatchObject({ code: "unreachable" });
});

describe("failures say what happened and what to do", () => {
  it("in the server's own words", async () => {
    const error = await failed(() => refusal(401, "unauthorized", "You are not signed in.", "Reload the page."));
    expect(error).toMatchObject({ code: "unauthorized", status: 401, retryAfterS: null });
    expect(told(error)).toBe("You are not signed in. Reload the page.");
  });

  it("429: with the seconds to wait", async () => {
    const error = await failed(() => refusal(429, "rate_limited", "Too much at once.", "", { "Retry-After": "7" }));
    expect(error).toMatchObject({ code: "rate_limited", status: 429, retryAfterS: 7 });
    expect(told(error)).toBe("Too much at once.");
  });

  it("422: field by field", async () => {
    const problems = [{ where: "prompt", message: "is too short" }];
    const body = { code: "invalid_input", message: "Not legal.", hint: "", details: { problems } };
    const error = await failed(() => Response.json({ error: body, status: "error" }, { status: 422 }));
    expect(error.problems).toEqual(problems);
  });

  it.each([
    ["a page of a proxy", () => new Response("<html>Bad gateway</html>", { status: 502 })],
    ["nothing", () => new Response(null, { status: 500 })],
    ["something else", () => Response.json({ detail: "x" }, { status: 503 })],
  ])("a broken server that answers with %s", async (_, answer) => {
    const error = await failed(answer);
    expect(error.code).toBe("server_error");
    expect(told(error)).toBe("The server had a problem. Nothing you did is lost. Try again in a moment.");
  });

  it.each([
    ["HTML", () => new Response("<html></html>", { headers: { "Content-Type": "text/html" } })],
    ["half of JSON", () => new Response('{"data": {')],
    ["nothing", () => new Response("")],
    ["no envelope", () => Response.json([1])],
    ["null", () => Response.json(null)],
    ["HTML with 404", () => new Response("<html>", { status: 404 })],
  ])("an answer that can't be read: %s", async (_, answer) => {
    const error = await failed(answer);
    expect(error.code).toBe("garbled");
    expect(error.message).toBe("The server gave an answer that can't be read.");
    expect(error.hint).not.toBe("");
  });

  it("no network", async () => {
    const error = await failed(unreachable);
    expect(error).toMatchObject({ code: "unreachable", status: 0 });
    expect(told(error)).toBe("The server can't be reached. Check that it is running, then try again.");
  });

  it("a fault of the page itself is not blamed on the server", () => {
    expect(told(new TypeError("x is undefined"))).toMatch(/^Something went wrong in this page\./);
  });

  it("nothing at all is an answer only where one is not needed", async () => {
    await expect(unwrap(Promise.resolve({ response: new Response(null, { status: 204 }) }))).rejects.toMatchObject({
      code: "garbled",
    });
  });
});

describe("signing in", () => {
  it("needs no form on the server's own machine", async () => {
    server.on("POST /api/auth/local-session", () => ok({ user: { id: "u1" } }));
    expect(await signIn()).toEqual({ id: "u1" });
    expect(server.asked).toHaveLength(1);
  });

  it("elsewhere takes who is signed in already", async () => {
    server.on("POST /api/auth/local-session", () => refusal(403, "forbidden", "Not from here."));
    server.on("GET /api/auth/me", () => ok({ user: { id: "u2" } }));
    expect(await signIn()).toEqual({ id: "u2" });
  });

  it("says why it can't", async () => {
    server.on("POST /api/auth/local-session", () => refusal(403, "forbidden", "Not from here."));
    server.on("GET /api/auth/me", () => refusal(401, "unauthorized", "You are not signed in."));
    await expect(signIn()).rejects.toMatchObject({ status: 401, message: "You are not signed in." });
    server.on("POST /api/auth/local-session", unreachable);
    await expect(signIn()).rejects.toMatchObject({ code: "unreachable" });
  });
});
