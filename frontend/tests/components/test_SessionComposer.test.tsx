/** What may be written follows from where the ad stands. */
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, Route, Routes } from "react-router";
import { composerMode, SessionComposer } from "@/components/composer/SessionComposer";
import { fillComposer } from "@/components/composer/fillComposer";
import { useComposer } from "@/store/composerStore";
import type { Reading } from "@/api/types";
import type { Generation } from "@/store/model";
import { usePipeline } from "@/store/pipelineStore";
import { AT, adAt, left, opened, sending } from "../fixtures/generation";
import { ok } from "../fixtures/server";

afterEach(() => {
  left();
  useComposer.getState().clear();
});

function shown(generation: Generation) {
  render(
    <MemoryRouter initialEntries={["/s/1"]}>
      <Routes>
        <Route path="/s/:id" element={<SessionComposer generation={generation} />} />
        <Route path="/" element={<p>first screen</p>} />
      </Routes>
    </MemoryRouter>,
  );
}

describe("SessionComposer", () => {
  it("AC-5.8 sends words at a gate as they are, and clears the field", async () => {
    await opened(AT.story);
    shown(adAt(AT.story));
    const field = screen.getByPlaceholderText("Say what should change, or approve");
    await userEvent.type(field, "make it more dramatic{Enter}");
    expect(sending()).toMatchObject([{ text: "make it more dramatic", stage: "story", action: null }]);
    expect(field).toHaveValue("");
  });

  it("keeps what is written while a stage computes, and offers to stop", async () => {
    useComposer.getState().write("and then");
    shown(adAt(AT.rendering, { actions: ["pause", "cancel"] }));
    expect(screen.getByRole("textbox")).toHaveValue("and then");
    await userEvent.type(screen.getByRole("textbox"), "{Enter}");
    expect(screen.getByRole("textbox")).toHaveValue("and then");
    expect(screen.getByRole("button", { name: "Stop" })).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Send" })).not.toBeInTheDocument();
  });

  it.each<[string, Partial<Generation>, string]>([
    ["a gate", { gate: { stage: "story", draft_digest: "d", quote: null } }, "gate"],
    ["a gate that timed out", { substage: "expired" }, "gate"],
    ["a stage at work", {}, "working"],
    ["the end", { status: "completed" }, "done"],
    ["a cancelled ad", { substage: "cancelled" }, "done"],
  ])("knows %s", (_, change, mode) => {
    expect(composerMode({ ...adAt(AT.rendering), ...change })).toBe(mode);
  });

  /** The finished ad with a server that reads words after the film in one way, and starts ads. */
  async function afterTheFilm(reading: Partial<Reading>) {
    const server = await opened(AT.complete, { status: "completed" });
    const { id } = adAt(AT.complete);
    server.on(`POST /api/generations/${id}/reading`, () =>
      ok({ about: "this", scene_id: null, question: "", ...reading }),
    );
    server.on("POST /api/v2/generate", () => ok({ generation_id: "n", session_id: "n", websocket_url: "/ws/n" }, 202));
    shown(adAt(AT.complete, { status: "completed" }));
    return { server, field: screen.getByPlaceholderText("Change this ad, or describe the next one") };
  }

  it("AC-5.8 changes the scene that words after the film name, and starts no ad", async () => {
    const { server, field } = await afterTheFilm({ about: "this", scene_id: 2 });
    await userEvent.type(field, "make scene 2 shorter{Enter}");
    await waitFor(() =>
      expect(sending()).toMatchObject([{ text: "make scene 2 shorter", stage: "videos", action: "edit", sceneId: 2 }]),
    );
    expect(field).toHaveValue("");
    expect(server.times("POST /api/v2/generate")).toBe(0);
  });

  it("asks which ad is meant where the words do not say, and forgets the question with them", async () => {
    const { server, field } = await afterTheFilm({ about: "unsure" });
    await userEvent.type(field, "make it funnier{Enter}");
    await screen.findByRole("button", { name: "Start a new ad" });
    await userEvent.type(field, "!");
    expect(screen.queryByRole("button", { name: "Change this ad" })).not.toBeInTheDocument();
    await userEvent.type(field, "{Enter}");
    await userEvent.click(await screen.findByRole("button", { name: "Change this ad" }));
    expect(sending()).toMatchObject([{ text: "make it funnier!", stage: "videos", action: "refine", sceneId: null }]);
    expect(server.times("POST /api/v2/generate")).toBe(0);
  });

  it("starts a new ad when that is chosen", async () => {
    const { server, field } = await afterTheFilm({ about: "unsure" });
    await userEvent.type(field, "A cosy cafe{Enter}");
    await userEvent.click(await screen.findByRole("button", { name: "Start a new ad" }));
    await waitFor(() => expect(server.times("POST /api/v2/generate")).toBe(1));
    expect(sending()).toEqual([]);
  });

  it("asks what should change in a scene without a choice, and keeps the words", async () => {
    const { server, field } = await afterTheFilm({ about: "this", question: "What should change in scene 4?" });
    await userEvent.type(field, "change the last scene{Enter}");
    expect(await screen.findByText("What should change in scene 4?")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Start a new ad" })).not.toBeInTheDocument();
    expect(field).toHaveValue("change the last scene");
    expect(server.times("POST /api/v2/generate")).toBe(0);
  });

  it("takes the answer to a brief that could not be read", async () => {
    const error = {
      kind: "error" as const,
      key: "e",
      code: "brief_unclear",
      text: "?",
      hint: "What is it called?",
      retryable: true,
    };
    const unread: Partial<Generation> = {
      status: "failed",
      substage: "needs_retry",
      stage: "story",
      gate: null,
      errorCode: "brief_unclear",
      feed: [error],
    };
    await opened(AT.story, unread);
    shown(adAt(AT.story, unread));
    const field = screen.getByPlaceholderText("What is it called?");
    expect(field).toHaveFocus();
    await userEvent.type(field, "Verde{Enter}");
    expect(sending()).toMatchObject([{ text: "Verde", stage: "story", action: null }]);
  });

  it("AC-5.6 leaves an old conversation as it was and takes its brief into a new one", async () => {
    usePipeline.setState({ readOnly: true });
    const ad = adAt(AT.complete);
    shown({ ...ad, request: { ...ad.request, brand: "Verde", duration_s: 15 } });
    expect(screen.queryByRole("textbox")).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Start again from here" }));
    expect(screen.getByText("first screen")).toBeInTheDocument();
    expect(useComposer.getState()).toMatchObject({ text: ad.prompt, options: { brand: "Verde", durationS: 15 } });
  });
});

describe("fillComposer", () => {
  it("starts from the request alone, not from what was in the composer", () => {
    useComposer.getState().set({ cta: "Order today" });
    fillComposer(adAt(AT.complete));
    expect(useComposer.getState().options.cta).toBe("");
  });
});
