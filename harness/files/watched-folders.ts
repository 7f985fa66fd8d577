/** Tells when something changes in folders. */
import { type FSWatcher, statSync, watch } from "node:fs";
import { basename } from "node:path";

/** An editor writes a file in several steps; milliseconds of silence after which it is done. */
const quietMs = 20;

/** Changes that come right after one another. Whoever reads the files at its first may find one half written, and looks again when it is over. */
export class Burst {
  readonly began: number = performance.now();
  readonly #changed = new Set<string>();
  readonly #over = Promise.withResolvers<void>();
  #quiet: NodeJS.Timeout | undefined;
  #isOver = false;

  add(folder: string): void {
    this.#changed.add(folder);
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      this.#isOver = true;
      this.#over.resolve();
    }, quietMs);
  }

  /** Folders in which something has changed since this was asked last. */
  take(): string[] {
    const all = [...this.#changed];
    this.#changed.clear();
    return all;
  }

  /** Something has changed since then. */
  get goesOn(): boolean {
    return this.#changed.size > 0;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get over(): Promise<void> {
    return this.#over.promise;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#quiet);
  }
}

/** Folders, not files: a file that is saved may be another one of the same name. */
export class WatchedFolders {
  readonly #watchers = new Map<string, FSWatcher>();
  #latest: Burst | undefined;
  /** `latest` was handed out. */
  #taken = false;
  #wake: (() => void) | undefined;
  #watched = 0;

  /** How many have been added so far. */
  get watched(): number {
    return this.#watched;
  }

  /** False: there is no such folder. */
  add(folder: string): boolean {
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
      this.#forget(folder);
      return false;
    }
    if (this.#watchers.has(folder)) return true;
    const watcher = watch(folder, (_, name) => {
      // The folder itself is gone; maybe another one has its name by now.
      if (name === basename(folder)) this.#forget(folder);
      this.#change(folder);
    });
    watcher.on("error", () => this.#forget(folder));
    this.#watchers.set(folder, watcher);
    this.#watched++;
    return true;
  }

  /** The first changes that nobody has been told of; undefined once the signal is aborted. */
  async next(signal: AbortSignal | undefined): Promise<Burst | undefined> {
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const stop = () => this.#wake?.();
    signal?.addEventListener("abort", stop, { once: true });
    if (!signal?.aborted && (this.#taken || !this.#latest)) await woken;
    signal?.removeEventListener("abort", stop);
    this.#wake = undefined;
    if (signal?.aborted) return undefined;
    this.#taken = true;
    return this.#latest;
  }

  [Symbol.dispose](): void {
    this.#latest?.[Symbol.dispose]();
    for (const folder of [...this.#watchers.keys()]) this.#forget(folder);
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close();
    this.#watchers.delete(folder);
  }

  #change(folder: string): void {
    if (!this.#latest || this.#latest.isOver) {
      const next = new Burst();
      // Of changes that nobody has been told of, none is lost.
      if (!this.#taken) for (const earlier of this.#latest?.take() ?? []) next.add(earlier);
      this.#latest = next;
      this.#taken = false;
    }
    this.#latest.add(folder);
    this.#wake?.();
  }
}
