/** What is done for one learner: one thing that takes a lab at a time, whichever of the learner's pages asks. */

import { UserError } from "../../core/errors.ts";
import { faultOf } from "../../core/fault.ts";
import type { Catalogue, LearnMessage, LearnRequest, LiveEvent, RecordedRun, RunEvent } from "../../core/lesson.ts";
import type { Attempt } from "../exercises.ts";
import type { grade } from "../grade.ts";
import { experimentToTry } from "../live/goal.ts";
import type { LivePort, TerminalPort } from "./live-port.ts";
import type { Size } from "./requests.ts";

/** How things are done; a test may do them in its own way. */
export interface Means {
  catalogue: Catalogue;
  run(lesson: string, onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<RecordedRun>;
  grade(exercise: string, attempt: Attempt, signal: AbortSignal): ReturnType<typeof grade>;
  /** The lab of one experiment of a recorded run. */
  startLive(run: RecordedRun, experiment: number, signal: AbortSignal): Promise<LivePort>;
}

type Tell = (message: LearnMessage) => void;

/** Something that takes a lab. */
interface Work {
  what: LearnRequest["do"];
  by: Tell;
  stop: AbortController;
  /** It has told all that it has to tell: whoever asks next need only wait for its end. */
  told: boolean;
  done: Promise<void>;
}

export class Learner implements AsyncDisposable {
  readonly #means: Means;
  readonly #pages = new Set<Tell>();
  /** The last run of each lesson. */
  readonly #runs = new Map<string, RecordedRun>();
  readonly #over = new AbortController();
  #busy: Work | undefined;
  #live: Promise<LivePort> | undefined;
  /** What a page that comes later has missed: the last event of each kind. */
  readonly #liveNow = new Map<LiveEvent["type"], LiveEvent>();

  constructor(means: Means) {
    this.#means = means;
  }

  /** A page that listens; what it returns ends that, and with it what the page began. */
  join(tell: Tell): () => void {
    this.#pages.add(tell);
    tell({ of: "catalogue", catalogue: this.#means.catalogue });
    for (const event of this.#liveNow.values()) tell({ of: "live", event });
    return () => {
      this.#pages.delete(tell);
      if (this.#busy?.by === tell) this.#busy.stop.abort(new Error("the page is gone"));
    };
  }

  /** @throws UserError for what cannot be carried out */
  async handle(request: LearnRequest, tell: Tell): Promise<void> {
    switch (request.do) {
      case "run":
        this.#lesson(request.lesson);
        return this.#alone(request, tell, (signal) => this.#run(request.lesson, tell, signal));
      case "stop":
        this.#busy?.stop.abort(new Error("stopped"));
        await this.#busy?.done;
        return;
      case "try":
        this.#lesson(request.lesson);
        return this.#alone(request, tell, (signal) => this.#try(request.lesson, request.experiment, signal));
      case "use":
        return (await this.#liveLab()).use(request.files);
      case "check":
        return (await this.#liveLab()).check();
      case "grade":
        return this.#alone(request, tell, async (signal) =>
          tell({ of: "grade", grade: await this.#means.grade(request.exercise, request, signal) }),
        );
    }
  }

  /** @throws UserError `learn-request` where no lab runs */
  async terminal(host: string, size: Size): Promise<TerminalPort> {
    return (await this.#liveLab()).terminal(host, size);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort(new Error("the lessons have ended"));
    this.#busy?.stop.abort(this.#over.signal.reason);
    await this.#busy?.done;
    await (await this.#live?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  #lesson(name: string): void {
    if (this.#means.catalogue.lessons.some((lesson) => lesson.name === name)) return;
    throw new UserError("learn-request", `there is no lesson ${name}`, { found: name, fault: faultOf("lesson-unknown", { lesson: name }) });
  }

  async #alone({ do: what }: LearnRequest, by: Tell, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    while (this.#busy && (this.#busy.told || this.#busy.stop.signal.aborted)) await this.#busy.done;
    if (this.#busy) {
      throw new UserError("learn-request", `a lab is in use for another request (${this.#busy.what})`, {
        todo: "wait until it is done, or stop it",
        fault: faultOf("lab-busy", { request: this.#busy.what }),
      });
    }
    const stop = new AbortController();
    const working = work(stop.signal).finally(() => {
      this.#busy = undefined;
    });
    this.#busy = { what, by, stop, told: false, done: working.catch(() => undefined) };
    await working;
  }

  #toldAll(what: LearnRequest["do"]): void {
    if (this.#busy?.what === what) this.#busy.told = true;
  }

  async #run(lesson: string, tell: Tell, signal: AbortSignal): Promise<void> {
    const tellEvent = (event: RunEvent) => {
      if (event.type === "over") this.#toldAll("run");
      tell({ of: "run", lesson, event });
    };
    const run = await this.#means.run(lesson, tellEvent, signal);
    if (!signal.aborted) this.#runs.set(lesson, run);
  }

  async #try(lesson: string, wanted: number | undefined, signal: AbortSignal): Promise<void> {
    const run = this.#runs.get(lesson) ?? (await this.#means.run(lesson, () => undefined, signal));
    signal.throwIfAborted();
    this.#runs.set(lesson, run);
    const experiment = wanted ?? experimentToTry(run.events);
    await this.#endUnfit(run, experiment);
    this.#live ??= this.#startLive(run, experiment);
    const live = await this.#live;
    signal.throwIfAborted();
    await live.begin(run, experiment);
  }

  /** A lesson in another network gets another lab. */
  async #endUnfit(run: RecordedRun, experiment: number): Promise<void> {
    const live = await this.#live;
    if (!live || live.fits(run, experiment)) return;
    this.#live = undefined;
    this.#liveNow.clear();
    await live[Symbol.asyncDispose]();
  }

  async #startLive(run: RecordedRun, experiment: number): Promise<LivePort> {
    try {
      const live = await this.#means.startLive(run, experiment, this.#over.signal);
      live.onEvent((event) => this.#tellLive(event));
      return live;
    } catch (error) {
      this.#live = undefined;
      throw error;
    }
  }

  #tellLive(event: LiveEvent): void {
    if (event.type === "begun") this.#toldAll("try");
    if (event.type === "begun") for (const type of ["checked", "listeners"] as const) this.#liveNow.delete(type);
    if (event.type === "ended") this.#live = undefined;
    if (event.type !== "attempt") this.#liveNow.set(event.type, event);
    for (const tell of this.#pages) tell({ of: "live", event });
  }

  async #liveLab(): Promise<LivePort> {
    if (this.#live) return this.#live;
    throw new UserError("learn-request", "there is no lab to work in yet", {
      todo: "open a lesson and choose to try it",
      fault: faultOf("no-lab-yet", {}),
    });
  }
}
