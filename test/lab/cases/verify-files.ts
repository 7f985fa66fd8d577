/** A user's folder, written for one run of `verify`. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Result, ResultCell } from "../../../harness/core/result.ts";
import { type VerifyOptions, verifyPolicy } from "../../../harness/pipelines/verify.ts";

/** Tries no remedies, unless asked to. @param files by path; `policy.yaml` is the policy */
export async function verifyFiles(files: Readonly<Record<string, string>>, options: VerifyOptions = {}): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "forwardlab-case-"));
  try {
    for (const [path, content] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), content);
    }
    return await verifyPolicy(join(folder, "policy.yaml"), { remedies: false, ...options });
  } finally {
    await rm(folder, { recursive: true });
  }
}

type Wanted = Partial<Pick<ResultCell, "forward" | "vantage" | "family" | "target" | "via" | "as">>;

/** What was seen in the cells that match, each with its decider: `filtered nftables.conf:7`. Each text once. */
export function seen(result: Result, wanted: Wanted): string[] {
  const cells = result.cells.filter((cell) => Object.entries(wanted).every(([key, value]) => cell[key as keyof Wanted] === value));
  return [...new Set(cells.map(({ observed, decidedBy }) => [observed, placeOf(decidedBy)].filter(Boolean).join(" ")))];
}

/** The verdicts alone. */
export function verdicts(result: Result, wanted: Wanted): string[] {
  return [...new Set(seen(result, wanted).map((text) => text.split(" ")[0] as string))];
}

function placeOf(decidedBy: ResultCell["decidedBy"]): string {
  return decidedBy?.file === undefined ? "" : `${decidedBy.file}:${decidedBy.line}`;
}
