/** Lost connections of every kind: nothing is lost, nothing happens twice, and the page says where it stands. */
import type { Page } from "playwright-core";
import { StudioServer } from "./server";
import { Studio } from "./studio";
import { approve, ask, userMessages, waitForClips } from "./steps";

const BRIEF = "Create a 15-second ad for Verde, an eco-friendly water bottle";

async function toScenes(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await ask(page, BRIEF);
  await approve(page, "story");
  await page.getByRole("button", { name: /^Render \d+ clips?/ }).waitFor();
}

describe("a lost connection", () => {
  let server: StudioServer;
  let studio: Studio;

  beforeEach(async () => {
    server = await StudioServer.started("--slow", "2");
    studio = await Studio.withSmallAds(server.url);
  });

  afterEach(async () => {
    await studio.closed();
    await server.stopped();
  });

  it("AC-5.7 delivers an approval said while offline exactly once", async () => {
    const { page, context } = studio;
    await toScenes(page, server.url);
    await context.setOffline(true);
    await page.getByText("Reconnecting...").waitFor({ timeout: 1000 });
    await studio.accessible("reconnecting");
    await page.getByRole("button", { name: /^Render \d+ clips?/ }).click();
    await page.getByText("Waiting for the connection").waitFor();
    await context.setOffline(false);
    await page.getByRole("progressbar").first().waitFor();
    await page.getByText("Reconnecting...").waitFor({ state: "detached" });
    const said = await userMessages(page);
    expect(said.filter((message) => message.stage === "scenes" && message.action === "approve")).toHaveLength(1);
    await waitForClips(page);
    studio.clean(/ERR_INTERNET_DISCONNECTED/);
  });

  it("AC-5.3 AC-5.7 finds the server again after a power cut, with the same conversation and finished clips kept", async () => {
    const { page } = studio;
    await toScenes(page, server.url);
    await approve(page, "scenes");
    await page.getByText("Ready").first().waitFor();
    await server.killed();
    await page.getByText("Reconnecting...").waitFor();
    await server.start();
    await page.getByText("Reconnecting...").waitFor({ state: "detached" });
    const goOn = page.getByRole("button", { name: "Continue" });
    const film = page.getByRole("link", { name: "Download", exact: true }).first();
    await goOn.or(film).first().waitFor();
    if (await goOn.isVisible()) await goOn.click();
    await waitForClips(page);
    expect(await page.getByRole("button", { name: "Looks good" }).count()).toBe(0);
    expect((await userMessages(page)).filter((message) => message.action === "approve")).toHaveLength(2);
    studio.clean(/ERR_CONNECTION_REFUSED|WebSocket/);
  });

  it("AC-5.7 asks after five attempts, keeps the feed readable, and recovers by hand", async () => {
    const { page } = studio;
    await page.clock.install();
    // The server may go while the page still loads a part of itself.
    await page.route("**/assets/SceneSort-*.js", (route) => route.abort("connectionrefused"));
    await toScenes(page, server.url);
    await server.killed();
    const lost = page.getByRole("dialog", { name: "Connection lost" });
    await page.getByText("Reconnecting...").waitFor();
    // The pauses grow to sixteen seconds: the page's clock runs ahead through each.
    while (!(await lost.isVisible())) await page.clock.runFor(1000);
    await studio.accessible("connection lost");
    await server.start();
    await page.getByRole("button", { name: "Retry", exact: true }).click();
    await lost.waitFor({ state: "detached" });
    await approve(page, "scenes");
    await waitForClips(page);
    studio.clean(/ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|WebSocket/);
  });

  it("AC-5.6 goes on while nobody looks: another screen, a reload, a closed tab, a second tab", async () => {
    const { page, context } = studio;
    await toScenes(page, server.url);
    const address = page.url();
    await page.getByRole("link", { name: "Gallery" }).click();
    await page.getByRole("heading", { name: "Gallery" }).waitFor();
    await page.goBack();
    await page.getByRole("button", { name: /^Render \d+ clips?/ }).waitFor();

    await page.reload();
    await page.getByText("Resuming generation session...").waitFor();
    await approve(page, "scenes");
    await page.getByRole("progressbar").first().waitFor();
    await page.close();

    const again = await studio.tab();
    const beside = await studio.tab();
    await Promise.all([again.goto(address), beside.goto(address)]);
    await Promise.all([waitForClips(again), waitForClips(beside)]);
    const said = await userMessages(again);
    expect(said.filter((message) => message.action === "approve")).toHaveLength(2);
    expect(await again.getByText(BRIEF, { exact: true }).count()).toBe(
      await beside.getByText(BRIEF, { exact: true }).count(),
    );
    expect(context.pages()).toHaveLength(2);
    studio.clean();
  });
});
