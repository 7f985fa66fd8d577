/** `forwardlab learn`: lessons on a live lab, in the browser, on this terminal, or as pages for a class. */

import { once } from "node:events";
import { join, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { stepOf } from "../core/step.ts";
import { suiteOf } from "../engine/suites.ts";
import { limitedTo, prepareExport, writeIndex, writeLesson } from "../learn/export.ts";
import { readProgress } from "../learn/progress.ts";
import { School } from "../learn/school.ts";
import { Learner } from "../learn/server/learner.ts";
import { startServer } from "../learn/server/server.ts";
import { courseText } from "../learn/terminal/list-course.ts";
import { runInTerminal } from "../learn/terminal/run-in-terminal.ts";
import type { Language } from "../report/sentences.ts";
import { learnPage } from "../web/report-page.ts";
import { type Context, exitCodes } from "./run-command.ts";

export interface LearnFlags {
  port?: number;
  lang?: string;
  terminal?: boolean;
  export?: string;
  openssh?: string;
  color?: boolean;
}

/** `language` undefined: a page takes the browser's. */
type Way = (school: School, lessons: readonly string[], language: Language | undefined, context: Context) => Promise<number>;

export async function learnCommand(wanted: readonly string[], flags: LearnFlags, context: Context): Promise<number> {
  const language = flags.lang === undefined ? undefined : context.language;
  const way = wayOf(flags);
  if (flags.color === false) process.env.NO_COLOR = "1";
  // The labs of the lessons are started by Vitest's workers, which read it there.
  if (flags.openssh !== undefined) process.env.FORWARDLAB_OPENSSH = suiteOf(flags.openssh);
  await using school = await School.open(flags);
  const lessons = wanted.map((name) => school.lesson(name).name);
  if (flags.export === undefined && lessons.length > 1)
    throw new UserError("option", "several lessons at once are for --export", {
      fault: faultOf("lessons-several", {}),
      found: lessons.join(" "),
      expected: "one lesson",
    });
  return await way(school, lessons, language, context);
}

function wayOf({ terminal, export: folder, port }: LearnFlags): Way {
  const ways = [terminal && "--terminal", folder !== undefined && "--export", port !== undefined && "--port"].filter((each) => each);
  if (ways.length > 1)
    throw new UserError("option", `${ways.join(" and ")} exclude each other`, {
      fault: faultOf("option-not-with", { options: ways as string[] }),
      expected: "one of them",
    });
  if (terminal) return inTerminal;
  return folder === undefined ? inBrowser(port) : asPages(folder);
}

const inTerminal: Way = async (school, [name], language = "en", { signal }) => {
  if (name === undefined) {
    process.stdout.write(`${courseText(school.catalogue, readProgress(), language)}\n`);
    return exitCodes.held;
  }
  const { held } = await runInTerminal(school.lesson(name), { school, language, signal });
  if (held === undefined) return exitCodes.noVerdict;
  return held ? exitCodes.held : exitCodes.violated;
};

const inBrowser =
  (port: number | undefined): Way =>
  async (school, [name], language, { words, progress, signal }) => {
    progress(stepOf("preparing-page", {}));
    const page = await learnPage(language);
    signal.throwIfAborted();
    await using learner = new Learner(school);
    await using server = await startServer({ learner, page, ...(port === undefined ? {} : { port }) });
    process.stdout.write(words.learn.invitation(`${server.url}${name === undefined ? "" : `#lesson=${name}`}`));
    progress(stepOf("lessons-open", {}));
    if (!signal.aborted) await once(signal, "abort");
    return exitCodes.held;
  };

const asPages =
  (folder: string): Way =>
  async (school, names, language, { words, progress, signal }) => {
    const lessons = names.length > 0 ? names : school.catalogue.course.flatMap((chapter) => chapter.lessons);
    prepareExport(folder);
    const catalogue = limitedTo(school.catalogue, lessons);
    const failed: string[] = [];
    for (const [at, name] of lessons.entries()) {
      progress(stepOf("lesson-done", { name, done: at + 1, of: lessons.length }));
      const run = await school.run(name, () => undefined, signal);
      signal.throwIfAborted();
      const over = run.events.findLast((event) => event.type === "over");
      if (over?.type !== "over" || over.held !== true) failed.push(name);
      await writeLesson(folder, catalogue, run, language);
    }
    await writeIndex(folder, catalogue, language);
    process.stdout.write(`${resolve(join(folder, "index.html"))}\n`);
    for (const name of failed) process.stderr.write(`forwardlab: ${words.learn.otherwise(name)}\n`);
    return failed.length > 0 ? exitCodes.noVerdict : exitCodes.held;
  };
