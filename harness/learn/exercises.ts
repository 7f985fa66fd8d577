/** The exercises of a checkout: `scenarios/exercises/NAME`, a policy with files that a person is to put right. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { EditedFile, Exercise } from "../core/lesson.ts";

const textSchema = z.strictObject({ en: z.string().min(1), ja: z.string().min(1) });

/** `exercise.yaml` beside a `policy.yaml`. */
const exerciseSchema = z.strictObject({
  title: textSchema,
  task: textSchema,
  /** Told last, when what was observed was no help. */
  hint: textSchema,
  /** What may be edited, relative to the exercise. */
  files: z.array(z.string().regex(/^[\w.-]+(\/[\w.-]+)*$/)),
  /** Forwards of the policy whose arguments of ssh may be edited. */
  commands: z.array(z.string()),
});

const commandsSchema = z.record(z.string(), z.string());
const policySchema = z.object({ forwards: z.record(z.string(), z.object({ ssh: z.string() })) });

/** What a person hands in. */
export interface Attempt {
  files: readonly EditedFile[];
  commands: Readonly<Record<string, string>>;
}

export function exerciseFolder(root: string, name: string): string {
  return join(root, "scenarios", "exercises", name);
}

/** In the order of their names. */
export function listExercises(root: string): Exercise[] {
  return readdirSync(join(root, "scenarios", "exercises"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((name) => readExercise(root, name));
}

function readExercise(root: string, name: string): Exercise {
  const folder = exerciseFolder(root, name);
  const { title, task, hint, files, commands } = readYaml(folder, "exercise.yaml", exerciseSchema);
  const { forwards } = readYaml(folder, "policy.yaml", policySchema);
  return {
    name,
    title,
    task,
    hint,
    files: files.map((file) => ({ name: file, text: readFileSync(join(folder, file), "utf8") })),
    commands: Object.fromEntries(commands.map((forward) => [forward, forwards[forward]?.ssh ?? ""])),
  };
}

/** What the exercise's author hands in. */
export function solutionOf(root: string, { name, files, commands }: Exercise): Attempt {
  const folder = join(exerciseFolder(root, name), "solution");
  return {
    files: files.map((file) => ({ name: file.name, text: readFileSync(join(folder, file.name), "utf8") })),
    commands: Object.keys(commands).length === 0 ? {} : readYaml(folder, "commands.yaml", commandsSchema),
  };
}

function readYaml<T>(folder: string, file: string, schema: z.ZodType<T>): T {
  const read = schema.safeParse(parse(readFileSync(join(folder, file), "utf8")));
  if (read.success) return read.data;
  throw new UserError("exercise", `the exercise cannot be used: ${z.prettifyError(read.error)}`, {
    place: { file: join(folder, file) },
    fault: faultOf("exercise-unusable", { said: z.prettifyError(read.error) }),
  });
}
