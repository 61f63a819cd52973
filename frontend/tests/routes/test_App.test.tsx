/** The frame: signed in without a form, reachable by keyboard, honest when it can't open. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { App } from "@/App";
import { useHistory } from "@/store/historyStore";
import { usePipeline } from "@/store/pipelineStore";
import { FakeServer, ok, refusal, unreachable } from "../fixtures/server";

const USER = { user: { id: "u", name: "You", email: null, is_local: true } };
let server: FakeServer;

function shown(path = "/") {
  render(
    <MemoryRouter initialEntries={[path]}>
      <App />
    </MemoryRouter>,
  );
}

beforeEach(() => {
  server = new FakeServer();
  server.on("POST /api/auth/local-session", () => ok(USER));
  server.on("GET /api/generations", () =>
    Response.json({ data: [], pagination: { next_cursor: null, has_more: false, limit: 30 }, status: "success" }),
  );
});

afterEach(() => {
  usePipeline.getState().reset();
  useHistory.setState(useHistory.getInitialState());
  vi.unstubAllGlobals();
});

describe("App", () => {
  it("signs in by itself and asks nothing before that", async () => {
    shown();
    expect(await screen.findByRole("heading", { name: "What are we advertising?" })).toBeInTheDocument();
    expect(server.asked[0]).toMatchObject({ method: "POST", path: "/api/auth/local-session" });
    expect(server.times("GET /api/auth/me")).toBe(0);
  });

  it("uses the sign-in there is where it may not sign in by itself", async () => {
    server.on("POST /api/auth/local-session", () => refusal(403, "forbidden", "This server has accounts."));
    server.on("GET /api/auth/me", () => ok(USER));
    shown();
    expect(await screen.findByRole("heading", { name: "What are we advertising?" })).toBeInTheDocument();
  });

  it("says why it can't open, and tries again", async () => {
    server.on("POST /api/auth/local-session", unreachable);
    shown();
    expect(await screen.findByRole("alert")).toHaveTextContent("The server can't be reached.");
    server.on("POST /api/auth/local-session", () => ok(USER));
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("heading", { name: "What are we advertising?" })).toBeInTheDocument();
  });

  it("says that there is nothing at an address", async () => {
    shown("/nothing/here");
    expect(await screen.findByRole("heading", { name: "There is nothing at this address" })).toBeInTheDocument();
  });

  it("opens search and the list of keys by keyboard", async () => {
    shown("/nothing/here");
    await screen.findByRole("heading", { name: "There is nothing at this address" });
    await userEvent.keyboard("{Control>}k{/Control}");
    expect(await screen.findByRole("dialog", { name: "Search" })).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Close" }));
    await userEvent.keyboard("?");
    expect(await screen.findByRole("dialog", { name: "Keys" })).toBeInTheDocument();
  });

  it("lets one skip to the content", async () => {
    shown();
    await screen.findByRole("heading", { name: "What are we advertising?" });
    expect(screen.getByRole("link", { name: "Skip to the conversation" })).toHaveAttribute("href", "#main");
    expect(document.getElementById("main")).not.toBeNull();
  });
});
