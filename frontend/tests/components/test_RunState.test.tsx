/** Why nothing moves, and what to do about it. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { RunState } from "@/components/chat/RunState";
import type { Generation } from "@/store/model";
import { AT, adAt, left, opened } from "../fixtures/generation";
import { ok } from "../fixtures/server";

afterEach(left);

const stopped = (substage: Generation["substage"], actions = ["resume"]) => adAt(AT.twoClips, { substage, actions });

describe("RunState", () => {
  it.each<[Generation["substage"], RegExp, string]>([
    ["paused", /^Paused\. 2 finished clips are kept\.$/, "Resume"],
    ["interrupted", /server stopped while this was being made/, "Continue"],
    ["cancelled", /^Cancelled/, "Take it up again"],
    ["expired", /waited too long for your answer/, "Open it again"],
  ])("tells %s", (substage, text, action) => {
    render(<RunState generation={stopped(substage)} />);
    expect(screen.getByText(text)).toBeInTheDocument();
    expect(screen.getByRole("button", { name: action })).toBeInTheDocument();
  });

  it("tells failed clips, and only those, as such", () => {
    const ad = stopped("needs_retry");
    const [clip] = Object.values(ad.clips);
    if (!clip) throw new Error("the fixture has no clips");
    const clips = { ...ad.clips, [clip.scene_id]: { ...clip, status: "failed" as const } };
    render(<RunState generation={{ ...ad, status: "failed", clips }} />);
    expect(screen.getByText(/^Some clips failed/)).toHaveTextContent("1 finished clip is kept.");
    expect(screen.getByRole("button", { name: "Retry the failed clips" })).toBeInTheDocument();
  });

  it("tells at which step anything else failed, and why", () => {
    const ad = { ...adAt(AT.story), substage: "needs_retry" as const, status: "failed" as const, actions: ["resume"] };
    render(<RunState generation={{ ...ad, gate: null, errorMessage: "The text service did not answer." }} />);
    expect(
      screen.getByText("This stopped while the story was being written. The text service did not answer."),
    ).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Try again" })).toBeInTheDocument();
  });

  it("leaves it to the card that has just told the failure", () => {
    const ad = stopped("needs_retry");
    const told = { kind: "error", key: "e", code: "x", text: "It failed.", hint: "", retryable: true } as const;
    const { container } = render(<RunState generation={{ ...ad, status: "failed", feed: [...ad.feed, told] }} />);
    expect(container).toBeEmptyDOMElement();
  });

  it("resumes on request", async () => {
    const ad = stopped("paused");
    const server = await opened(AT.twoClips, ad);
    server.on(`POST /api/generations/${ad.id}/resume`, () => ok({ generation_id: ad.id, accepted: true }, 202));
    render(<RunState generation={ad} />);
    await userEvent.click(screen.getByRole("button", { name: "Resume" }));
    expect(server.times(`POST /api/generations/${ad.id}/resume`)).toBe(1);
  });

  it("offers nothing that the server does not allow, and is silent while all goes well", () => {
    const { container, rerender } = render(<RunState generation={stopped("paused", [])} />);
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
    rerender(<RunState generation={stopped(null)} />);
    expect(container).toBeEmptyDOMElement();
  });
});
