/** The results of `--shard I/N` runs of one policy, as the one that an undivided run would have given. */
import type { Result } from "./core/result.ts";
import { joinParts, type Part } from "./judgement/merge.ts";
import { worded } from "./report/worded.ts";

export type { Part };

/** @throws UserError `merge-part` for parts that are missing, given twice or no parts; `merge-foreign` for a part of another run */
export function mergeResults(parts: readonly Part[]): Result {
  return worded(joinParts(parts));
}
