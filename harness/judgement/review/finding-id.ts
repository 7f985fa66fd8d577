/** A name for a finding that is the same for the same cause, wherever its lines stand. */
import { createHash } from "node:crypto";
import type { Audience } from "../../core/audience.ts";
import type { FindingKind } from "../../core/review.ts";

export function findingId(kind: FindingKind, audience: Audience, cause: readonly string[]): string {
  return `${kind}-${audience}-${createHash("sha256").update(JSON.stringify(cause)).digest("hex").slice(0, 8)}`;
}
