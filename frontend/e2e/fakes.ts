/** The fake vendors (backend/fakes) as a process of their own: real HTTP, playable clips, no bill. */
import { spawn, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

const BACKEND = fileURLToPath(new URL("../../backend/", import.meta.url));
const PYTHON = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));

export class Fakes {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  /** Start them on a free port; servers started from here on buy from them. */
  static async started(): Promise<Fakes> {
    const command = ["-m", "fakes", "--port", "0", "--scale", "0.25"];
    const child = spawn(PYTHON, command, { cwd: BACKEND, stdio: ["ignore", "pipe", "inherit"] });
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout.once("data", (text: Buffer) => resolve(text.toString().trim()));
      child.once("exit", () => reject(new Error("the fakes did not start")));
    });
    process.env.REPLICATE_BASE_URL = url;
    process.env.REPLICATE_API_TOKEN = "r8_canary_that_must_never_be_seen_anywhere";
    return new Fakes(url, child);
  }

  /** Have them misbehave from here on: each rule names a scenario (backend/fakes/scenarios.py). */
  async script(...rules: { scenario: string; nth?: number }[]): Promise<void> {
    const body = JSON.stringify({ rules });
    const answer = await fetch(`${this.url}/_script`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** How many clips were sold since the start. */
  async clipsSold(): Promise<number> {
    const log = (await (await fetch(`${this.url}/_log`)).json()) as { predictions: { paid: { kind: string }[] } };
    return log.predictions.paid.filter((each) => each.kind === "video").length;
  }

  async stopped(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    await gone;
    delete process.env.REPLICATE_BASE_URL;
    delete process.env.REPLICATE_API_TOKEN;
  }
}
