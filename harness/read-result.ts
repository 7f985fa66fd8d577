/** Result files: what `verify --report json=PATH` wrote. */
import { readFile } from "node:fs/promises";
import { UserError } from "./core/errors.ts";
import { type Result, resultSchema, resultVersion } from "./core/result.ts";

/** @throws UserError `result-file` when it cannot be read or is no result */
export async function readResult(path: string): Promise<Result> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw notAResult(path, error.code === "ENOENT" ? "no such file" : error.message);
  });
  return parseResult(text, path);
}

/** @throws as `readResult` */
export function parseResult(text: string, path: string): Result {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw notAResult(path, text.trim() === "" ? "an empty file" : `no JSON: ${(error as Error).message}`);
  }
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === "number" && version !== resultVersion) {
    throw new UserError("result-file", `${path} was written by another version of forwardlab`, {
      place: { file: path },
      found: `schemaVersion ${version}`,
      expected: `schemaVersion ${resultVersion}`,
      todo: "verify again, or read it with the version that wrote it",
    });
  }
  const parsed = resultSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw notAResult(path, issue ? `${issue.path.join(".") || "the document"}: ${issue.message}` : "another document");
}

function notAResult(path: string, found: string): UserError {
  return new UserError("result-file", `${path} is not a result of forwardlab`, {
    place: { file: path },
    found,
    expected: "a file that `forwardlab verify --report json=PATH` wrote",
    todo: "check the path",
  });
}
