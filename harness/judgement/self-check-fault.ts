/** A lab that failed its own controls proves nothing. */
import type { Cause } from "../core/reason.ts";
import type { Provenance } from "../core/result.ts";

export function selfCheckFault({ selfCheck }: Pick<Provenance, "selfCheck">): Cause | undefined {
  if (selfCheck.length === 0) return { code: "self-check-missing", params: {} };
  const failed = selfCheck.filter(({ ok }) => !ok);
  if (failed.length === 0) return undefined;
  const checks = failed.map(({ name, detail }) => (detail ? `${name} (${detail})` : name));
  return { code: "self-check-failed", params: { checks } };
}
