/** The templates of the pages: in the package they lie beside this file; a checkout builds one when its sources have changed. */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Catalogue, RecordedRun } from "../core/lesson.ts";
import { placeholder, scriptJson } from "../report/html.ts";
import type { Language } from "../report/sentences.ts";
import { buildPage, type PageName } from "./build-page.ts";

const root = join(import.meta.dirname, "../..");
const kept = join(root, "node_modules/.cache/forwardlab");

/** @throws UserError `report-page` where it has to be built and cannot be */
export function reportPage(): Promise<string> {
  return templateOf("report");
}

/**
 * The playground, complete.
 * @param language left out: the browser's, if the page speaks it
 * @throws UserError `report-page` where it has to be built and cannot be
 */
export async function playgroundPage(language?: Language): Promise<string> {
  return (await templateOf("playground")).replace(placeholder, () => scriptJson({ language: language ?? null }));
}

/**
 * The page of `forwardlab learn`, for its server: it connects to `ws` and `tty` beside its own address.
 * @param language left out: the browser's, if the page speaks it
 * @throws UserError `report-page` where it has to be built and cannot be
 */
export async function learnPage(language?: Language): Promise<string> {
  return (await templateOf("learn")).replace(placeholder, () => scriptJson({ language: language ?? null }));
}

/**
 * A page of an export, complete: `LESSON.html`, or, without a run, `index.html`. It links to a page beside it for each lesson that the catalogue's
 * course and library name.
 * @throws UserError `report-page` where it has to be built and cannot be
 */
export async function lessonPage(catalogue: Catalogue, run: RecordedRun | undefined, language?: Language): Promise<string> {
  const exported = { language: language ?? null, catalogue: exportedCatalogue(catalogue, run?.lesson), run: run ?? null };
  return (await templateOf("lesson")).replace(placeholder, () => scriptJson(exported));
}

/** Other lessons are told by their titles and questions only; exercises need a lab. */
function exportedCatalogue({ lessons, course, library }: Catalogue, shown: string | undefined): Catalogue {
  const linked = new Set([...course, ...library].flatMap((chapter) => chapter.lessons));
  const nothing = { en: "", ja: "" };
  return {
    lessons: lessons
      .filter(({ name }) => name === shown || linked.has(name))
      .map((lesson) => (lesson.name === shown ? lesson : { ...lesson, predict: nothing, commands: [], seen: nothing, why: nothing })),
    course,
    library,
    exercises: [],
  };
}

async function templateOf(name: PageName): Promise<string> {
  const shipped = join(import.meta.dirname, `${name}.html`);
  if (existsSync(shipped)) return readFileSync(shipped, "utf8");
  const file = join(kept, `${name}-${hashOfSources()}.html`);
  if (existsSync(file)) return readFileSync(file, "utf8");
  try {
    const page = await buildPage(name);
    keep(name, file, page);
    return page;
  } catch (error) {
    throw new UserError("report-page", `the page cannot be built: ${(error as Error).message.split("\n")[0]}`, {
      fault: faultOf("page-not-built", { said: (error as Error).message.split("\n")[0] ?? "" }),
      todo: "remove node_modules, so that the dependencies are installed again",
      cause: error,
    });
  }
}

/** Everything that the page may be made of. */
function hashOfSources(): string {
  const files = globSync(["harness/web/**/*", "harness/{core,firewall,openssh,report}/**/*.ts", "package-lock.json"], { cwd: root })
    .filter((path) => /\.\w+$/.test(path))
    .sort();
  const hash = createHash("sha256");
  for (const path of files)
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update("\0");
  return hash.digest("hex").slice(0, 16);
}

/** Two runs may build at once: each file is written aside, then named. Without a place to keep it, the next run builds it again. */
function keep(name: PageName, file: string, page: string): void {
  try {
    mkdirSync(kept, { recursive: true });
    for (const old of globSync(`${name}-*.html`, { cwd: kept })) rmSync(join(kept, old), { force: true });
    const aside = `${file}.${process.pid}`;
    writeFileSync(aside, page);
    renameSync(aside, file);
  } catch {}
}
