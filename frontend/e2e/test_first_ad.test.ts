/** From nothing to a finished video in a real browser, on a real server with local providers. */
import { StudioServer } from "./server";
import { Studio } from "./studio";
import { approve, ask, played } from "./steps";

describe("the first ad", () => {
  let server: StudioServer;
  let studio: Studio;

  beforeAll(async () => {
    server = await StudioServer.started();
    studio = await Studio.opened(server.url);
  });

  afterAll(async () => {
    await studio.closed();
    await server.stopped();
  });

  it("AC-5.1 AC-5.2 AC-5.8 goes from one sentence to a video that plays, with one scene edited", async () => {
    const { page } = studio;
    await page.goto(server.url);
    await page.getByRole("heading", { name: "What are we advertising?" }).waitFor();
    await studio.accessible("first screen");
    await ask(page, "Create a 15-second ad for Verde, an eco-friendly water bottle");

    await page.getByRole("button", { name: "Looks good" }).waitFor();
    await studio.accessible("story gate");
    await approve(page, "story");

    await page.getByText("Using these for visual consistency").waitFor();
    await page.getByRole("button", { name: /^Render 4 clips/ }).waitFor();
    await studio.accessible("scenes gate");
    const before = await page.locator("[data-scene]").allInnerTexts();
    await page.locator('[data-scene="2"] [data-act="edit"]').click();
    await page.locator('[data-scene="2"]').getByLabel("Headline").fill("Cold for a day");
    await studio.accessible("editing a scene");
    await page.keyboard.press("Control+Enter");
    await page.locator('[data-scene="2"]').getByText("Cold for a day").waitFor();
    const after = await page.locator("[data-scene]").allInnerTexts();
    expect(after.filter((text, index) => text !== before[index])).toHaveLength(1);

    await approve(page, "scenes");
    await page.getByRole("progressbar").first().waitFor();
    await studio.accessible("rendering");
    await page
      .getByRole("link", { name: /^Download/ })
      .first()
      .waitFor({ timeout: 60_000 });
    await studio.accessible("finished");

    const video = await played(page);
    expect(video.width).toBe(1280);
    expect(video.moved).toBeGreaterThan(0.3);
    expect(video.frames).toBeGreaterThan(5);

    const href = await page.getByRole("link", { name: "Download", exact: true }).first().getAttribute("href");
    const file = await page.request.get(new URL(href ?? "", server.url).href);
    expect(file.status()).toBe(200);
    expect((await file.body()).subarray(4, 8).toString()).toBe("ftyp");
    studio.clean();
  });
});
