/**
 * Does this file play in a real browser? Usage: node e2e/plays.mjs <file.mp4>
 * Serves it on loopback, plays it in a <video>, prints what was seen as JSON and exits 0 when it played, 1 when not.
 * Called by backend/tests/test_integration/test_plays_in_browser.py.
 */
import { createReadStream, statSync } from "node:fs";
import { createServer } from "node:http";
import { launch } from "./browser.mjs";

const PATIENCE_MS = 30_000;
const PAGE = `<!doctype html><title>plays</title><link rel="icon" href="data:,">
<video src="/video.mp4" muted autoplay playsinline></video>`;

/** Serve the page and the file, ranges included. Resolves with the server once it listens. */
function serve(file) {
  const { size } = statSync(file);
  const server = createServer((request, response) => {
    if (request.url !== "/video.mp4") return response.writeHead(200, { "Content-Type": "text/html" }).end(PAGE);
    const [, first, last] = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? "bytes=0-");
    const start = Number(first);
    const end = last ? Math.min(Number(last), size - 1) : size - 1;
    response.writeHead(206, {
      "Content-Type": "video/mp4",
      "Accept-Ranges": "bytes",
      "Content-Range": `bytes ${start}-${end}/${size}`,
      "Content-Length": end - start + 1,
    });
    return createReadStream(file, { start, end }).pipe(response);
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

/** Runs in the page: wait until half a second (or half the file) has played, or the patience is over. */
async function watch(patience) {
  const video = document.querySelector("video");
  const until = performance.now() + patience;
  const played = () => video.currentTime >= Math.min(0.5, video.duration / 2);
  while (!played() && !video.error && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const quality = video.getVideoPlaybackQuality();
  return {
    canPlay: video.readyState >= HTMLMediaElement.HAVE_FUTURE_DATA || video.ended,
    advanced: played(),
    currentTime: video.currentTime,
    decodedFrames: quality.totalVideoFrames,
    decodedAudioBytes: video.webkitAudioDecodedByteCount,
    width: video.videoWidth,
    height: video.videoHeight,
    duration: video.duration,
    error: video.error?.message ?? null,
  };
}

async function play(file) {
  const server = await serve(file);
  const browser = await launch();
  try {
    const page = await browser.newPage();
    const consoleErrors = [];
    page.on("console", (message) => message.type() === "error" && consoleErrors.push(message.text()));
    page.on("pageerror", (error) => consoleErrors.push(error.message));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    return { ...(await page.evaluate(watch, PATIENCE_MS)), consoleErrors };
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

function isFine(seen) {
  const sized = seen.width > 0 && seen.height > 0 && seen.duration > 0;
  return seen.canPlay && seen.advanced && seen.decodedFrames > 0 && sized && !seen.error && !seen.consoleErrors.length;
}

const seen = await play(process.argv[2]);
const ok = isFine(seen);
console.log(JSON.stringify({ ok, ...seen }, null, 2));
process.exitCode = ok ? 0 : 1;
