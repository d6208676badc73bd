import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    globalSetup: ["packages/cli/test/built.ts"],
    include: ["packages/*/{test,examples}/**/*.test.ts"],
    // Tests that run at the same time start processes; two of those are enough for a small machine.
    maxConcurrency: 2
  }
})
