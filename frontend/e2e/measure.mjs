/**
 * Measures the studio in a real Chromium against a running server: `node measure.mjs URL [seconds] [ads]` prints JSON.
 * Called by bench/ui/run.py, which says what the numbers mean and what they are compared with.
 */
import { readFileSync } from "node:fs";
import { launch } from "./browser.mjs";

const [url, secondsText = "5", adsText = "10"] = process.argv.slice(2);
const SECONDS = Number(secondsText);
const ADS = Number(adsText);
const BRIEF = "Create a 6-second ad for Verde, an eco-friendly water bottle";
const browser = await launch();

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** First paint, and until one can type, of a cold page; the peer is a text file of the same server. */
async function load() {
  const runs = [];
  for (let run = 0; run < 3; run++) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    const page = await context.newPage();
    await page.goto(`${url}/licences.txt`);
    const bare = await paint(page);
    await page.goto(url, { waitUntil: "commit" });
    await page.locator("[data-composer]").waitFor();
    const usable = await page.evaluate(() => performance.now());
    runs.push({ bare, first: await paint(page), usable });
    await context.close();
  }
  const of = (name) => median(runs.map((run) => run[name]));
  return { barePaintMs: of("bare"), firstPaintMs: of("first"), usableMs: of("usable") };
}

function paint(page) {
  return page.evaluate(
    () =>
      new Promise((resolve) => {
        const told = (entries) => {
          const found = entries.find((entry) => entry.name === "first-contentful-paint");
          if (found) resolve(found.startTime);
        };
        told(performance.getEntriesByType("paint"));
        new PerformanceObserver((list) => told(list.getEntries())).observe({ type: "paint", buffered: true });
      }),
  );
}

/** Counts React's commits as its developer tools do: nothing in the studio is changed for the bench. */
const COUNT_COMMITS = `
  window.commits = 0;
  window.__REACT_DEVTOOLS_GLOBAL_HOOK__ = {
    supportsFiber: true, renderers: new Map(), checkDCE() {}, inject() { return 1; },
    onCommitFiberRoot() { window.commits++; }, onCommitFiberUnmount() {}, onPostCommitFiberRoot() {},
  };`;

async function approve(page, name) {
  await page.getByRole("button", { name }).click();
  await page.getByRole("button", { name }).waitFor({ state: "detached" });
}

async function ask(page) {
  await page.goto(url);
  await page.locator("[data-composer]").fill(BRIEF);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/s\//);
}

/** A session at its scenes gate, then a scripted socket that says far more than a server would. */
async function flood() {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addInitScript(COUNT_COMMITS);
  const page = await context.newPage();
  await ask(page);
  await approve(page, "Looks good");
  await page.getByRole("button", { name: /^Render/ }).waitFor();
  const session = page.url().match(/\/s\/([^?]+)/)[1];
  const snapshot = (await (await page.request.get(`${url}/api/sessions/${session}`)).json()).data;
  let socket = null;
  await page.routeWebSocket(/\/ws\//, (line) => {
    socket = line;
    line.send(event("hello", { session_id: session, last_seq: snapshot.last_seq, resumed: true }));
  });
  const id = snapshot.generations[0].id;
  const event = (type, payload, seq = null) =>
    JSON.stringify({ type, payload, seq, generation_id: id, timestamp: new Date().toISOString() });
  await page.reload();
  await page.getByRole("button", { name: /^Render/ }).waitFor();
  await page.waitForTimeout(500);
  const moved = { status: "videos", substage: null, current_stage: "videos", message: "" };
  socket.send(event("status_changed", moved, snapshot.last_seq + 1));
  await page.getByRole("progressbar").first().waitFor();
  const ids = snapshot.generations[0].scenes.map((scene) => scene.id);
  let count = 0;
  const send = () => {
    const clip = ids[count % ids.length];
    const progress = Math.floor((count / 40) % 100);
    count += 1;
    socket.send(event("video_progress", { clip_id: clip, progress, status: "rendering", estimated: false }));
  };
  const cdp = await context.newCDPSession(page);
  const cases = {};
  for (const throttle of [1, 4]) {
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: throttle });
    cases[`idle x${throttle}`] = await sample(page, 0, send);
    cases[`100/s x${throttle}`] = await sample(page, 100, send);
  }
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  cases.rowsPerMessage = await rows(page, send);
  await context.close();
  return cases;
}

async function sample(page, perSecond, send) {
  const timer = perSecond ? setInterval(send, 1000 / perSecond) : null;
  const seen = await page.evaluate(
    (ms) =>
      new Promise((resolve) => {
        const frames = [];
        const [from, commits] = [performance.now(), window.commits];
        const step = (now) => {
          frames.push(now);
          if (now - from < ms) requestAnimationFrame(step);
          else resolve({ frames, commits: window.commits - commits, ms: now - from });
        };
        requestAnimationFrame(step);
      }),
    SECONDS * 1000,
  );
  if (timer) clearInterval(timer);
  const gaps = seen.frames.slice(1).map((at, index) => at - seen.frames[index]);
  gaps.sort((a, b) => a - b);
  return {
    fps: (1000 * gaps.length) / seen.ms,
    p95FrameMs: gaps[Math.floor(gaps.length * 0.95)],
    commitsPerSecond: (1000 * seen.commits) / seen.ms,
  };
}

/** Rows of the clip list whose document changes when one message arrives. */
async function rows(page, send) {
  await page.evaluate(() => {
    window.changed = [];
    const row = (node) =>
      (node instanceof Element ? node : node.parentElement)?.closest("li")?.querySelector("[role=progressbar]")
        ?.ariaLabel;
    new MutationObserver((records) => {
      const names = new Set(records.map((record) => row(record.target)).filter(Boolean));
      if (names.size) window.changed.push(names.size);
    }).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  for (let message = 0; message < 200; message++) {
    send();
    if (message % 40 === 0) await page.waitForTimeout(250);
  }
  for (let message = 0; message < 12; message++) {
    await page.waitForTimeout(250);
    await page.evaluate(() => (window.changed.length = 0));
    for (let each = 0; each < 41; each++) send();
    await page.waitForTimeout(250);
  }
  return Math.max(0, ...(await page.evaluate(() => window.changed)));
}

/** Memory of the page's own process after several ads have been made and played. */
async function memory() {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto("about:blank");
  const blankMb = await pssMb(page);
  for (let ad = 0; ad < ADS; ad++) {
    await ask(page);
    await approve(page, "Looks good");
    await approve(page, /^Render/);
    await page.getByRole("link", { name: "Download", exact: true }).first().waitFor({ timeout: 90_000 });
    await page.locator("video").evaluate(async (video) => {
      video.muted = true;
      await video.play();
      await new Promise((resolve) => setTimeout(resolve, 500));
    });
  }
  const usedMb = await pssMb(page);
  await context.close();
  return { blankMb, usedMb, ads: ADS };
}

async function pssMb(page) {
  // A site's pages share a process of their own; the heaviest renderer is the one that plays.
  await page.waitForTimeout(300);
  const cdp = await browser.newBrowserCDPSession();
  const { processInfo } = await cdp.send("SystemInfo.getProcessInfo");
  const sizes = processInfo
    .filter((each) => each.type === "renderer")
    .map(({ id }) => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${id}/smaps_rollup`, "utf8"))[1]) / 1024);
  return Math.max(...sizes);
}

const result = { load: await load(), flood: await flood(), memory: await memory() };
await browser.close();
process.stdout.write(`${JSON.stringify(result)}\n`);
