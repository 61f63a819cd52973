import { defineConfig } from "vitest/config";

/** The browser tests: a real Chromium, the built interface, a real server. One file at a time: each loads both cores. */
export default defineConfig({
  test: {
    environment: "node",
    globals: true,
    include: ["e2e/**/test_*.test.ts"],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 60_000,
  },
});
