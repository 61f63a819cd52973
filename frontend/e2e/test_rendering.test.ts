/** The clips: side by side, one of them failing, scores that arrive later. */
import { StudioServer } from "./server";
import { Studio } from "./studio";
import { approve, ask, played, waitForClips } from "./steps";

const BRIEF = "Create a 15-second ad for Verde, an eco-friendly water bottle";

describe("rendering", () => {
  let server: StudioServer;
  let studio: Studio;

  async function rendering(...flags: string[]): Promise<void> {
    server = await StudioServer.started(...flags);
    studio = await Studio.withSmallAds(server.url);
    await studio.page.goto(server.url);
    await ask(studio.page, BRIEF);
    await approve(studio.page, "story");
    await approve(studio.page, "scenes");
    await studio.page.getByRole("progressbar").first().waitFor();
  }

  afterEach(async () => {
    await studio.closed();
    await server.stopped();
  });

  it("AC-3.6 shows every clip's own progress, more than one at a time, never moving back", async () => {
    await rendering("--slow", "3");
    const { page } = studio;
    const seen: number[][] = [];
    while ((await page.getByRole("link", { name: "Download", exact: true }).count()) === 0) {
      seen.push(
        await page
          .getByRole("progressbar", { name: /^Clip \d/ })
          .evaluateAll((bars) => bars.map((bar) => Number(bar.getAttribute("aria-valuenow")))),
      );
      await page.waitForTimeout(100);
      expect(seen.length).toBeLessThan(900);
    }
    const full = seen.filter((values) => values.length === 4);
    expect(full.some((values) => values.filter((value) => value > 0 && value < 100).length >= 2)).toBe(true);
    for (const clip of [0, 1, 2, 3]) {
      const values = full.map((row) => row[clip] ?? 0);
      expect([...values].sort((a, b) => a - b)).toEqual(values);
    }
    studio.clean();
  });

  it("AC-3.7 keeps the other clips when one fails, and retries that one alone", async () => {
    await rendering("--fail-scene", "3");
    const { page } = studio;
    const retry = page.getByRole("button", { name: /^Retry/ }).first();
    await retry.waitFor();
    await page.waitForFunction(() => document.body.innerText.match(/Ready/g)?.length === 3);
    await studio.accessible("a failed clip");
    await retry.click();
    await waitForClips(page);
    expect((await played(page)).moved).toBeGreaterThan(0.3);
    studio.clean();
  });

  it("AC-4.7 AC-4.9 streams scores in while the page stays usable", async () => {
    await rendering("--scores", "0.5");
    const { page } = studio;
    await waitForClips(page);
    await page.getByText("AdMint score").first().waitFor();
    await studio.accessible("scored");
    await page.getByRole("link", { name: "New ad" }).click();
    await page.getByRole("heading", { name: "What are we advertising?" }).waitFor();
    await ask(page, "Lantern Yoga: a ten-second ad for the first class, free");
    await page.getByRole("button", { name: "Looks good" }).waitFor();
    studio.clean();
  });
});
