/** The course as a list, with what has been done of it. Pure. */
import { styleText } from "node:util";
import type { Catalogue, Chapter } from "../../core/lesson.ts";
import type { Language } from "../../report/sentences.ts";
import type { Progress } from "../progress.ts";
import { words } from "./words.ts";

export function courseText({ lessons, course, library, exercises }: Catalogue, progress: Progress, language: Language): string {
  const say = words[language];
  const width = Math.max(...lessons.map(({ name }) => name.length));
  const titles = new Map(lessons.map(({ name, title, question }) => [name, { title: title[language], question: question[language] }]));
  let number = 0;
  const lines = ({ title, lessons: names }: Chapter, numbered: boolean) => [
    styleText("bold", title[language]),
    ...names.map((name) => {
      const done = progress[name];
      const mark = done ? styleText("green", "✔") : "·";
      // The title gives the answer away: it is for those who have seen it.
      const text = done ? titles.get(name)?.title : titles.get(name)?.question;
      const tail = done ? styleText("dim", `  ${say.done(done.right, done.predicted, done.on)}`) : "";
      return `  ${mark} ${numbered ? `${++number}`.padStart(2) : "  "}  ${name.padEnd(width)}  ${text}${tail}`;
    }),
  ];
  const next = course.flatMap((chapter) => chapter.lessons).find((name) => !(name in progress));
  return [
    ...course.map((chapter) => lines(chapter, true).join("\n")),
    `${styleText("bold", say.library)}\n\n${library.map((chapter) => lines(chapter, false).join("\n")).join("\n\n")}`,
    `${styleText("bold", say.exercises)}\n${exercises.map(({ name, title }) => `      ${name.padEnd(width + 4)}  ${title[language]}`).join("\n")}`,
    ...(next === undefined ? [] : [`${say.next}: forwardlab learn --terminal ${next}`]),
  ].join("\n\n");
}
