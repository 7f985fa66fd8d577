/** `--report FORMAT=PATH`, which several commands take. */
import { access, constants, mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Written } from "../core/command-faults.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { ReportOptions } from "../report/render.ts";
import { diskFull, isDiskFull } from "../session/failure.ts";
import { reportPage } from "../web/report-page.ts";
import { writeWhole } from "./write-whole.ts";

export interface Report {
  format: string;
  /** `-`: standard output. */
  path: string;
}

/** Reads them and checks that each can be written, before any work is done. */
export async function prepareReports(texts: readonly string[], checkFormat: (format: string) => void): Promise<Report[]> {
  const reports = texts.map((text) => parseReport(text, checkFormat));
  if (reports.filter(({ path }) => path === "-").length > 1) {
    throw new UserError("report", "two reports cannot both go to standard output", {
      fault: faultOf("reports-to-output", {}),
      todo: "give one of them a path",
    });
  }
  await Promise.all(reports.map(({ format, path }) => prepare({ is: "report", format }, path)));
  if (reports.some(({ format }) => format === "html")) await reportPage();
  return reports;
}

function parseReport(text: string, checkFormat: (format: string) => void): Report {
  const at = text.indexOf("=");
  if (at < 1 || at === text.length - 1) {
    throw new UserError("report", `--report ${text} is not FORMAT=PATH`, {
      fault: faultOf("report-spec", {}),
      found: text,
      expected: "FORMAT=PATH, for example junit=report.xml; - is standard output",
    });
  }
  const format = text.slice(0, at);
  checkFormat(format);
  return { format, path: text.slice(at + 1) };
}

/** Where no report goes to standard output, the text report does. */
export async function writeReports(
  reports: readonly Report[],
  { quiet, color }: { quiet?: boolean; color: boolean },
  render: (format: string, options: ReportOptions) => string,
): Promise<void> {
  const toOutput = reports.some(({ path }) => path === "-");
  for (const { format, path } of toOutput || quiet ? reports : [...reports, { format: "text", path: "-" }]) {
    const page = format === "html" ? { page: await reportPage() } : {};
    if (path === "-") {
      const colored = color && format === "text" && process.stdout.isTTY === true && !process.env.NO_COLOR;
      process.stdout.write(render(format, { color: colored, width: process.stdout.columns, ...page }));
    } else await writeWhole(path, render(format, page)).catch((error) => cannotWrite({ is: "report", format }, path, error));
  }
}

/** Before the lab is built: the folder is there, or is made, and can be written to. */
export async function prepare(what: Target, path: string): Promise<void> {
  if (path === "-") return;
  try {
    await makeFolder(dirname(path));
    await access(dirname(path), constants.W_OK);
    if ((await stat(path).catch(() => undefined))?.isDirectory()) throw Object.assign(new Error("a folder"), { code: "EISDIR" });
  } catch (error) {
    cannotWrite(what, path, error);
  }
}

/** One level at a time: `mkdir` of Node's with `recursive` never ends below /proc. */
async function makeFolder(folder: string): Promise<void> {
  const parent = dirname(folder);
  const known = await stat(parent).catch(() => undefined);
  if (!known && parent !== folder) await makeFolder(parent);
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

const writeFaults: Readonly<Record<string, string>> = {
  EACCES: "permission denied (EACCES)",
  EISDIR: "it is a folder",
  ENOTDIR: "a file stands where a folder would have to (ENOTDIR)",
  EROFS: "the file system is read-only (EROFS)",
};

/** What is to be written. */
export interface Target {
  is: Exclude<Written, "lessons">;
  format?: string;
}

export function cannotWrite({ is, format }: Target, path: string, error: unknown): never {
  const { code } = error as NodeJS.ErrnoException;
  const what = format === undefined ? is : `${format} ${is}`;
  if (isDiskFull(error)) throw diskFull(`cannot write the ${what} to ${path}: the disk is full`, error);
  const why = (code !== undefined && writeFaults[code]) || code || (error as Error).message;
  throw new UserError("report", `cannot write the ${what} to ${path}: ${why}`, {
    fault: faultOf("cannot-write", { what: is, format, path, why: code ?? (error as Error).message }),
    found: path,
    expected: "a writable path",
    cause: error,
  });
}
