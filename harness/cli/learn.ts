/** `forwardlab learn`: lessons on a live lab, in the browser, on this terminal, or as pages for a class. */
import { UserError } from "../core/errors.ts";
import type { Catalogue } from "../core/lesson.ts";
import { suiteOf } from "../engine/suites.ts";
import { catalogueOf } from "../learn/course.ts";
import { listExercises } from "../learn/exercises.ts";
import { readProgress } from "../learn/progress.ts";
import { checkout, listScenarios, type ScenarioFile } from "../learn/scenario-files.ts";
import { courseText } from "../learn/terminal/list-course.ts";
import { runInTerminal } from "../learn/terminal/run-in-terminal.ts";
import type { Language } from "../report/sentences.ts";
import { languageOf } from "./language.ts";
import { type Context, exitCodes } from "./run-command.ts";

export interface LearnFlags {
  port?: number;
  lang?: string;
  terminal?: boolean;
  export?: string;
  openssh?: string;
  color?: boolean;
}

interface School {
  root: string;
  lessons: readonly ScenarioFile[];
  catalogue: Catalogue;
}

export async function learnCommand(wanted: readonly string[], flags: LearnFlags, context: Context): Promise<number> {
  const language = flags.lang === undefined ? undefined : languageOf(flags.lang);
  checkFlags(flags);
  if (flags.color === false) process.env.NO_COLOR = "1";
  // The labs of the lessons are started by Vitest's workers, which read it there.
  if (flags.openssh !== undefined) process.env.FORWARDLAB_OPENSSH = suiteOf(flags.openssh);
  const root = checkout("learn");
  const files = await listScenarios(root);
  const school: School = { root, lessons: files, catalogue: catalogueOf(files.map(withoutFile), listExercises(root)) };
  const lessons = wanted.map((name) => lessonNamed(name, files));
  if (flags.terminal) return inTerminal(school, only(lessons, "--terminal"), language ?? "en", context);
  throw new UserError("option", "not yet");
}

function checkFlags({ terminal, export: folder, port }: LearnFlags): void {
  const modes = [terminal && "--terminal", folder !== undefined && "--export", port !== undefined && "--port"].filter((each) => each);
  if (modes.length > 1) throw new UserError("option", `${modes.join(" and ")} exclude each other`, { expected: "one of them" });
}

function withoutFile({ file: _file, ...lesson }: ScenarioFile): Omit<ScenarioFile, "file"> {
  return lesson;
}

function lessonNamed(name: string, lessons: readonly ScenarioFile[]): ScenarioFile {
  const found = lessons.find((lesson) => lesson.name === name);
  if (found) return found;
  throw new UserError("nothing-selected", `no lesson is called ${name}`, {
    found: name,
    expected: "the name of a scenario (see `forwardlab learn --terminal`)",
  });
}

function only(lessons: readonly ScenarioFile[], mode: string): ScenarioFile | undefined {
  if (lessons.length > 1)
    throw new UserError("option", `${mode} takes one lesson`, { found: lessons.map(({ name }) => name).join(" "), expected: "one name" });
  return lessons[0];
}

async function inTerminal(
  { root, catalogue }: School,
  lesson: ScenarioFile | undefined,
  language: Language,
  { signal }: Context,
): Promise<number> {
  if (!lesson) {
    process.stdout.write(`${courseText(catalogue, readProgress(), language)}\n`);
    return exitCodes.held;
  }
  const { held } = await runInTerminal(lesson, { root, language, signal });
  if (held === undefined) return exitCodes.noVerdict;
  return held ? exitCodes.held : exitCodes.violated;
}
