/** The policy file itself: which one a path means, how reports name it, its text. */
import { stat } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { type Fault, faultOf } from "../core/fault.ts";
import type { FoundFile } from "../core/found-file.ts";
import { readUserFile, UnreadableFile } from "../files/user-file.ts";

/** Relative to the working folder, when inside it: what CI systems and editors take. */
export function fromHere(file: string): string | undefined {
  const path = relative(process.cwd(), file);
  return path === "" || path.startsWith("..") || isAbsolute(path) ? undefined : path;
}

/** How reports name the policy that a path means, whether or not it can be read. */
export async function shownPolicy(path: string): Promise<string> {
  const named = (await isFolder(path)) ? join(path, "policy.yaml") : path;
  return fromHere(resolve(named)) ?? named;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

/** @throws UserError `policy-not-found` for a folder without one */
export async function findPolicyFile(path: string): Promise<string> {
  if (await isFolder(path)) {
    const inside = join(path, "policy.yaml");
    if (await stat(inside).catch(() => undefined)) return inside;
    throw new UserError("policy-not-found", `the folder ${path} contains no policy.yaml`, {
      fault: faultOf("policy-none", { path, folder: true }),
      place: { file: inside },
      found: "no such file",
      expected: "a policy file",
      todo: "name the policy file; docs/policy.md shows one",
    });
  }
  return path;
}

/** @throws UserError `policy-not-found` */
export function readPolicyFile(file: string, display: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(readUserFile(file));
  } catch (error) {
    throw new UserError("policy-not-found", `the policy ${display} cannot be read`, {
      place: { file: display },
      found: whyUnreadable(error),
      expected: "a policy file (YAML, UTF-8), or a folder with a policy.yaml",
      todo: `${isWrongEncoding(error) ? "save it as UTF-8" : "check the path"}; docs/policy.md shows a policy`,
      cause: error,
      fault: unreadable(error, display),
    });
  }
}

function isWrongEncoding(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ERR_ENCODING_INVALID_ENCODED_DATA";
}

function unreadable(error: unknown, file: string): Fault {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return faultOf("policy-unreadable", { file, found: "no-file" });
  if (isWrongEncoding(error)) return faultOf("policy-unreadable", { file, found: "not-utf-8" });
  return faultOf("policy-unreadable", { file, found: "unreadable", ...foundOf(error) });
}

function foundOf(error: unknown): FoundFile {
  return error instanceof UnreadableFile ? error.found : { said: (error as Error).message };
}

function whyUnreadable(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "no such file";
  return isWrongEncoding(error) ? "bytes that are not UTF-8" : message;
}
