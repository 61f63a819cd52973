import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  test: {
    environment: "jsdom",
    globals: true,
    include: ["tests/**/test_*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    restoreMocks: true,
    // What a test drew goes first (tests/setup.ts): none of it may ask anything while the test clears up.
    sequence: { hooks: "list" },
    // A window of its own for each file, without loading jsdom itself each time: a third of the time.
    pool: "vmForks",
    maxWorkers: 2,
    silent: "passed-only",
    testTimeout: 60_000,
  },
});
