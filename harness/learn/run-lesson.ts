/** Runs lessons on a live lab, and tells what happens in them as it happens. */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { RecordedRun, RunEvent } from "../core/lesson.ts";
import { temporaryFolder } from "../files/temporary-folder.ts";
import { type RecordLine, recordVariable } from "../vitest/record-channel.ts";
import type { ScenarioFile } from "./scenario-files.ts";
import { ScenarioRunner } from "./scenario-runner.ts";

type OnRunEvent = (event: RunEvent) => void;

export class LessonRunner implements AsyncDisposable {
  readonly #runner: ScenarioRunner;
  readonly #started: AsyncDisposableStack;
  #onEvent: OnRunEvent | undefined;

  private constructor(runner: ScenarioRunner, listener: Server, started: AsyncDisposableStack) {
    this.#runner = runner;
    this.#started = started;
    listener.on("connection", (socket) => this.#listen(socket));
  }

  /** @param root the checkout's folder */
  static async start(root: string): Promise<LessonRunner> {
    await using started = new AsyncDisposableStack();
    const { path: folder } = started.use(await temporaryFolder("record"));
    const path = join(folder, "events");
    const listener = started.adopt(createServer(), (server) => void server.close());
    await once(listener.listen(path), "listening");
    listener.unref();
    // Vitest's workers inherit it.
    process.env[recordVariable] = path;
    started.defer(() => {
      delete process.env[recordVariable];
    });
    const runner = started.use(await ScenarioRunner.start(root));
    return new LessonRunner(runner, listener, started.move());
  }

  /**
   * One run to its end. What keeps it from one is told as an `over` that proves nothing.
   * @param signal cancels it: the lab is gone when the promise resolves
   */
  async run({ name, file }: Pick<ScenarioFile, "name" | "file">, onEvent: OnRunEvent, signal?: AbortSignal): Promise<RecordedRun> {
    const events: RunEvent[] = [];
    let lab = "";
    const tell: OnRunEvent = (event) => {
      // Each experiment tells its lab; mostly it is the same.
      if (event.type === "lab") {
        const text = JSON.stringify(event);
        if (text === lab) return;
        lab = text;
      }
      events.push(event);
      onEvent(event);
    };
    this.#onEvent = numbered(tell);
    try {
      const verdict = (await this.#runner.run([file], signal ? { signal } : {})).get(file);
      const why = verdict?.held === true ? [] : (verdict?.why ?? ["not run"]);
      tell({ type: "over", ...(verdict?.held === undefined ? {} : { held: verdict.held }), why });
    } finally {
      this.#onEvent = undefined;
    }
    return { lesson: name, events };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#started.disposeAsync();
  }

  #listen(socket: Socket): void {
    socket.on("error", () => undefined);
    createInterface({ input: socket }).on("line", (text) => {
      const line = JSON.parse(text) as RecordLine;
      if ("sync" in line) socket.write(`${line.sync}\n`);
      else this.#onEvent?.(line);
    });
  }
}

/** Ids count from 1 in each run, whatever the worker counts. */
function numbered(tell: OnRunEvent): OnRunEvent {
  const known = new Map<number, number>();
  return (event) => {
    if (!("id" in event)) return tell(event);
    const id = known.get(event.id) ?? known.size + 1;
    known.set(event.id, id);
    tell({ ...event, id });
  };
}
