/**
 * Pictures of every screen and state, from a real server: `node e2e/screens.mjs URL FOLDER [PARTS]`, where the server is
 * `python -m tests.studio_server --fail-scene 3 --scores 2 --slow 2`; the part `money` needs one without flags that buys
 * from the fakes (docs/how-to/try-the-paid-path.md): `node e2e/screens.mjs URL FOLDER money`.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { launch } from "./browser.mjs";

const [url, folder, ...named] = process.argv.slice(2);
const SIZES = [
  [1440, 900],
  [1366, 768],
];
const BRIEF = "Create a 15-second ad for Verde, an eco-friendly water bottle";
const DAY_MS = 24 * 60 * 60 * 1000;
mkdirSync(folder, { recursive: true });
const browser = await launch();
let context = await browser.newContext({ reducedMotion: "reduce" });
let page = await context.newPage();

async function shot(name, sizes = SIZES) {
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    await page.waitForTimeout(350);
    const path = join(folder, `${name}-${width}.jpg`);
    await page.screenshot({ path, type: "jpeg", quality: 62 });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}

const button = (name) => page.getByRole("button", { name });
const composer = () => page.locator("[data-composer]");
const bottom = () => page.getByRole("region", { name: "Conversation" }).evaluate((e) => (e.scrollTop = e.scrollHeight));
const top = () => page.getByRole("region", { name: "Conversation" }).evaluate((e) => (e.scrollTop = 0));

async function ask(brief) {
  await page.goto(url);
  await composer().fill(brief);
  await composer().press("Enter");
  await page.waitForURL(/\/s\//);
}

async function firstScreens() {
  await page.goto(url);
  await button("Play a sample ad").waitFor();
  await shot("first-screen");
  await button("Settings").click();
  await page.getByRole("heading", { name: "Variants" }).waitFor();
  await shot("settings");
  await page.keyboard.press("Escape");
  await composer().fill("x".repeat(5001));
  await shot("too-long");
  await composer().fill(BRIEF);
  const picture = await page.screenshot({ clip: { x: 300, y: 200, width: 300, height: 300 } });
  const files = [
    { name: "bottle.png", mimeType: "image/png", buffer: picture },
    { name: "<b>logo</b>.png", mimeType: "image/png", buffer: picture },
    { name: "brief.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF") },
    { name: "poster.png", mimeType: "image/png", buffer: Buffer.alloc(11 * 2 ** 20) },
  ];
  await page.locator("input[type=file]").setInputFiles(files);
  await page.getByText("brief.pdf").waitFor();
  await page.waitForTimeout(800);
  await shot("images-and-refusals");
  await button("Your image library").click();
  await page
    .getByRole("button", { name: /^Choose / })
    .first()
    .waitFor();
  await shot("library");
  await page.keyboard.press("Escape");
  await page.route("**/api/v2/generate", (route) => route.fulfill({ status: 500, body: "<html>" }));
  await composer().press("Enter");
  await page.getByRole("alert").first().waitFor();
  await shot("server-error");
  await page.unroute("**/api/v2/generate");
  await page.goto(`${url}/nothing/here`);
  await shot("not-found");
  await page.keyboard.press("?");
  await shot("keys");
}

async function conversation() {
  await ask(BRIEF);
  await button("Looks good").waitFor();
  await shot("story");
  await composer().fill("make it funnier");
  await composer().press("Enter");
  await page.getByText("Draft 1").waitFor();
  await button("Looks good").waitFor();
  await shot("story-second-draft");
  await button("Looks good").click();
  await page.getByText("Choosing the look…").waitFor();
  await shot("references-pending", [SIZES[0]]);
  await button(/^Render/).waitFor({ timeout: 60_000 });
  await page.locator("[data-scene] img").first().waitFor({ timeout: 60_000 });
  await bottom();
  await shot("scenes");
  await page.locator('[data-scene="2"] [data-act="edit"]').click();
  await shot("scene-edit");
  await page.keyboard.press("Escape");
  await page.locator('[data-scene="2"] [data-act="regenerate"]').click();
  await shot("scene-wish");
  await page.keyboard.press("Escape");
  await context.setOffline(true);
  await page.getByText("Reconnecting...").waitFor();
  await shot("reconnecting");
  await context.setOffline(false);
  await page.getByText("Reconnecting...").waitFor({ state: "detached" });
  await button(/^Render/).click();
  await page
    .getByText(/^Rendering \d/)
    .first()
    .waitFor();
  await bottom();
  await shot("rendering");
  await button(/^Retry/)
    .first()
    .waitFor({ timeout: 60_000 });
  await page.waitForTimeout(4000);
  await bottom();
  await shot("clip-failed");
  await button(/^Retry/)
    .first()
    .click();
  await page.getByRole("link", { name: "Download", exact: true }).first().waitFor({ timeout: 90_000 });
  await page.waitForTimeout(6000);
  await bottom();
  await shot("final");
  await shot("final-narrow", [
    [1024, 768],
    [390, 844],
  ]);
  await top();
  await shot("final-from-the-top");
}

