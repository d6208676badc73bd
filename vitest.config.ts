import { defineConfig } from "vitest/config"

export default defineConfig({
  test: {
    globalSetup: ["packages/cli/test/built.ts"],
    include: ["packages/*/{test,examples}/**/*.test.ts"],
    // Importing Effect anew for each file would take longer than most of the files. Tests share no state of a module.
    isolate: false,
    // By default a core is left free, which on a small machine is half of it.
    maxWorkers: "100%",
    // For tests of many cases on a busy machine. What hangs fails all the same.
    testTimeout: 30_000,
    // Tests that run at the same time start processes; two of those are enough for a small machine.
    maxConcurrency: 2
  }
})
