/** The studio's main screen from first sentence to open conversation, and what it says when it can't. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, Route, Routes } from "react-router";
import { UnifiedPipeline } from "@/routes/UnifiedPipeline";
import { closeSession } from "@/services/session";
import { useComposer } from "@/store/composerStore";
import { usePipeline } from "@/store/pipelineStore";
import { AT } from "../fixtures/generation";
import { FakeServer, JUST_AFTER, ok, refusal, sessionAt, unreachable } from "../fixtures/server";
import { session } from "../fixtures/session";
import { FakeSocket } from "../fixtures/socket";

const GENERATE = "POST /api/v2/generate";
const STARTED = {
  generation_id: "g",
  session_id: session.session_id,
  websocket_url: "",
  status: "pending",
  group_id: null,
  generations: [],
};
const AT_THE_GATE = {
  status: "story" as const,
  substage: "awaiting_approval" as const,
  gate: { stage: "story" as const, draft_digest: "d", quote: null },
};
let server: FakeServer;

function shown(path = "/") {
  render(
    <MemoryRouter initialEntries={[path]}>
      <Routes>
        <Route path="/" element={<UnifiedPipeline />} />
        <Route path="/s/:sessionId" element={<UnifiedPipeline />} />
      </Routes>
    </MemoryRouter>,
  );
}

async function ask(text: string) {
  await userEvent.click(screen.getByRole("textbox", { name: "Your brief" }));
  await userEvent.paste(text);
  await userEvent.keyboard("{Enter}");
}

beforeEach(() => {
  vi.setSystemTime(JUST_AFTER);
  FakeSocket.install();
  server = new FakeServer().serving(sessionAt(AT.story, AT_THE_GATE));
});

afterEach(() => {
  closeSession();
  usePipeline.getState().reset();
  useComposer.getState().clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("UnifiedPipeline", () => {
  it("AC-5.1 goes from one sentence to its conversation", async () => {
    server.on(GENERATE, () => ok(STARTED, 202));
    shown();
    expect(screen.getByRole("heading", { name: "What are we advertising?" })).toBeInTheDocument();
    await ask("An ad for <script>alert(1)</script> a cup");
    expect(await screen.findByRole("button", { name: "Looks good" })).toBeInTheDocument();
    expect(screen.getByRole("log")).toBeInTheDocument();
    expect(screen.getByRole("textbox", { name: "Your answer" })).toHaveValue("");
    expect(server.asked.find(({ path }) => path === "/api/v2/generate")?.body).toMatchObject({
      prompt: "An ad for <script>alert(1)</script> a cup",
      interactive: true,
    });
  });

  it.each([
    [
      "a refusal",
      () => refusal(400, "invalid_input", "The prompt is empty.", "Write one sentence."),
      "The prompt is empty.",
    ],
    [
      "too many requests",
      () => refusal(429, "rate_limited", "Too many ads.", "", { "Retry-After": "30" }),
      "Try again in 30 s.",
    ],
    ["nobody signed in", () => refusal(401, "unauthorized", "Nobody is signed in."), "Nobody is signed in."],
    ["a broken server", () => new Response("<html>", { status: 500 }), "The server had a problem."],
    ["garbage", () => new Response("<html>", { status: 200 }), "an answer that can't be read"],
    ["no server", unreachable, "The server can't be reached."],
  ])("keeps the brief and says why on %s", async (_, answer, text) => {
    server.on(GENERATE, answer);
    shown();
    await ask("An ad for a cup");
    expect(await screen.findByRole("alert")).toHaveTextContent(text);
    expect(screen.getByRole("textbox")).toHaveValue("An ad for a cup");
  });

  it("sends the same brief again under the same key, another one under another", async () => {
    server.on(GENERATE, () => new Response("", { status: 502 }));
    shown();
    await ask("An ad for a cup");
    await screen.findByRole("alert");
    await userEvent.keyboard("{Enter}");
    await userEvent.type(screen.getByRole("textbox"), "!{Enter}");
    await vi.waitFor(() => expect(server.times(GENERATE)).toBe(3));
    const keys = server.asked
      .filter(({ path }) => path === "/api/v2/generate")
      .map(({ headers }) => headers.get("Idempotency-Key"));
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it("AC-5.6 says that a session is being resumed, then shows it", async () => {
    shown(`/s/${session.session_id}`);
    expect(screen.getByText("Resuming generation session...")).toBeInTheDocument();
    expect(await screen.findByRole("log")).toBeInTheDocument();
  });

  it("says that a conversation does not exist, and offers a new ad", async () => {
    shown("/s/nobody");
    expect(await screen.findByRole("heading", { name: "This conversation can't be opened" })).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Try again" })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "New ad" }));
    expect(screen.getByRole("heading", { name: "What are we advertising?" })).toBeInTheDocument();
  });

  it("tries again when the server could not be asked", async () => {
    server.on("GET /api/sessions/", unreachable);
    shown(`/s/${session.session_id}`);
    await screen.findByText(/can't be reached/);
    server.serving(sessionAt(AT.story, AT_THE_GATE));
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("button", { name: "Looks good" })).toBeInTheDocument();
  });
});
