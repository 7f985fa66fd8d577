/** Joins the results of `--shard I/N` runs of one policy into the result of an undivided run. */
import type { Result } from "../core/result.ts";
import { joinParts, type Part } from "../judgement/merge.ts";
import { worded } from "../report/worded.ts";

export type { Part };

/** @throws UserError `merge-part` for parts that are missing, duplicate or no parts; `merge-foreign` for a part of another run */
export function mergeResults(parts: readonly Part[]): Result {
  return worded(joinParts(parts));
}
