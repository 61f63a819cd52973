/** The whole way by keyboard alone: nothing needs a mouse, focus is never lost. */
import type { Page } from "playwright-core";
import { StudioServer } from "./server";
import { Studio } from "./studio";
import { waitForClips } from "./steps";

/** Press Tab until the focus is on what `matches` describes; fails after 80 presses. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  for (let count = 0; count < 80; count++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const element = document.activeElement;
      return element?.getAttribute("aria-label") ?? element?.textContent ?? "";
    });
    if (name.test(at.trim())) return;
  }
  throw new Error(`no tab stop matches ${name}`);
}

describe("keyboard", () => {
  let server: StudioServer;
  let studio: Studio;

  beforeAll(async () => {
    server = await StudioServer.started();
    studio = await Studio.withSmallAds(server.url);
  });

  afterAll(async () => {
    await studio.closed();
    await server.stopped();
  });

  it("makes an ad, edits a scene and moves another without a mouse", async () => {
    const { page } = studio;
    await page.goto(server.url);
    await page.getByRole("heading", { name: "What are we advertising?" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("/");
    await page.keyboard.type("Create a 15-second ad for Verde, an eco-friendly water bottle");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Looks good" }).waitFor();
    await tabTo(page, /^Looks good/);
    await page.keyboard.press("Enter");

    await page.getByRole("button", { name: /^Render 4 clips/ }).waitFor();
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("e");
    await page.locator('[data-scene="2"]').getByRole("textbox").first().waitFor();
    await page.keyboard.press("Escape");
    await page.locator('[data-scene="2"]').getByRole("textbox").first().waitFor({ state: "detached" });

    await page.locator('[data-scene="2"]').focus();
    await page.keyboard.press("Alt+ArrowDown");
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll("[data-scene]")].map((row) => row.getAttribute("data-scene")).join() ===
        "1,3,2,4",
    );
    await tabTo(page, /^Render 4 clips/);
    await page.keyboard.press("Enter");
    await waitForClips(page);
    studio.clean();
  });
});
