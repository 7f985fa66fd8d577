import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    retry: 0,
    projects: [
      { test: { name: "quick", include: ["test/quick/**/*.test.ts"], testTimeout: 20_000 } },
      {
        test: {
          name: "lab",
          include: ["test/lab/**/*.test.ts", "scenarios/**/*.scenario.ts"],
          testTimeout: 120_000,
          hookTimeout: 600_000,
          globalSetup: ["test/lab/engine.setup.ts"],
          maxWorkers: 2,
        },
      },
    ],
  },
});
