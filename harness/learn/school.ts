/** What `learn` has to teach, and the labs that it teaches with. */

import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Catalogue, RecordedRun, RunEvent } from "../core/lesson.ts";
import { didYouMean, suggestionText } from "../core/suggestion.ts";
import { catalogueOf } from "./course.ts";
import { listExercises } from "./exercises.ts";
import { grade } from "./grade.ts";
import { goalOf } from "./live/goal.ts";
import { startLiveLab } from "./live/live-lab.ts";
import { LessonRunner } from "./run-lesson.ts";
import { checkout, listScenarios, type ScenarioFile } from "./scenario-files.ts";
import type { Means } from "./server/learner.ts";
import type { LivePort } from "./server/live-port.ts";

export class School implements AsyncDisposable, Means {
  readonly root: string;
  readonly lessons: readonly ScenarioFile[];
  readonly catalogue: Catalogue;
  readonly #openssh: string | undefined;
  #runner: Promise<LessonRunner> | undefined;

  private constructor(root: string, lessons: readonly ScenarioFile[], openssh: string | undefined) {
    this.root = root;
    this.lessons = lessons;
    this.catalogue = catalogueOf(
      lessons.map(({ file: _file, ...lesson }) => lesson),
      listExercises(root),
    );
    this.#openssh = openssh;
  }

  /** @param openssh version of every server that does not state its own */
  static async open({ openssh }: { openssh?: string }): Promise<School> {
    const root = checkout("learn");
    return new School(root, await listScenarios(root), openssh);
  }

  /** @throws UserError `nothing-selected` */
  lesson(name: string): ScenarioFile {
    const found = this.lessons.find((lesson) => lesson.name === name);
    if (found) return found;
    throw new UserError("nothing-selected", `no lesson is called ${name}`, {
      fault: faultOf("lesson-unknown", { lesson: name }),
      found: name,
      expected: "the name of a scenario (see `forwardlab learn --terminal`)",
      todo: suggestionText(
        didYouMean(
          name,
          this.lessons.map((lesson) => lesson.name),
        ),
      ),
    });
  }

  async run(lesson: string, onEvent: (event: RunEvent) => void, signal: AbortSignal): Promise<RecordedRun> {
    this.#runner ??= LessonRunner.start(this.root);
    return (await this.#runner).run(this.lesson(lesson), onEvent, signal);
  }

  grade(name: string, attempt: Parameters<typeof grade>[2], signal: AbortSignal): ReturnType<typeof grade> {
    const exercise = this.catalogue.exercises.find((each) => each.name === name);
    if (!exercise)
      throw new UserError("exercise", `there is no exercise ${name}`, { found: name, fault: faultOf("lesson-unknown", { lesson: name }) });
    return grade(this.root, exercise, attempt, { signal, ...(this.#openssh === undefined ? {} : { openssh: this.#openssh }) });
  }

  async startLive(run: RecordedRun, experiment: number): Promise<LivePort> {
    const { lab } = goalOf(run.events, experiment);
    const live = await startLiveLab({ ...(lab ? { lab } : {}), ...(this.#openssh === undefined ? {} : { openssh: this.#openssh }) });
    return {
      fits: (other, at) => live.fits(goalOf(other.events, at)),
      onEvent: (listener) => live.onEvent(listener),
      begin: (other, at) => live.begin(other.lesson, goalOf(other.events, at)),
      use: (files) => live.use(files),
      check: () => live.check(),
      terminal: (host, size) => live.terminal(host, size),
      [Symbol.asyncDispose]: () => Promise.resolve(live[Symbol.asyncDispose]()),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await (await this.#runner?.catch(() => undefined))?.[Symbol.asyncDispose]();
  }
}
