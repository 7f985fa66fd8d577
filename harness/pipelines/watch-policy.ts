/** `verify --watch`: a policy is judged again whenever one of its files is saved, in a lab that goes on. */
import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import type { Result } from "../core/result.ts";
import { allowFor, type LoadedPolicy, loadPolicy } from "../policy/load-policy.ts";
import { failureOf } from "../session/failure.ts";
import { type SharedLab, shareLab, type VerifyOptions } from "./verify.ts";

export interface Judged {
  result: Result | undefined;
  /** Why there is none: the files as they are now. */
  error: UserError | undefined;
  /** From the change to the result, milliseconds. */
  ms: number;
}

/** An editor writes a file in several steps; milliseconds of silence until it is done. */
const quietMs = 20;

/**
 * Runs until the signal. A policy that needs another network gets a lab of its own.
 * @throws what is no fault of the user's files
 */
export async function watchPolicy(path: string, options: VerifyOptions, onJudged: (judged: Judged) => Promise<void>): Promise<void> {
  let lab: SharedLab | undefined;
  let seen: string | undefined;
  using files = new WatchedFiles(dirname(resolve(path, statSync(path, { throwIfNoEntry: false })?.isDirectory() ? "policy.yaml" : "")));
  try {
    while (!options.signal?.aborted) {
      const changed = files.next(options.signal);
      const started = performance.now();
      try {
        const loaded = await loadPolicy(path, allowFor(options));
        files.watch(loaded);
        const now = hashOf(loaded);
        if (now !== seen) {
          if (lab && !lab.fits(loaded)) {
            await lab[Symbol.asyncDispose]();
            lab = undefined;
          }
          lab ??= await shareLab([loaded], options);
          const [result] = (await lab?.verify(loaded)) ?? [];
          await onJudged({ result, error: undefined, ms: performance.now() - started });
        }
        seen = now;
      } catch (thrown) {
        const error = failureOf(thrown);
        if (options.signal?.aborted || !(error instanceof UserError)) throw error;
        seen = undefined;
        await onJudged({ result: undefined, error, ms: performance.now() - started });
      }
      await changed;
    }
  } finally {
    await lab?.[Symbol.asyncDispose]();
  }
}

function hashOf({ inputs }: LoadedPolicy): string {
  return JSON.stringify(inputs.files.map(({ display, sha256 }) => [display, sha256]));
}

/** The folders of the files that were read: a file that is saved may be another one of the same name. */
class WatchedFiles {
  readonly #watchers = new Map<string, FSWatcher>();
  #changed: (() => void) | undefined;
  #quiet: NodeJS.Timeout | undefined;

  constructor(folder: string) {
    this.#add(folder);
  }

  watch({ folder, inputs }: LoadedPolicy): void {
    for (const { display } of inputs.files) {
      const own = dirname(resolve(folder, display));
      this.#add(own);
      // An empty `sshd_config.d` may get its first file.
      for (const entry of readdirSync(own, { withFileTypes: true }))
        if (entry.isDirectory() && entry.name.endsWith(".d")) this.#add(join(own, entry.name));
    }
  }

  /** Resolves at the first change from now on, or at the signal. */
  next(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      this.#changed = resolve;
      signal?.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#quiet);
    for (const watcher of this.#watchers.values()) watcher.close();
  }

  #add(folder: string): void {
    if (this.#watchers.has(folder)) return;
    const watcher = watch(folder, () => {
      clearTimeout(this.#quiet);
      this.#quiet = setTimeout(() => this.#changed?.(), quietMs);
    });
    // A folder that goes is noticed when its files are read.
    watcher.on("error", () => this.#watchers.delete(folder));
    this.#watchers.set(folder, watcher);
  }
}
