/** What a soak consists of, and its table. */

export interface Options {
  seed: number;
  /** Trials, or what the kind counts instead. */
  count: number;
  /** Where the engine, its images and the trials' files are. */
  cache: string;
}

/** Trials of one kind. */
export interface Row {
  what: string;
  trials: number;
  /** How they ended, and how often each way. */
  ends: Readonly<Record<string, number>>;
  /** What must not be; each names its trial, so that it can be repeated. */
  faults: readonly string[];
}

export interface Kind {
  about: string;
  /** How many unless another number is asked for. */
  count: number;
  run(options: Options): Promise<Row[]>;
}

/** Somebody has asked the soak to stop. */
export class Stopped extends Error {
  readonly exitCode: number;

  constructor(exitCode: number) {
    super("stopped");
    this.exitCode = exitCode;
  }
}

let stopped: Stopped | undefined;

/** From now on a signal ends the soak after the trial that is under way, so that its engine and its disks go. */
export function stopOnSignals(): void {
  for (const [signal, exitCode] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)
    process.on(signal, () => {
      stopped = new Stopped(exitCode);
      process.stderr.write("stopping after this trial\n");
    });
}

export class Tally {
  readonly #what: string;
  readonly #ends = new Map<string, number>();
  readonly #faults: string[] = [];
  #trials = 0;

  constructor(what: string) {
    this.#what = what;
  }

  /** One trial. @param name by which it can be repeated. Throws `Stopped` where a signal has come. */
  add(name: string, end: string, faults: readonly string[] = []): void {
    this.#trials++;
    this.#ends.set(end, (this.#ends.get(end) ?? 0) + 1);
    for (const fault of faults) this.#faults.push(`${name}: ${fault}`);
    process.stderr.write(`  ${this.#what}: ${name}: ${end}${faults.map((fault) => `\n    FAULT ${fault}`).join("")}\n`);
    if (stopped) throw stopped;
  }

  get row(): Row {
    return { what: this.#what, trials: this.#trials, ends: Object.fromEntries([...this.#ends].sort()), faults: this.#faults };
  }
}

export function table(rows: readonly Row[]): string {
  const lines = rows.map(({ what, trials, ends, faults }) => {
    const told = Object.entries(ends)
      .map(([end, count]) => `${end} ${count}`)
      .join(", ");
    return `| ${what} | ${trials} | ${told} | ${faults.length} |`;
  });
  const faults = rows.flatMap((row) => row.faults.map((fault) => `${row.what}: ${fault}`));
  return `${["| what | trials | how they ended | faults |", "| --- | --- | --- | --- |", ...lines, ...(faults.length > 0 ? ["", ...faults] : [])].join("\n")}\n`;
}
