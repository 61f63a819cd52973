/**
 * A browser page on the studio that notes what must not happen: console errors, uncaught exceptions, requests to any
 * other host. `clean()` fails a test when one did; what a test provokes on purpose it names.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launch } from "./browser.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** A busy machine takes its time; a condition is waited for, not a time. */
const PATIENCE_MS = 90_000;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

interface AxeResult {
  violations: { id: string; help: string; nodes: { html: string; failureSummary: string }[] }[];
}

export class Studio {
  readonly problems: string[] = [];

  private constructor(
    readonly browser: Browser,
    readonly context: BrowserContext,
    readonly page: Page,
    readonly url: string,
  ) {
    this.watch(page);
  }

  static async opened(url: string, width = 1440, height = 900): Promise<Studio> {
    const browser = await launch();
    const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce" });
    context.setDefaultTimeout(PATIENCE_MS);
    return new Studio(browser, context, await context.newPage(), url);
  }

  /** A studio whose ads are as any, only a quarter of the size at 10 frames a second: for tests about the steps. */
  static async withSmallAds(url: string): Promise<Studio> {
    const studio = await Studio.opened(url);
    await studio.context.route("**/api/v2/generate", (route) => {
      const body = route.request().postDataJSON() as { config: { overrides?: object } };
      body.config.overrides = { ...body.config.overrides, frame_scale: 0.25, fps: 10 };
      return route.continue({ postData: body });
    });
    return studio;
  }

  /** Another tab of the same browser, watched like the first. */
  async tab(): Promise<Page> {
    const page = await this.context.newPage();
    this.watch(page);
    return page;
  }

  private watch(page: Page): void {
    page.on("console", (message) => {
      if (message.type() === "error") this.problems.push(`console: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.problems.push(`exception: ${error.message}`));
    page.on("request", (request) => {
      const { protocol, host } = new URL(request.url());
      const own = host === new URL(this.url).host || protocol === "blob:" || protocol === "data:";
      if (!own) this.problems.push(`outside request: ${request.url()}`);
    });
  }

  /** Fail if anything went wrong that `expected` does not name. */
  clean(...expected: RegExp[]): void {
    const left = this.problems.filter((problem) => !expected.some((pattern) => pattern.test(problem)));
    expect(left).toEqual([]);
  }

  /** Fail on any violation of WCAG A and AA in the state on screen, and on horizontal overflow. */
  async accessible(name: string, page: Page = this.page): Promise<void> {
    await page.evaluate(`if (!window.axe) { ${AXE} }`);
    const found = (await page.evaluate(`axe.run(document, { runOnly: ${JSON.stringify(TAGS)} })`)) as AxeResult;
    const told = found.violations.map(
      (each) => `${name}: ${each.id} (${each.help}) ${each.nodes[0]?.failureSummary} ${each.nodes[0]?.html}`,
    );
    expect(told).toEqual([]);
    const wider = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(wider, `${name}: horizontal overflow`).toBeLessThanOrEqual(0);
  }

  async closed(): Promise<void> {
    await this.browser.close();
  }
}
