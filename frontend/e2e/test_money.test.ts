/** Paying, in a real browser: the real server buys from the fake vendors over real HTTP. */
import type { Page } from "playwright-core";
import { Fakes } from "./fakes";
import { StudioServer } from "./server";
import { Studio } from "./studio";
import { approve, ask, waitForClips } from "./steps";

/** Each ad sells another thing: what was bought once for a brief is not bought again. */
const BRIEFS = {
  first: "Create a 6-second ad for Verde, an eco-friendly water bottle",
  second: "Create a 6-second ad for Ember, a coffee roaster in town",
  third: "Create a 6-second ad for Lumen, a desk lamp that dims with the sun",
  fourth: "Create a 6-second ad for Quarry, a climbing gym for beginners",
};
const CAP = /most this ad may spend/;

/** Have the clips of the next ad bought, with what is typed as its cap. */
async function paidClips(page: Page, cap = "", handsFree = false): Promise<void> {
  await page.getByRole("button", { name: "Settings" }).click();
  const clips = page.getByRole("group", { name: "Clips" });
  await clips.getByRole("radio", { name: /^Replicate/ }).check();
  await page.getByLabel("Model for clips").waitFor();
  if (cap) await page.getByLabel(CAP).fill(cap);
  if (handsFree) await page.getByRole("switch", { name: /^Hands free/ }).click();
}

describe("money", () => {
  let fakes: Fakes;
  let server: StudioServer;
  let studio: Studio;

  beforeAll(async () => {
    fakes = await Fakes.started();
    server = await StudioServer.started();
    studio = await Studio.withSmallAds(server.url);
  });

  afterAll(async () => {
    await studio.closed();
    await server.stopped();
    await fakes.stopped();
  });

  it("quotes, buys under the cap and says what was spent; over a cap it waits until it is raised", async () => {
    const { page } = studio;
    await page.goto(server.url);
    await paidClips(page);
    await studio.accessible("provider settings");
    await page.getByRole("button", { name: "Done" }).click();
    await ask(page, BRIEFS.first);
    await approve(page, "story");
    await page.getByLabel(CAP).waitFor();
    await studio.accessible("quote and cap");
    await page.getByLabel(CAP).fill("0.01");
    expect(await page.getByRole("button", { name: /^Render \d clips?/ }).isDisabled()).toBe(true);
    expect(await fakes.clipsSold()).toBe(0);
    await page.getByLabel(CAP).fill("9");
    await approve(page, "scenes");
    await waitForClips(page);
    await page.getByRole("button", { name: /spent: see what was bought/ }).click();
    await page.getByText("list price").first().waitFor();
    await studio.accessible("cost breakdown");
    await page.keyboard.press("Escape");
    const sold = await fakes.clipsSold();
    expect(sold).toBeGreaterThan(0);

    await page.goto(server.url);
    await paidClips(page, "0.01", true);
    await page.getByRole("button", { name: "Done" }).click();
    await ask(page, BRIEFS.second);
    const raise = page.getByRole("button", { name: /^Raise the cap to \$\d+\.\d\d and go on/ });
    await raise.waitFor();
    await studio.accessible("over the cap");
    expect(await fakes.clipsSold()).toBe(sold);
    await raise.click();
    await waitForClips(page);
    expect(await fakes.clipsSold()).toBeGreaterThan(sold);
    studio.clean();
  });

  it("buys one scene of a finished free draft, and only that", async () => {
    const { page } = studio;
    const before = await fakes.clipsSold();
    await page.goto(server.url);
    await ask(page, BRIEFS.third);
    await approve(page, "story");
    await approve(page, "scenes");
    await waitForClips(page);
    await page.getByRole("button", { name: "Upgrade scenes" }).click();
    await page.getByRole("checkbox", { name: "Scene 1" }).check();
    await page.getByRole("button", { name: /^Buy 1 clip · up to/ }).waitFor();
    await studio.accessible("upgrade");
    await page.getByRole("button", { name: /^Buy 1 clip/ }).click();
    await page.getByRole("button", { name: /spent: see what was bought/ }).waitFor();
    await page.getByText("An earlier cut of this ad").waitFor();
    expect(await fakes.clipsSold()).toBe(before + 1);
    studio.clean();
  });

  it("asks what to do about an order that was taken and never answered, and buys nothing again by itself", async () => {
    const { page } = studio;
    const before = await fakes.clipsSold();
    await fakes.script({ scenario: "accepted_500", nth: 1 }, { scenario: "list_empty" });
    await page.goto(server.url);
    await paidClips(page, "9", true);
    await page.getByRole("button", { name: "Done" }).click();
    await ask(page, BRIEFS.fourth);
    const question = page.getByRole("region", { name: /: was it charged\?$/ });
    await question.waitFor();
    await studio.accessible("unclear charge");
    const sold = await fakes.clipsSold();
    await question.getByRole("button", { name: "Leave it" }).click();
    await question.waitFor({ state: "detached" });
    expect(await fakes.clipsSold()).toBe(sold);
    expect(sold).toBeGreaterThan(before);
    studio.clean();
  });
});
