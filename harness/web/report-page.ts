/** The template of the report's page: in the package it lies beside this file; a checkout builds it when its sources have changed. */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors.ts";
import { buildPage } from "./build-page.ts";

const shipped = join(import.meta.dirname, "report.html");
const root = join(import.meta.dirname, "../..");
const kept = join(root, "node_modules/.cache/forwardlab");

/** @throws UserError `report-page` where it has to be built and cannot be */
export async function reportPage(): Promise<string> {
  if (existsSync(shipped)) return readFileSync(shipped, "utf8");
  const file = join(kept, `report-${hashOfSources()}.html`);
  if (existsSync(file)) return readFileSync(file, "utf8");
  try {
    const page = await buildPage();
    keep(file, page);
    return page;
  } catch (error) {
    throw new UserError("report-page", `the page of the html report cannot be built: ${(error as Error).message.split("\n")[0]}`, {
      todo: "remove node_modules, so that the dependencies are installed again",
      cause: error,
    });
  }
}

/** Everything that the page may be made of. */
function hashOfSources(): string {
  const files = globSync(["harness/web/**/*", "harness/{core,openssh,report}/**/*.ts", "package-lock.json"], { cwd: root })
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
function keep(file: string, page: string): void {
  try {
    mkdirSync(kept, { recursive: true });
    for (const old of globSync("report-*.html", { cwd: kept })) rmSync(join(kept, old), { force: true });
    const aside = `${file}.${process.pid}`;
    writeFileSync(aside, page);
    renameSync(aside, file);
  } catch {}
}
