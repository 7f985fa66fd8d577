/** Grades what a person made of an exercise: by `verify`, as any other policy. */

import { cp, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { parseDocument } from "yaml";
import { toldError, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Exercise, Grade } from "../core/lesson.ts";
import { temporaryFolder } from "../files/temporary-folder.ts";
import { verifyLoaded } from "../pipelines/verify.ts";
import { loadPolicy } from "../policy/load-policy.ts";
import { PolicyErrors } from "../policy/policy-errors.ts";
import type { OnEvent } from "../session/events.ts";
import { failureOf } from "../session/failure.ts";
import { type Attempt, exerciseFolder } from "./exercises.ts";
import { hintsOf } from "./hints.ts";

/** Characters of a file, and of a command. */
const longestFile = 65_536;
const longestCommand = 1_000;

export interface GradeOptions {
  /** Instead of the exercise's own. */
  openssh?: string;
  onEvent?: OnEvent;
  signal?: AbortSignal;
}

/**
 * Nothing of the attempt stays on disk.
 * @param root the checkout's folder
 * @throws UserError `exercise` for files and commands that are not the exercise's, and where nothing can be observed whatever the files say
 */
export async function grade(root: string, exercise: Exercise, attempt: Attempt, options: GradeOptions = {}): Promise<Grade> {
  checkAttempt(exercise, attempt);
  await using made = await temporaryFolder("exercise");
  const folder = made.path;
  try {
    await writeAttempt(root, folder, exercise, attempt);
    const loaded = await loadPolicy(join(folder, "policy.yaml"), { display: join(exercise.name, "policy.yaml") });
    const result = await verifyLoaded(loaded, options);
    const files = [...exercise.files.map((file) => file.name), ...(Object.keys(exercise.commands).length > 0 ? ["policy.yaml"] : [])];
    const hints = hintsOf(result, files);
    return { exercise: exercise.name, result, hints: hints.length > 0 ? [...hints, exercise.hint] : [] };
  } catch (thrown) {
    options.signal?.throwIfAborted();
    return { exercise: exercise.name, hints: [], error: errorOf(failureOf(thrown)) };
  }
}

function checkAttempt({ name, files, commands }: Exercise, attempt: Attempt): void {
  const known = files.map((file) => file.name);
  const strange = [
    ...attempt.files.map((file) => file.name).filter((each) => !known.includes(each)),
    ...Object.keys(attempt.commands).filter((each) => !Object.hasOwn(commands, each)),
  ];
  if (strange.length > 0)
    throw new UserError("exercise", `${name} has nothing of that name to edit`, {
      found: strange.join(", "),
      expected: [...known, ...Object.keys(commands)].join(", "),
      fault: faultOf("nothing-of-that-name", { exercise: name, known: [...known, ...Object.keys(commands)] }),
    });
  const long = [
    ...attempt.files.filter(({ text }) => text.length > longestFile).map((file) => file.name),
    ...Object.entries(attempt.commands).flatMap(([forward, text]) => (text.length > longestCommand ? [forward] : [])),
  ];
  if (long.length > 0)
    throw new UserError("exercise", `too long: ${long.join(", ")}`, {
      expected: `at most ${longestFile} characters in a file, ${longestCommand} in a command`,
      fault: faultOf("attempt-too-long", { names: long, file: longestFile, command: longestCommand }),
    });
}

async function writeAttempt(root: string, folder: string, exercise: Exercise, { files, commands }: Attempt): Promise<void> {
  const own = ["solution", "exercise.yaml"];
  await cp(exerciseFolder(root, exercise.name), folder, { recursive: true, filter: (path) => !own.includes(basename(path)) });
  for (const { name, text } of files) await writeFile(join(folder, name), text.replaceAll("\r\n", "\n"));
  const policy = join(folder, "policy.yaml");
  const document = parseDocument(await readFile(policy, "utf8"));
  for (const [forward, ssh] of Object.entries(commands)) document.setIn(["forwards", forward, "ssh"], ssh);
  await writeFile(policy, String(document));
}

function errorOf(failure: unknown): NonNullable<Grade["error"]> {
  const error = failure instanceof PolicyErrors ? (failure.errors[0] ?? failure) : failure;
  if (!(error instanceof UserError)) throw failure;
  return toldError(error);
}
