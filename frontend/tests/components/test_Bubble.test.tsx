/** What was said, as a bubble; what a button meant, in words; what was answered. */
import { render, screen } from "@testing-library/react";
import { Bubble, saidText } from "@/components/chat/Bubble";
import { ReplyLine } from "@/components/chat/ReplyLine";
import { usePipeline } from "@/store/pipelineStore";

type Said = Parameters<typeof saidText>[0];
const said = (change: Partial<Said> = {}): Said => ({
  kind: "said",
  key: "m",
  text: "",
  stage: "scenes",
  action: "approve",
  sceneId: null,
  sending: false,
  ...change,
});

describe("Bubble", () => {
  it("shows the brief with the names of the images in use, markup as text", () => {
    render(<Bubble item={{ kind: "prompt", key: "p", text: "<b>An ad</b>", assets: ["shoe.jpg", "logo.png"] }} />);
    expect(screen.getByText("<b>An ad</b>")).toBeInTheDocument();
    expect(screen.getByText("With shoe.jpg, logo.png")).toBeInTheDocument();
  });

  it.each<[Partial<Said>, string]>([
    [{ text: "make it funnier", action: "refine" }, "make it funnier"],
    [{ text: "more light", action: "edit", sceneId: 2 }, "Scene 2: more light"],
    [{ text: "cold for 24 hours", action: "edit", sceneId: 2 }, "Scene 2: cold for 24 hours"],
    [{ text: "make scene 2 darker", action: "edit", sceneId: 2 }, "make scene 2 darker"],
    [{ stage: "story" }, "Looks good"],
    [{}, "Looks good. Render the clips"],
    [{ action: "regenerate" }, "Write another one"],
    [{ action: "regenerate", sceneId: 3 }, "Write scene 3 again"],
    [{ action: "edit", sceneId: 3 }, "Changed scene 3"],
    [{ action: "reorder" }, "New order for the scenes"],
    [{ action: "cancel" }, "Stop here"],
  ])("puts %o into words", (change, words) => {
    expect(saidText(said(change))).toBe(words);
  });

  it("says whether a word is on its way or waits for the connection", () => {
    usePipeline.setState({ connection: { state: "connected", attempt: 0, reason: "" } });
    const { rerender } = render(<Bubble item={said({ sending: true })} />);
    expect(screen.getByText("Sending…")).toBeInTheDocument();
    usePipeline.setState({ connection: { state: "reconnecting", attempt: 1, reason: "" } });
    rerender(<Bubble item={said({ sending: true, key: "n" })} />);
    expect(screen.getByText("Waiting for the connection")).toBeInTheDocument();
  });
});

describe("ReplyLine", () => {
  it("shows what was answered", () => {
    render(<ReplyLine item={{ kind: "reply", key: "r", text: "What should change?", tone: "question" }} />);
    expect(screen.getByText("What should change?")).toBeInTheDocument();
  });
});
