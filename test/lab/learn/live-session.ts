/** A learner at a live lab: a terminal to type in, and a record of what the lab tells. */
import type { LiveAttempt, LiveEvent } from "../../../harness/core/lesson.ts";
import { type LiveLab, type LiveLabOptions, startLiveLab } from "../../../harness/learn/live/live-lab.ts";
import type { Terminal } from "../../../harness/learn/live/terminal.ts";

type Event<Type extends LiveEvent["type"]> = Extract<LiveEvent, { type: Type }>;

export class Learner implements AsyncDisposable {
  readonly live: LiveLab;
  readonly events: LiveEvent[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(live: LiveLab) {
    this.live = live;
    live.onEvent((event) => {
      this.events.push(event);
      for (const look of [...this.#waiting]) look();
    });
  }

  static async start(options?: LiveLabOptions): Promise<Learner> {
    return new Learner(await startLiveLab(options));
  }

  /** The newest event that matches, or the first that comes. `since`: how many there were before. */
  async event<Type extends LiveEvent["type"]>(type: Type, matches: (event: Event<Type>) => boolean, since = 0): Promise<Event<Type>> {
    const find = () =>
      this.events.slice(since).findLast((event): event is Event<Type> => event.type === type && matches(event as Event<Type>));
    const found = find();
    if (found) return found;
    return new Promise((resolve) => {
      const look = () => {
        const come = find();
        if (!come) return;
        this.#waiting.delete(look);
        resolve(come);
      };
      this.#waiting.add(look);
    });
  }

  async attempt(matches: (attempt: LiveAttempt) => boolean, since = 0): Promise<LiveAttempt> {
    return (await this.event("attempt", ({ attempt }) => matches(attempt), since)).attempt;
  }

  async check(): Promise<Event<"checked">> {
    const since = this.events.length;
    await this.live.check();
    return this.event("checked", () => true, since);
  }

  /** Types an ssh line, and waits for what it is to open: `ssh -f` does not. */
  async opens(shell: Shell, line: string, socket: string): Promise<LiveEvent> {
    const since = this.events.length;
    await shell.type(line);
    return this.event("listeners", ({ listeners }) => listeners.some((each) => each.socket === socket), since);
  }

  async shell(host: string, size = { cols: 100, rows: 30 }): Promise<Shell> {
    const terminal = await this.live.terminal(host, size);
    const shell = new Shell(terminal, host);
    await shell.prompt();
    return shell;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.live[Symbol.asyncDispose]();
  }
}

export class Shell implements AsyncDisposable {
  readonly terminal: Terminal;
  readonly ended: Promise<void>;
  readonly #host: string;
  #shown = "";
  #news: () => void = () => undefined;

  constructor(terminal: Terminal, host: string) {
    this.terminal = terminal;
    this.#host = host;
    terminal.stream.on("data", (chunk: Buffer) => {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal is told by
      this.#shown = `${this.#shown}${chunk}`.replaceAll(/\x1b\[[?\d;]*[A-Za-z]|\r/g, "");
      this.#news();
    });
    this.ended = new Promise((resolve) => terminal.stream.once("end", resolve).once("close", resolve));
  }

  /** Types a line; resolves with all that is shown until the next prompt. */
  async type(line: string): Promise<string> {
    this.#shown = "";
    this.terminal.stream.write(`${line}\n`);
    return this.until(new RegExp(`\\n[^]*${this.#host}:\\S*[$#] $`));
  }

  /** What is shown up to a prompt that waits. */
  prompt(): Promise<string> {
    return this.until(new RegExp(`${this.#host}:\\S*[$#] $`));
  }

  /** Types without waiting. */
  send(text: string): void {
    this.terminal.stream.write(text);
  }

  async until(pattern: RegExp): Promise<string> {
    while (!pattern.test(this.#shown)) {
      await new Promise<void>((resolve) => {
        this.#news = resolve;
      });
    }
    return this.#shown;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminal[Symbol.asyncDispose]();
  }
}
