import { globSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Lesson } from "../../../harness/core/lesson.ts";
import { catalogueOf, course } from "../../../harness/learn/course.ts";
import { listExercises, solutionOf } from "../../../harness/learn/exercises.ts";
import { scenarioName } from "../../../harness/learn/scenario-files.ts";
import { root } from "../house/imports.ts";

/** Read as text: inside of Vitest, a scenario that is imported runs. */
const lessons = globSync("scenarios/**/*.scenario.ts", { cwd: root }).map((path) => {
  const [, topic] = /topic: "([\w-]+)"/.exec(readFileSync(join(root, path), "utf8")) ?? [];
  return { name: scenarioName(path), topic } as Lesson;
});
const exercises = listExercises(root);

test("the course and the library together are all scenarios, each once", () => {
  const { library } = catalogueOf(lessons, exercises);
  const named = [...course, ...library].flatMap((chapter) => chapter.lessons);
  expect(named.toSorted()).toEqual(lessons.map(({ name }) => name).toSorted());
});

test("the path of the article is lesson one to six", () => {
  expect(course[0]?.lessons).toHaveLength(6);
});

test.each(exercises)("the exercise $name has files to edit, and a solution that changes nothing else", (exercise) => {
  const { files, commands } = solutionOf(root, exercise);
  const before = { ...Object.fromEntries(exercise.files.map(({ name, text }) => [name, text])), ...exercise.commands };
  const after = { ...Object.fromEntries(files.map(({ name, text }) => [name, text])), ...commands };
  expect(Object.keys(after)).toEqual(Object.keys(before));
  for (const [name, text] of Object.entries(after)) expect(text, name).not.toBe(before[name]);
  const solved = readdirSync(`${root}/scenarios/exercises/${exercise.name}/solution`).filter((name) => name !== "commands.yaml");
  expect(solved.toSorted()).toEqual(files.map(({ name }) => name).toSorted());
});
