/** Result files: what `verify --report json=PATH` wrote. */
import type { z } from "zod";
import { UserError } from "./core/errors.ts";
import { type Fleet, fleetSchema, fleetVersion } from "./core/fleet.ts";
import { type Result, resultSchema, resultVersion } from "./core/result.ts";
import { type Review, reviewSchema, reviewVersion } from "./core/review.ts";
import { readFileOr } from "./files/user-file.ts";

/** @throws UserError `result-file` when it cannot be read or is no result */
export async function readResult(path: string): Promise<Result> {
  return parseResult(textOf(path), path);
}

/** What `verify` wrote, of one policy or of several. @throws as `readResult` */
export async function readResultOrFleet(path: string): Promise<Result | Fleet> {
  const text = textOf(path);
  return isFleet(text) ? parseFleet(text, path) : parseResult(text, path);
}

function textOf(path: string): string {
  const bytes = readFileOr(path, ({ code, message }) => {
    throw notAResult(path, "verify", code === "ENOENT" ? "no such file" : message);
  });
  return bytes.toString("utf8");
}

function isFleet(text: string): boolean {
  try {
    return (JSON.parse(text) as { kind?: unknown } | null)?.kind === "fleet";
  } catch {
    return false;
  }
}

/** @throws as `readResult` */
function parseFleet(text: string, path: string): Fleet {
  return parseDocument(text, path, { schema: fleetSchema, version: fleetVersion, command: "verify" });
}

/** @throws as `readResult` */
export function parseResult(text: string, path: string): Result {
  return parseDocument(text, path, { schema: resultSchema, version: resultVersion, command: "verify" });
}

/** What `review --report json=PATH` wrote. @throws as `readResult` */
export function parseReview(text: string, path: string): Review {
  return parseDocument(text, path, { schema: reviewSchema, version: reviewVersion, command: "review" });
}

interface DocumentKind<T> {
  schema: z.ZodType<T>;
  version: number;
  /** That writes such documents. */
  command: string;
}

function parseDocument<T>(text: string, path: string, { schema, version: own, command }: DocumentKind<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notAResult(path, command, text.trim() === "" ? "an empty file" : `no JSON: ${(error as Error).message}`);
  }
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === "number" && version !== own) {
    throw new UserError("result-file", `${path} was written by another version of forwardlab`, {
      place: { file: path },
      found: `schemaVersion ${version}`,
      expected: `schemaVersion ${own}`,
      todo: `${command} again, or read it with the version that wrote it`,
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw notAResult(path, command, issue ? `${issue.path.join(".") || "the document"}: ${issue.message}` : "another document");
}

function notAResult(path: string, command: string, found: string): UserError {
  return new UserError("result-file", `${path} is not a result of forwardlab`, {
    place: { file: path },
    found,
    expected: `a file that \`forwardlab ${command} --report json=PATH\` wrote`,
    todo: "check the path",
  });
}
