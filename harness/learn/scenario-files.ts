/** The scenarios of a checkout: finding their files, reading their lessons, choosing some. */

import { existsSync, globSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Lesson, Scenario } from "../core/lesson.ts";
import { didYouMean, suggestionText } from "../core/suggestion.ts";
import { topics } from "./topics.ts";

export interface ScenarioFile extends Lesson {
  /** Absolute. */
  file: string;
}

const ending = ".scenario.ts";
const listener = Symbol.for("forwardlab.scenario");

/** Of a scenario's file. */
export function scenarioName(file: string): string {
  return basename(file, ending);
}

/** Beside `harness/` in a checkout; the package brings none. */
export function checkout(command = "run"): string {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  if (!existsSync(join(root, "scenarios"))) {
    throw new UserError("nothing-selected", "there are no scenarios here: they are part of the repository, not of the package", {
      fault: faultOf("scenarios-missing", { folder: join(root, "scenarios"), command }),
      found: `no folder ${join(root, "scenarios")}`,
      todo: `clone the repository, and run \`npm run -s forwardlab -- ${command}\` in it`,
    });
  }
  return root;
}

/** The lessons of all scenarios, without running one; sorted by name. */
export async function listScenarios(root: string): Promise<ScenarioFile[]> {
  const found: ScenarioFile[] = [];
  // One after the other: each tells its lesson while it is imported.
  for (const path of globSync(`scenarios/**/*${ending}`, { cwd: root }).sort()) {
    const file = join(root, path);
    found.push({ name: scenarioName(file), file, ...(await lessonOf(file, path)) });
  }
  return found;
}

async function lessonOf(file: string, path: string): Promise<Scenario> {
  const told: Scenario[] = [];
  const listening = globalThis as { [listener]?: (lesson: Scenario) => void };
  listening[listener] = (lesson) => told.push(lesson);
  try {
    await import(pathToFileURL(file).href);
  } finally {
    delete listening[listener];
  }
  const [lesson] = told;
  if (lesson && lesson.topic in topics) return lesson;
  throw new UserError("nothing-selected", lesson ? `no such topic: ${lesson.topic}` : "the file defines no scenario", {
    fault: lesson ? faultOf("scenario-topic", { topic: lesson.topic, known: Object.keys(topics) }) : faultOf("scenario-none", {}),
    place: { file: path },
    expected: lesson ? Object.keys(topics).join(", ") : "scenario({ topic, title, … })",
  });
}

/**
 * Those that are named: by path (of a file or a folder), name or topic; all, when nothing is.
 * @throws UserError for a word that names none
 */
export function choose<Each extends Pick<ScenarioFile, "name" | "topic" | "file">>(
  all: readonly Each[],
  wanted: readonly string[],
  folder: string,
): Each[] {
  if (wanted.length === 0) return [...all];
  const chosen = new Set<Each>();
  for (const word of wanted) {
    const path = resolve(folder, word);
    const named = all.filter(
      ({ name, topic, file }) => [name, topic].includes(word) || [path, `${path}${ending}`].includes(file) || file.startsWith(`${path}/`),
    );
    if (named.length === 0) {
      const meant = didYouMean(word, [...all.map(({ name }) => name), ...Object.keys(topics)]);
      throw new UserError("nothing-selected", `no scenario is called ${word}`, {
        fault: faultOf("scenario-unknown", { word, topics: Object.keys(topics), meant }),
        found: word,
        expected: `a file, a name (see \`forwardlab run --list\`), or a topic: ${Object.keys(topics).join(", ")}`,
        todo: suggestionText(meant),
      });
    }
    for (const each of named) chosen.add(each);
  }
  return all.filter((each) => chosen.has(each));
}
