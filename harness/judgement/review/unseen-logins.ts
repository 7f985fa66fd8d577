/** Logins that a review could not try: the firewall kept out every client of the lab, and may let in others. Pure. */
import { distinctValues } from "../../core/distinct.ts";
import { formatPlace } from "../../core/errors.ts";
import type { Cause } from "../../core/reason.ts";
import type { PrincipalFacts } from "../../core/review-facts.ts";
import type { UnmetRule } from "../unseen-sources.ts";

/** A rule of the firewall, where it stands. */
type Place = Pick<UnmetRule, "rule" | "file" | "line">;

/**
 * What sshd would grant to them was not seen.
 * @param rules those that may let in a client to sshd from where the lab has none
 */
export function unseenLogins(principals: readonly PrincipalFacts[], rules: readonly Place[]): Cause[] {
  // The server's own refusal holds for whoever is let in to it; a client that has no way to sshd says nothing of the others.
  if (!principals.some(({ vantage, refusedBy }) => vantage === null && (refusedBy?.layer ?? "client") === "client")) return [];
  const causes = rules.map(({ rule, file, line }): Cause => {
    return { code: "review-logins-not-tried", params: { rule, ...(file === undefined ? {} : { place: formatPlace({ file, line }) }) } };
  });
  return distinctValues(causes);
}
