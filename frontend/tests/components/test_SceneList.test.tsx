/** The scenes: read, edited in place, written anew, put in order, approved with the price on the button. */
import { act, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { SceneList } from "@/components/pipeline/SceneList";
import { useGeneration } from "@/store/pipelineStore";
import { AT, adAt, left, onScreen, opened, sending } from "../fixtures/generation";
import { ok, refusal } from "../fixtures/server";

afterEach(left);

/** Follows the store, as the screen does. */
function Live() {
  const generation = useGeneration();
  return generation && <SceneList key={generation.id} generation={generation} live />;
}

async function shown() {
  await opened(AT.scenes);
  render(<Live />);
  return adAt(AT.scenes);
}

const row = (id: number) => screen.getByRole("group", { name: `Scene ${id}` });

describe("SceneList", () => {
  it("AC-5.2 shows each scene's words, beat and seconds, and the whole length", async () => {
    const { scenes } = await shown();
    for (const scene of scenes) expect(row(scene.id)).toHaveTextContent(new RegExp(scene.beat, "i"));
    expect(row(2)).toHaveTextContent(scenes[1]?.copy_text.headline ?? "missing");
    expect(screen.getByText("15 s")).toBeInTheDocument();
  });

  it("AC-5.8 edits one scene in place and sends only what changed", async () => {
    await shown();
    await screen.findByRole("button", { name: "Drag scene 2" });
    await userEvent.click(screen.getByRole("button", { name: "Edit scene 2" }));
    const headline = within(row(2)).getByLabelText("Headline");
    expect(headline).toHaveFocus();
    await userEvent.clear(headline);
    await userEvent.type(headline, "Cold for a day");
    await userEvent.keyboard("{Control>}{Enter}{/Control}");
    expect(sending()).toMatchObject([{ action: "edit", sceneId: 2, stage: "scenes" }]);
    expect(screen.queryByLabelText("Headline")).not.toBeInTheDocument();
  });

  it("leaves a scene as it was on Esc and gives the focus back", async () => {
    await shown();
    await screen.findByRole("button", { name: "Drag scene 2" });
    await userEvent.click(screen.getByRole("button", { name: "Edit scene 2" }));
    await userEvent.type(within(row(2)).getByLabelText("Headline"), " never");
    await userEvent.keyboard("{Escape}");
    expect(sending()).toEqual([]);
    expect(row(2)).toHaveFocus();
    expect(row(2)).not.toHaveTextContent("never");
  });

  it("does not approve while a scene is being edited", async () => {
    await shown();
    await userEvent.click(screen.getByRole("button", { name: "Edit scene 1" }));
    expect(screen.getByRole("button", { name: /^Render/ })).toBeDisabled();
    expect(screen.getByText("Save or cancel your edit first.")).toBeInTheDocument();
  });

  it("has one scene written anew, with a wish", async () => {
    await shown();
    await userEvent.click(screen.getByRole("button", { name: "Write scene 3 again" }));
    await userEvent.type(screen.getByLabelText("What should change? (optional)"), "more light{Enter}");
    expect(sending()).toMatchObject([{ sceneId: 3, text: "more light", action: "edit" }]);
  });

  it("moves a scene by its buttons and by Alt and the arrow keys", async () => {
    await shown();
    await userEvent.click(screen.getByRole("button", { name: "Move scene 2 up" }));
    await waitFor(() => expect(sending()).toMatchObject([{ action: "reorder" }]));
    expect(screen.getByRole("button", { name: "Move scene 2 up" })).toBeDisabled();
    expect(screen.getByRole("button", { name: "Move scene 4 down" })).toBeDisabled();
  });

  it("adds up quick presses, shows them at once and sends one order", async () => {
    const server = await opened(AT.complete, { actions: ["reorder_scenes"] });
    const path = `/api/generations/${adAt(AT.complete).id}/scenes/order`;
    server.on(`POST ${path}`, () => ok({ generation_id: "g", accepted: true }, 202));
    render(<Live />);
    await screen.findByRole("button", { name: "Drag scene 1" });
    row(1).focus();
    await userEvent.keyboard("{Alt>}{ArrowDown}{ArrowDown}{/Alt}");
    const places = screen.getAllByRole("group", { name: /^Scene/ }).map((each) => each.dataset.scene);
    expect(places).toEqual(["2", "3", "1", "4"]);
    await waitFor(() => expect(server.times(`POST ${path}`)).toBe(1));
    expect(server.asked.find((each) => each.path === path)?.body).toEqual({ order: [2, 3, 1, 4] });
    expect(row(1)).toHaveFocus();
  });

  it("goes back to the order that holds when the wanted one is refused", async () => {
    const server = await opened(AT.complete, { actions: ["reorder_scenes"] });
    server.on("POST /api/generations/", () => refusal(409, "conflict", "It is being worked on."));
    render(<Live />);
    await screen.findByRole("button", { name: "Drag scene 1" });
    await userEvent.click(screen.getByRole("button", { name: "Move scene 2 up" }));
    const places = () => screen.getAllByRole("group", { name: /^Scene/ }).map((each) => each.dataset.scene);
    expect(places()).toEqual(["2", "1", "3", "4"]);
    await waitFor(() => expect(places()).toEqual(["1", "2", "3", "4"]));
  });

  it("keeps an edit that is not saved when another scene is edited", async () => {
    await shown();
    await screen.findByRole("button", { name: "Drag scene 2" });
    await userEvent.click(screen.getByRole("button", { name: "Edit scene 1" }));
    await userEvent.type(within(row(1)).getByLabelText("Headline"), " and more");
    await userEvent.click(screen.getByRole("button", { name: "Edit scene 2" }));
    expect((within(row(1)).getByLabelText("Headline") as HTMLTextAreaElement).value).toMatch(/ and more$/);
    expect(within(row(2)).getByLabelText("Headline")).toBeInTheDocument();
  });

  it("keeps the focus with a scene that moves, although its card is drawn anew", async () => {
    await shown();
    await screen.findByRole("button", { name: "Drag scene 2" });
    row(2).focus();
    await userEvent.keyboard("{Alt>}{ArrowDown}{/Alt}");
    const ad = adAt(AT.scenes);
    const [one, two, ...rest] = ad.scenes;
    if (!one || !two) throw new Error("the fixture has no scenes");
    // At the gate the server answers with a list of its own, and the feed with another card.
    act(() => {
      onScreen({ ...ad, id: "redrawn", scenes: [two, one, ...rest] });
    });
    expect(row(2)).toHaveFocus();
  });

  it("keeps the rows, and the focus in them, while an ad that is being made settles the order", async () => {
    await shown();
    await screen.findByRole("button", { name: "Drag scene 2" });
    row(2).focus();
    act(() => {
      onScreen(adAt(AT.scenes, { gate: null, actions: [] }));
    });
    expect(row(2)).toHaveFocus();
    expect(screen.queryByRole("button", { name: /^(Drag|Move|Edit)/ })).not.toBeInTheDocument();
  });

  it("gives the focus back after a wish that was not made", async () => {
    await shown();
    await userEvent.click(screen.getByRole("button", { name: "Write scene 3 again" }));
    await userEvent.keyboard("{Escape}");
    expect(sending()).toEqual([]);
    expect(row(3)).toHaveFocus();
  });

  it("shows what is seen before what all scenes share", async () => {
    const ad = adAt(AT.scenes);
    const gist = ad.drafts.at(-1)?.story.scenes[0]?.visual ?? "missing";
    const description = `Static top-down, 50 mm. ${gist} One world for all scenes.`;
    onScreen({ ...ad, scenes: ad.scenes.map((scene) => (scene.id === 1 ? { ...scene, description } : scene)) });
    render(<Live />);
    expect(within(row(1)).getByText(gist)).toBeInTheDocument();
    expect(row(1)).not.toHaveTextContent("50 mm");
    await userEvent.click(within(row(1)).getByRole("button", { name: "Full description" }));
    expect(within(row(1)).getByText(description)).toBeInTheDocument();
  });

  it("approves with count, price and time on the button", async () => {
    await shown();
    const approve = screen.getByRole("button", { name: "Render 4 clips · free · about 10 s" });
    await userEvent.click(approve);
    expect(sending()).toMatchObject([{ stage: "scenes", action: "approve" }]);
    expect(approve).toBeDisabled();
  });

  it("marks a clip that is out of date, and renders it again on request", async () => {
    const done = adAt(AT.complete, { actions: ["edit_scene", "reorder_scenes", "retry_clip"] });
    const clip = done.clips[2];
    if (!clip) throw new Error("the fixture has no clip 2");
    const server = await opened(AT.complete, { ...done, clips: { ...done.clips, 2: { ...clip, freshness: "stale" } } });
    server.on(`POST /api/generations/${done.id}/clips/2/retry`, () =>
      ok({ generation_id: done.id, accepted: true }, 202),
    );
    render(<Live />);
    expect(row(2)).toHaveTextContent("This clip is out of date.");
    await userEvent.click(screen.getByRole("button", { name: "Render it again" }));
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toContain(
      `POST /api/generations/${done.id}/clips/2/retry`,
    );
  });

  it("folds a list that was replaced", () => {
    render(<SceneList generation={adAt(AT.scenes)} live={false} />);
    expect(screen.getByText("An earlier version of the scenes")).toBeInTheDocument();
  });
});
