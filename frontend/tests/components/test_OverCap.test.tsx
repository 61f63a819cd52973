/** An ad that waits at its cap. */
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { OverCap } from "@/components/money/OverCap";
import { AT, adAt, left, opened } from "../fixtures/generation";
import { COSTS, OFFER } from "../fixtures/money";
import { ok } from "../fixtures/server";

afterEach(left);

const TEXT =
  "The clips cost up to $0.80; your cap is $0.50: nothing was bought. Raise the cap to go on: admint resume x --cap 1.20";

async function shown(change: object = {}) {
  const ad = adAt(AT.twoClips, { substage: "over_cap", stage: "videos", errorMessage: TEXT, ...change });
  const server = await opened(AT.twoClips, ad);
  const path = `/api/generations/${ad.id}`;
  server.on(`GET ${path}/quote`, () => ok(OFFER)).on(`GET ${path}/costs`, () => ok(COSTS));
  server.on(`POST ${path}/cap`, () => ok(COSTS, 202));
  server.on(`POST ${path}/upgrade`, () => ok({ generation_id: ad.id, accepted: true }, 202));
  render(<OverCap generation={ad} />);
  await screen.findByLabelText(/most this ad may spend/);
  return server;
}

const posted = (server: Awaited<ReturnType<typeof shown>>) => server.asked.find(({ method }) => method === "POST");

describe("OverCap", () => {
  it("tells the numbers without a command, and raises the cap", async () => {
    const server = await shown();
    expect(screen.getByText(/your cap is \$0.50: nothing was bought\.$/)).toBeInTheDocument();
    expect(screen.getByText("Next step").nextSibling).toHaveTextContent("$0.80");
    await userEvent.click(screen.getByRole("button", { name: "Raise the cap to $2.00 and go on" }));
    await waitFor(() => expect(posted(server)?.body).toEqual({ cap_usd: 2 }));
  });

  it("goes on for free with the clips that are not bought", async () => {
    const ad = adAt(AT.twoClips);
    const clips = Object.fromEntries(
      Object.entries(ad.clips).map(([id, clip]) => [
        id,
        { ...clip, provider: "replicate", freshness: "current" as const },
      ]),
    );
    const server = await shown({ videoProvider: "replicate", clips });
    await userEvent.click(screen.getByRole("button", { name: "Make the rest here, free" }));
    await waitFor(() => expect(posted(server)).toBeDefined());
    const done = Object.values(clips)
      .filter((clip) => clip.status === "complete")
      .map((clip) => clip.scene_id);
    expect(done.length).toBeGreaterThan(0);
    expect(posted(server)?.body).toMatchObject({
      scene_ids: ad.scenes.map((scene) => scene.id).filter((id) => !done.includes(id)),
      provider: "local",
      cap_usd: null,
    });
  });

  it("keeps a draft there is, and has only the cap to raise before the clips", async () => {
    await shown({ finalVideoUrl: "/draft.mp4" });
    expect(screen.getByRole("button", { name: "Keep the free draft" })).toBeInTheDocument();
  });

  it("prices nothing before the scenes are written", async () => {
    const server = await shown({ stage: "reference_images" });
    expect(server.asked.some(({ path }) => path.endsWith("/quote"))).toBe(false);
    expect(screen.queryByText("Next step")).not.toBeInTheDocument();
    expect(screen.queryByRole("button", { name: /free/ })).not.toBeInTheDocument();
  });
});
