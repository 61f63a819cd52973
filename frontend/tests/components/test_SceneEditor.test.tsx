/** Editing a scene: only what changed is sent, limits are said before the server has to. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { changeOf, SceneEditor } from "@/components/pipeline/SceneEditor";
import { AT, adAt, left, opened } from "../fixtures/generation";
import { ok, refusal } from "../fixtures/server";

afterEach(left);

const FIELDS = { kicker: "", headline: "A", support: "B", items: "x\ny", cta: "", url: "", description: "Seen" };
const ad = adAt(AT.complete, { actions: ["edit_scene"] });
const [scene] = ad.scenes.slice(1);
if (!scene) throw new Error("the fixture has no scene 2");

describe("changeOf", () => {
  it("holds what differs and nothing else", () => {
    expect(changeOf(FIELDS, { ...FIELDS, headline: " C " })).toMatchObject({
      headline: "C",
      support: null,
      description: null,
    });
    expect(changeOf(FIELDS, { ...FIELDS, items: "x\n\nz " })?.items).toEqual(["x", "z"]);
    expect(changeOf(FIELDS, { ...FIELDS, support: "" })?.support).toBe("");
    expect(changeOf(FIELDS, { ...FIELDS, headline: "A " })).toBeNull();
  });

  it("keeps the beats the same words as their headline", () => {
    const beats = { ...FIELDS, headline: "Keys. Phone. Water.", items: "Keys.\nPhone.\nWater." };
    expect(changeOf(beats, { ...beats, headline: "Keys. Phone. Verde." })).toMatchObject({
      headline: "Keys. Phone. Verde.",
      items: ["Keys.", "Phone.", "Verde."],
    });
    expect(changeOf(beats, { ...beats, headline: "Take Verde along" })?.items).toEqual([]);
    expect(changeOf(beats, { ...beats, headline: "A. B. C. D. E. F." })?.items).toEqual([]);
    expect(changeOf(beats, { ...beats, support: "Now" })?.items).toBeNull();
    expect(changeOf(FIELDS, { ...FIELDS, headline: "C" })?.items).toBeNull();
  });
});

describe("SceneEditor", () => {
  it("saves over HTTP once the clips exist, and says what that renders", async () => {
    const server = await opened(AT.complete, ad);
    server.on(`PATCH /api/generations/${ad.id}/scenes/2`, () => ok({ generation_id: ad.id, accepted: true }, 202));
    const onDone = vi.fn();
    render(<SceneEditor generation={ad} scene={scene} filmed last={false} onDone={onDone} />);
    expect(screen.getByText("Saving re-renders clip 2 only")).toBeInTheDocument();
    await userEvent.type(screen.getByLabelText("Headline"), " Now");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    const sent = server.asked.find(({ method }) => method === "PATCH")?.body;
    expect(sent).toMatchObject({ change: { headline: `${scene.copy_text.headline} Now`, description: null } });
    expect(onDone).toHaveBeenCalledOnce();
  });

  it("keeps the words when the server refuses them", async () => {
    const server = await opened(AT.complete, ad);
    server.on(`PATCH /api/generations/${ad.id}/scenes/2`, () => refusal(409, "conflict", "The ad is being joined."));
    const onDone = vi.fn();
    render(<SceneEditor generation={ad} scene={scene} filmed last={false} onDone={onDone} />);
    await userEvent.type(screen.getByLabelText("Headline"), " Now");
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(onDone).not.toHaveBeenCalled();
    expect(screen.getByLabelText("Headline")).toHaveValue(`${scene.copy_text.headline} Now`);
  });

  it("says what is too long or empty, and does not save it", async () => {
    render(<SceneEditor generation={ad} scene={scene} filmed last onDone={() => undefined} />);
    await userEvent.clear(screen.getByLabelText(/^Picture/));
    expect(screen.getByRole("alert")).toHaveTextContent("what is seen");
    expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
    await userEvent.type(screen.getByLabelText(/^Picture/), "A cup");
    await userEvent.click(screen.getByLabelText("Headline"));
    await userEvent.paste("x".repeat(91));
    expect(screen.getByRole("alert")).toHaveTextContent("90 characters at most");
  });

  it("asks for the beats' words once", () => {
    const [first] = ad.scenes;
    if (!first?.copy_text.items.length) throw new Error("the fixture has no beats in scene 1");
    render(<SceneEditor generation={ad} scene={first} filmed last={false} onDone={() => undefined} />);
    expect(screen.getByLabelText("Headline")).toHaveValue(first.copy_text.items.join(" "));
    expect(screen.queryByLabelText(/^List/)).not.toBeInTheDocument();
  });

  it("asks for the call to action in the last scene alone", () => {
    const { unmount } = render(
      <SceneEditor generation={ad} scene={scene} filmed last={false} onDone={() => undefined} />,
    );
    expect(screen.queryByLabelText("Call to action")).not.toBeInTheDocument();
    unmount();
    render(<SceneEditor generation={ad} scene={scene} filmed last onDone={() => undefined} />);
    expect(screen.getByLabelText("Call to action")).toBeInTheDocument();
  });
});
