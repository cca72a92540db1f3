import { defineConfig } from "vitest/config";

// Live tests share one kernel and two cores: one file at a time keeps them honest.
export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/say-live.ts"],
    fileParallelism: false,
    // A kernel on two shared cores is late now and then; what fails twice has a cause.
    retry: process.env["CI"] === undefined ? 0 : 1,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
