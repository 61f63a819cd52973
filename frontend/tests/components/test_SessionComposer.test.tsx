/** What may be written follows from where the ad stands. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, Route, Routes } from "react-router";
import { composerMode, SessionComposer } from "@/components/composer/SessionComposer";
import { fillComposer } from "@/components/composer/fillComposer";
import { useComposer } from "@/store/composerStore";
import type { Generation } from "@/store/model";
import { usePipeline } from "@/store/pipelineStore";
import { AT, adAt, left, opened, sending } from "../fixtures/generation";

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
