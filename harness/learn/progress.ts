/** What a learner has done, kept on the learner's machine. */
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { makeFolder } from "../files/make-folder.ts";

const schema = z.object({
  version: z.literal(1),
  /** By name: of the last time. */
  lessons: z.record(z.string(), z.object({ on: z.string(), right: z.int(), predicted: z.int() })),
});

export type Progress = z.infer<typeof schema>["lessons"];

export function progressFile(): string {
  const { XDG_STATE_HOME } = process.env;
  return join(XDG_STATE_HOME || join(homedir(), ".local", "state"), "forwardlab", "learn.json");
}

/** Nothing, where nothing can be read. */
export function readProgress(file = progressFile()): Progress {
  try {
    return schema.parse(JSON.parse(readFileSync(file, "utf8"))).lessons;
  } catch {
    return {};
  }
}

/** Without a place to keep it, the lesson was all the same. */
export function noteDone(lesson: string, { right, predicted }: { right: number; predicted: number }, file = progressFile()): void {
  const on = new Date().toLocaleDateString("sv-SE");
  const lessons: Progress = { ...readProgress(file), [lesson]: { on, right, predicted } };
  try {
    makeFolder(dirname(file));
    const aside = `${file}.${process.pid}`;
    writeFileSync(aside, `${JSON.stringify({ version: 1, lessons }, null, 2)}\n`);
    renameSync(aside, file);
  } catch {}
}
