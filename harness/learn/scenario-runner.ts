/** Runs files of scenarios, each to its verdict, by Vitest's Node interface. */
import type { TestModule, Vitest } from "vitest/node";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { couldNotLook } from "../session/could-not-look.ts";

/** `held` undefined: nothing is proven either way. */
export type ScenarioVerdict = { held: true } | { held: false | undefined; why: string[] };

const notAll = "not all of it was run";

export interface RunOptions {
  /** Told each verdict as it comes. */
  onVerdict?: (file: string, verdict: ScenarioVerdict) => void;
  /** Ends the run: what has begun is undone, what has not is left out. */
  signal?: AbortSignal;
}

/** One Vitest for runs one after the other: the second need not load its config and find its tests again. */
export class ScenarioRunner implements AsyncDisposable {
  readonly #vitest: Vitest;
  readonly #listeners: Set<(module: TestModule) => void>;

  private constructor(vitest: Vitest, listeners: Set<(module: TestModule) => void>) {
    this.#vitest = vitest;
    this.#listeners = listeners;
  }

  /** @param root the checkout's folder. Vitest's workers get the environment as it is when they start. */
  static async start(root: string): Promise<ScenarioRunner> {
    const { createVitest } = await import("vitest/node").catch((cause: unknown): never => {
      throw new UserError("nothing-selected", "Vitest, which runs the scenarios, is not installed", {
        fault: faultOf("vitest-missing", {}),
        todo: "install the development dependencies: `npm ci`",
        cause,
      });
    });
    const listeners = new Set<(module: TestModule) => void>();
    const onTestModuleEnd = (module: TestModule) => {
      for (const listener of listeners) listener(module);
    };
    const vitest = await createVitest("test", { root, project: "scenarios", watch: false, reporters: [{ onTestModuleEnd }] });
    return new ScenarioRunner(vitest, listeners);
  }

  /** The verdict of each file that was run. */
  async run(files: readonly string[], { onVerdict, signal }: RunOptions = {}): Promise<Map<string, ScenarioVerdict>> {
    const verdicts = new Map<string, ScenarioVerdict>();
    if (files.length === 0 || signal?.aborted) return verdicts;
    const listener = (module: TestModule) => {
      // To Vitest, a module whose tests were left out has not failed.
      const verdict: ScenarioVerdict = signal?.aborted ? { held: undefined, why: [notAll] } : verdictOf(module);
      verdicts.set(module.moduleId, verdict);
      onVerdict?.(module.moduleId, verdict);
    };
    this.#listeners.add(listener);
    const stop = () => void this.#vitest.cancelCurrentRun("keyboard-input");
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const wanted = new Set(files);
      const specifications = (await this.#vitest.globTestSpecifications()).filter(({ moduleId }) => wanted.has(moduleId));
      if (signal?.aborted) return verdicts;
      const { unhandledErrors } = await this.#vitest.runTestSpecifications(specifications, true);
      if (verdicts.size === 0 && unhandledErrors[0]) throw unhandledErrors[0];
    } finally {
      signal?.removeEventListener("abort", stop);
      this.#listeners.delete(listener);
      // Vitest leaves its own idea of success here.
      process.exitCode = undefined;
    }
    return verdicts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#vitest.close();
    process.exitCode = undefined;
  }
}

function verdictOf(module: TestModule): ScenarioVerdict {
  if (module.ok()) return { held: true };
  const ofTests = [...module.children.allTests("failed")].flatMap((test) =>
    (test.result().errors ?? []).map((error) => ({ error, told: `${test.fullName}\n${error.message}` })),
  );
  if (ofTests.length === 0) return { held: undefined, why: [...module.errors().map(({ message }) => message), notAll] };
  const held = ofTests.every(({ error }) => couldNotLook(error)) ? undefined : false;
  return { held, why: ofTests.map(({ told }) => told) };
}
