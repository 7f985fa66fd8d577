/** Result files: what `verify --report json=PATH` wrote. */
import type { z } from "zod";
import { UserError } from "../core/errors.ts";
import { type FaultParams, faultOf } from "../core/fault.ts";
import { type Fleet, fleetSchema, fleetVersion } from "../core/fleet.ts";
import type { FoundFile } from "../core/found-file.ts";
import { type Result, resultSchema, resultVersion } from "../core/result.ts";
import { type Review, reviewSchema, reviewVersion } from "../core/review.ts";
import { readFileOr } from "../files/user-file.ts";

/** @throws UserError `result-file` when it cannot be read or is no result */
export async function readResult(path: string): Promise<Result> {
  return parseResult(textOf(path), path);
}

/** What `verify` wrote, of one policy or of several. @throws as `readResult` */
export async function readResultOrFleet(path: string): Promise<Result | Fleet> {
  const value = jsonOf(textOf(path), path, "verify");
  return (value as { kind?: unknown } | null)?.kind === "fleet" ? documentOf(value, path, fleetKind) : documentOf(value, path, resultKind);
}

function textOf(path: string): string {
  const bytes = readFileOr(path, ({ code, message, found }) => {
    throw notAResult(path, "verify", code === "ENOENT" ? "missing" : "unreadable", message, found);
  });
  return bytes.toString("utf8");
}

interface DocumentKind<T> {
  schema: z.ZodType<T>;
  version: number;
  /** That writes such documents. */
  command: "verify" | "review";
}

const resultKind: DocumentKind<Result> = { schema: resultSchema, version: resultVersion, command: "verify" };
const fleetKind: DocumentKind<Fleet> = { schema: fleetSchema, version: fleetVersion, command: "verify" };
const reviewKind: DocumentKind<Review> = { schema: reviewSchema, version: reviewVersion, command: "review" };

/** @throws as `readResult` */
export function parseResult(text: string, path: string): Result {
  return documentOf(jsonOf(text, path, resultKind.command), path, resultKind);
}

/** What `verify` wrote of several policies. @throws as `readResult` */
export function parseFleet(text: string, path: string): Fleet {
  return documentOf(jsonOf(text, path, fleetKind.command), path, fleetKind);
}

/** What `review --report json=PATH` wrote. @throws as `readResult` */
export function parseReview(text: string, path: string): Review {
  return documentOf(jsonOf(text, path, reviewKind.command), path, reviewKind);
}

function jsonOf(text: string, path: string, command: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw text.trim() === ""
      ? notAResult(path, command, "empty")
      : notAResult(path, command, "invalid", `no JSON: ${(error as Error).message}`);
  }
}

function documentOf<T>(value: unknown, path: string, { schema, version: own, command }: DocumentKind<T>): T {
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === "number" && version !== own) {
    throw new UserError("result-file", `${path} was written by another version of forwardlab`, {
      fault: faultOf("result-version", { path, version, own, command }),
      place: { file: path },
      found: `schemaVersion ${version}`,
      expected: `schemaVersion ${own}`,
      todo: `${command} again, or read it with the version that wrote it`,
    });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw notAResult(path, command, "invalid", issue ? `${issue.path.join(".") || "the document"}: ${issue.message}` : "another document");
}

/** @param said what reads it says; shown for what is not there, or empty, as that */
function notAResult(
  path: string,
  command: string,
  is: FaultParams<"result-not-one">["found"],
  said = "",
  why: FoundFile = { said },
): UserError {
  const known = { missing: "no such file", empty: "an empty file" };
  const found = is === "missing" || is === "empty" ? known[is] : said;
  return new UserError("result-file", `${path} is not a result of forwardlab`, {
    place: { file: path },
    fault: faultOf("result-not-one", { path, command, found: is, ...(is === "missing" || is === "empty" ? {} : why) }),
    found,
    expected: `a file that \`forwardlab ${command} --report json=PATH\` wrote`,
    todo: "check the path",
  });
}
