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
    const address = new URL(page.url()).pathname;
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
      .waitFor();
    await studio.accessible("finished");

    const video = await played(page);
    expect(video.width).toBe(1280);
    expect(video.moved).toBeGreaterThan(0.3);
    expect(video.frames).toBeGreaterThan(5);

    const href = await page.getByRole("link", { name: "Download", exact: true }).first().getAttribute("href");
    const file = await page.request.get(new URL(href ?? "", server.url).href);
    expect(file.status()).toBe(200);
    expect((await file.body()).subarray(4, 8).toString()).toBe("ftyp");

    const composer = page.locator("[data-composer]");
    await composer.fill("make it funnier");
    await composer.press("Enter");
    await page.getByRole("button", { name: "Start a new ad" }).waitFor();
    await studio.accessible("which ad");
    await composer.fill("make scene 2 start with a close-up of a hand turning a dial");
    await composer.press("Enter");
    await page.getByText(/Not taken in: “hand turning a dial”/).waitFor();
    await page.getByText("An earlier cut of this ad").waitFor();
    expect(new URL(page.url()).pathname).toBe(address);
    studio.clean();
  });

  it("AC-5.8 asks for what a brief leaves out, and goes on with the answer typed there", async () => {
    const { page } = studio;
    await page.goto(server.url);
    await ask(page, "asdf qwer zxcv");
    await page.getByPlaceholder("What should we call it on screen?").waitFor();
    await studio.accessible("a brief that can't be read");
    await page.locator("[data-composer]").fill("Verde");
    await page.locator("[data-composer]").press("Enter");
    await page.getByRole("button", { name: "Looks good" }).waitFor();
    studio.clean();
  });
});
