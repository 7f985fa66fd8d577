/** One lesson on this terminal, from its question to what to type next. */

import { createInterface } from "node:readline";
import type { Lesson } from "../../core/lesson.ts";
import { ownCommand } from "../../pipelines/own-command.ts";
import type { Language } from "../../report/sentences.ts";
import { noteDone } from "../progress.ts";
import type { School } from "../school.ts";
import { type Console, introduce, LessonTeller, type Told } from "./tell-lesson.ts";
import { UpcomingEvents } from "./upcoming.ts";
import { words } from "./words.ts";

export interface TerminalOptions {
  school: School;
  language: Language;
  signal: AbortSignal;
}

/** @throws what keeps the lesson from running */
export async function runInTerminal(lesson: Lesson, options: TerminalOptions): Promise<Told> {
  const { language, signal } = options;
  const input = createInterface({ input: process.stdin, terminal: false });
  try {
    const lines = input[Symbol.asyncIterator]();
    const console: Console = {
      print: (text) => void process.stdout.write(`${text}\n`),
      ask: async () => {
        process.stdout.write("  > ");
        const { value, done } = await Promise.race([lines.next(), aborted(signal)]);
        if (process.stdin.isTTY !== true) process.stdout.write("\n");
        return done ? undefined : value;
      },
    };
    introduce(lesson, language, console);
    console.print(`\n  … ${words[language].starting}`);
    const told = await runAndTell(lesson, options, console);
    signal.throwIfAborted();
    if (told.held !== undefined) noteDone(lesson.name, told);
    console.print(tryIt(lesson, language));
    return told;
  } finally {
    input.close();
    // Whatever it is, it must not keep the process.
    process.stdin.destroy();
  }
}

async function runAndTell(lesson: Lesson, { school, language, signal }: TerminalOptions, console: Console): Promise<Told> {
  const events = new UpcomingEvents();
  const running = school.run(lesson.name, (event) => events.push(event), signal).finally(() => events.end());
  const telling = new LessonTeller(lesson, language, console, events).tell();
  const [told] = await Promise.all([telling, running]);
  return told;
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function tryIt({ name, topic }: Lesson, language: Language): string {
  const self = ownCommand();
  const inBrowser = `\n${words[language].tryIt}
  ${self} learn ${name}`;
  // Its port is open by a remote forward: by hand, it shows nothing of another kind.
  if (topic !== "remote") return inBrowser;
  return `${inBrowser}

${words[language].tryArticle}
  ${self} up examples/article
  ${self} exec home -- ssh -fN -R :43234:localhost:3389 server
  ${self} exec other-lan -- curl -sS http://server:43234/hello
  ${self} down`;
}
