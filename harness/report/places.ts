/** Where a finding is shown in the user's files. */
import { createHash } from "node:crypto";
import { posix } from "node:path";
import type { Place } from "../core/errors.ts";
import type { Result, ResultCell } from "../core/result.ts";

export interface FilePlace {
  /** Relative to where the run was started when the policy was named so; forward slashes, no leading `./`. */
  file: string;
  line: number;
}

/** The file and line that decided a cell, or kept it from being decided; where there is none, the forward in the policy. */
export function placeOfCell(result: Result, { forward, decidedBy, unproven }: ResultCell): FilePlace {
  const { file, line = 1 } = decidedBy ?? unproven ?? {};
  return file === undefined ? placeOfForward(result, forward) : { file: besidePolicy(result.policy.file, file), line };
}

/** The line of the policy that states a forward. */
export function placeOfForward(result: Result, name: string): FilePlace {
  const line = result.forwards.find((forward) => forward.name === name)?.place?.line ?? 1;
  return { file: tidy(result.policy.file), line };
}

/** Where an error or a warning is: it names the policy as the user did, and other files relative to it. */
export function placeBeside(policyFile: string, { file, line = 1 }: Pick<Place, "file" | "line">): FilePlace {
  return { file: file === policyFile ? tidy(file) : besidePolicy(policyFile, file), line };
}

/** A path that is relative to the policy, relative to where the policy itself is named from. */
export function besidePolicy(policyFile: string, file: string): string {
  return tidy(posix.join(posix.dirname(policyFile.replaceAll("\\", "/")), file));
}

export function tidy(file: string): string {
  return posix.normalize(file.replaceAll("\\", "/")).replace(/^\.\//, "");
}

/** The same for the same finding in every run; `taken` keeps fingerprints of one report apart. */
export function fingerprint(parts: readonly (string | number)[], taken: Set<string> = new Set()): string {
  for (let copy = 0; ; copy++) {
    const hash = createHash("sha256")
      .update(JSON.stringify(copy === 0 ? parts : [...parts, copy]))
      .digest("hex")
      .slice(0, 32);
    if (taken.has(hash)) continue;
    taken.add(hash);
    return hash;
  }
}