async function around() {
  await page.getByRole("link", { name: "Gallery" }).click();
  await page.getByRole("article").first().waitFor();
  await shot("gallery");
  await page.goto(`${url}/gallery?q=nothing-like-this`);
  await page.getByText("Nothing matches").waitFor();
  await shot("gallery-empty", [SIZES[0]]);
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").getByRole("option").first().waitFor();
  await shot("search");
  await page.keyboard.press("Escape");
}

async function compare() {
  const body = { prompt: "Create a 6-second ad for Verde, an eco-friendly water bottle", interactive: false };
  const variants = ["Direct", "Question"].map((label, hook) => ({ label, hook }));
  const headers = { Origin: url };
  const answer = await page.request.post(`${url}/api/v2/generate`, { data: { ...body, variants }, headers });
  const { group_id: group } = (await answer.json()).data;
  await page.goto(`${url}/compare/${group}`);
  await page.getByRole("heading", { name: "Compare variants" }).waitFor();
  await shot("compare-unfinished", [SIZES[0]]);
  await button("Use this one").nth(1).waitFor({ timeout: 120_000 });
  await page.waitForTimeout(6000);
  await button("Use this one").first().click();
  await page.getByText("Chosen").waitFor();
  await shot("compare");
}

/** What only time or a dead server brings about: the page's clock is set ahead, the socket is refused. */
async function rareStates() {
  const address = `${url}/s/${(await (await page.request.get(`${url}/api/generations`)).json()).data.at(-1).session_id}`;
  await page.goto("about:blank");
  await page.clock.install({ time: Date.now() + 2 * DAY_MS });
  await page.goto(address);
  await button("Start again from here").waitFor();
  await shot("read-only");
  await context.close();
  context = await browser.newContext({ reducedMotion: "reduce" });
  page = await context.newPage();
  await page.goto(url);
  await composer().waitFor();
  await page.routeWebSocket(/\/ws\//, (line) => line.close());
  await page.goto(address);
  await page.waitForTimeout(500);
  await page.route("**/api/**", (route) => route.abort());
  await page.getByRole("dialog", { name: "Connection lost" }).waitFor({ timeout: 60_000 });
  await shot("connection-lost");
}

/** What costs money: settings, quotes at both gates, the cap reached, the bill, scenes upgraded. */
async function money() {
  await page.goto(url);
  await button("Settings").click();
  for (const group of ["Reference images", "Clips"]) {
    await page.getByRole("group", { name: group }).getByRole("radio").nth(1).check();
  }
  await page.getByLabel(/most this ad may spend/).waitFor();
  await shot("money-providers");
  await button("Done").click();
  await composer().fill(BRIEF);
  await composer().press("Enter");
  await button(/^Looks good · up to/).waitFor({ timeout: 60_000 });
  await bottom();
  await shot("money-pictures");
  await button(/^Looks good/).click();
  await button(/^Render \d clips/).waitFor({ timeout: 60_000 });
  await page
    .getByLabel(/most this ad may spend/)
    .last()
    .fill("1");
  await bottom();
  await shot("money-cap-too-low");
  await page
    .getByLabel(/most this ad may spend/)
    .last()
    .fill("9");
  await bottom();
  await shot("money-quote");
  await button(/^Render \d clips/).click();
  await page.getByRole("link", { name: "Download", exact: true }).first().waitFor({ timeout: 90_000 });
  await button(/spent: see what was bought/).click();
  await page.getByText("list price").first().waitFor();
  await shot("money-bill");
  await page.goto(url);
  await button("Settings").click();
  await page.getByRole("group", { name: "Clips" }).getByRole("radio").nth(1).check();
  await page.getByLabel(/most this ad may spend/).fill("0.5");
  await page.getByRole("switch", { name: /^Hands free/ }).click();
  await button("Done").click();
  await composer().fill("Create a 6-second ad for Ember, a coffee roaster in town");
  await composer().press("Enter");
  await button(/^Raise the cap to/).waitFor({ timeout: 60_000 });
  await bottom();
  await shot("money-over-the-cap");
  await button("Make the rest here, free").click();
  await button("Upgrade scenes").click({ timeout: 90_000 });
  await page.getByRole("checkbox").first().check();
  await button(/^Buy 1 clip · up to/).waitFor({ timeout: 60_000 });
  await shot("money-upgrade");
}

const PARTS = { firstScreens, conversation, around, compare, rareStates, money };
const usual = Object.keys(PARTS).filter((name) => name !== "money");
for (const part of (named.length ? named : usual).map((name) => PARTS[name])) {
  try {
    await part();
  } catch (error) {
    await page.screenshot({ path: join(folder, `failed-${part.name}.png`) });
    process.stderr.write(`${part.name}: ${error.message}\n`);
    process.exitCode = 1;
  }
}
await browser.close();
