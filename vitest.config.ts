import { join } from "node:path";
import { defineConfig } from "vitest/config";

/** Tests start the command line some hundred times: Node translates its files once. */
const env = { NODE_COMPILE_CACHE: join(import.meta.dirname, "node_modules", ".cache", "node-compile") };

/** What is counted takes several times as long. */
const slower = process.argv.includes("--coverage") ? 6 : 1;

/**
 * A worker with a lab waits for more than half of its time, for kernels' timers and other processes: it was measured to use 0.4 of a
 * core, so that four left two cores idle for a fifth of the time.
 */
const labs = 6;
const lab = {
  testTimeout: 120_000 * slower,
  hookTimeout: 600_000,
  // Vitest's own second is not enough on a busy machine.
  expect: { poll: { interval: 50, timeout: 20_000 } },
  globalSetup: ["test/lab/engine.setup.ts"],
  setupFiles: ["test/lab/images.setup.ts"],
  maxWorkers: labs,
  // After the quick tests, during which missing images are built.
  sequence: { groupOrder: 1 },
  env,
};

export default defineConfig({
  test: {
    // A retry would hide a flaky border.
    retry: 0,
    // `npm run coverage`: of the harness; what runs as a process of its own (the command line, the agent) is not counted.
    coverage: { provider: "v8", include: ["harness/**/*.{ts,tsx}"], reporter: ["text-summary", "html"], reportOnFailure: true },
    projects: [
      // Pure functions and processes of their own: what takes the time is to load the modules, which each worker does once.
      {
        test: {
          name: "quick",
          include: ["test/quick/**/*.test.ts"],
          // In a fresh clone they share the processors with the builds of the lab's images.
          testTimeout: 60_000 * slower,
          isolate: false,
          maxWorkers: 4,
          env,
        },
      },
      { test: { name: "lab", include: ["test/lab/**/*.test.ts"], isolate: false, ...lab } },
      // One lab for all scenarios of a worker: each finds it clean.
      { test: { name: "scenarios", include: ["scenarios/**/*.scenario.ts"], isolate: false, ...lab } },
    ],
  },
});
