/**
 * A real AdMint server for the browser tests: its own process, its own data folder, this machine's loopback only.
 * `killed` is SIGKILL of the whole group, as a power cut would be; `started` again on the same port and folder.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const BACKEND = fileURLToPath(new URL("../../backend/", import.meta.url));
const PYTHON = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));
const READY_MS = 40_000;

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export class StudioServer {
  private child: ChildProcess | null = null;
  private log = "";

  private constructor(
    readonly port: number,
    readonly home: string,
    private readonly flags: string[],
  ) {}

  /** Start the server; `flags` go to tests/studio_server.py (none: exactly what `admint serve` runs). */
  static async started(...flags: string[]): Promise<StudioServer> {
    const server = new StudioServer(await freePort(), mkdtempSync(join(tmpdir(), "admint-e2e-")), flags);
    await server.start();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const module = ["-m", "tests.studio_server", "--port", String(this.port), "--home", this.home, ...this.flags];
    this.child = spawn(PYTHON, module, { cwd: BACKEND, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const note = (text: Buffer) => (this.log += text.toString());
    this.child.stdout?.on("data", note);
    this.child.stderr?.on("data", note);
    const deadline = Date.now() + READY_MS;
    while (Date.now() < deadline) {
      if (this.child.exitCode !== null) throw new Error(`the server ended at its start:\n${this.log}`);
      const alive = await fetch(`${this.url}/health/live`).catch(() => null);
      if (alive?.ok) return;
      await pause(100);
    }
    throw new Error(`the server did not come up:\n${this.log}`);
  }

  /** Power cut: nothing is written any more. */
  async killed(): Promise<void> {
    await this.ended("SIGKILL");
  }

  /** Stop and remove the data folder. */
  async stopped(): Promise<void> {
    await this.ended("SIGTERM");
    rmSync(this.home, { recursive: true, force: true });
  }

  private async ended(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    this.child = null;
    if (!child?.pid || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    process.kill(-child.pid, signal);
    await gone;
  }
}
