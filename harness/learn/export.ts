/** `--export`: runs lessons, and writes them as pages for people without a lab. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Catalogue, RecordedRun } from "../core/lesson.ts";
import { makeFolder } from "../files/make-folder.ts";
import type { Language } from "../report/sentences.ts";
import { lessonPage } from "../web/report-page.ts";

/** Names the pages that an export has written: whatever else lies there is somebody's. */
const listFile = "forwardlab-lessons.json";
const listSchema = z.object({ pages: z.array(z.string()) });

/** @throws UserError `export` for a folder with files that no export wrote */
export function prepareExport(folder: string): void {
  try {
    makeFolder(folder);
    const own = exported(folder);
    const foreign = readdirSync(folder).filter((name) => name !== listFile && !own.includes(name));
    if (foreign.length === 0) return;
    throw new UserError("export", `${folder} holds other files than exported lessons`, {
      fault: faultOf("export-folder", { folder }),
      found: foreign.slice(0, 5).join(", "),
      expected: "an empty folder, or one of an earlier export",
      todo: "name another folder",
    });
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError("export", `cannot write into ${folder}: ${(cause as NodeJS.ErrnoException).code ?? (cause as Error).message}`, {
      fault: faultOf("cannot-write", {
        what: "lessons",
        path: folder,
        why: (cause as NodeJS.ErrnoException).code ?? (cause as Error).message,
      }),
      cause,
    });
  }
}

/** Pages of earlier exports to the folder. */
function exported(folder: string): string[] {
  try {
    return listSchema.parse(JSON.parse(readFileSync(join(folder, listFile), "utf8"))).pages;
  } catch {
    return [];
  }
}

/** The page of one lesson; the catalogue names those that there are pages of. */
export async function writeLesson(folder: string, catalogue: Catalogue, run: RecordedRun, language?: Language): Promise<void> {
  write(folder, `${run.lesson}.html`, await lessonPage(catalogue, run, language));
}

/** The page that leads to them. */
export async function writeIndex(folder: string, catalogue: Catalogue, language?: Language): Promise<void> {
  write(folder, "index.html", await lessonPage(catalogue, undefined, language));
}

function write(folder: string, name: string, page: string): void {
  // First it is known as the export's, then it is there.
  const pages = [...new Set([...exported(folder), name])].sort();
  writeFileSync(join(folder, listFile), `${JSON.stringify({ pages }, null, 2)}\n`);
  writeFileSync(join(folder, name), page);
}

/** The same with these lessons alone: each page links to no others. */
export function limitedTo(catalogue: Catalogue, names: readonly string[]): Catalogue {
  const limited = (chapters: Catalogue["course"]) =>
    chapters
      .map(({ title, lessons }) => ({ title, lessons: lessons.filter((name) => names.includes(name)) }))
      .filter(({ lessons }) => lessons.length > 0);
  return { ...catalogue, course: limited(catalogue.course), library: limited(catalogue.library) };
}
