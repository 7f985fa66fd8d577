/** Does a `Match` line hold for a connection? As far as that can be told without sshd: only used to point at the line that decided. */
import type { ConnectionContext } from "./effective.ts";
import { matchAddressList, matchPatternList } from "./patterns.ts";

export interface Principal extends ConnectionContext {
  /** All groups of the account; undefined: not known. */
  groups?: readonly string[];
}

/**
 * `true` / `false` when the criteria can be decided, `undefined` when they depend on what is not known here (`Host` with DNS names, `RDomain`, `version`).
 * Criteria are and-ed. Source: OpenSSH `servconf.c` `match_cfg_line`.
 */
export function matchHolds(criteria: readonly string[], who: Principal): boolean | undefined {
  let known = true;
  for (let i = 0; i < criteria.length; i++) {
    const word = criteria[i] as string;
    const name = word.split("=", 1)[0]?.toLowerCase() ?? "";
    if (name === "all") return true;
    if (name === "invalid-user") return false;
    const value = word.includes("=") ? word.slice(word.indexOf("=") + 1) : criteria[++i];
    if (value === undefined) return undefined;
    const result = criterionHolds(name, value, who);
    if (result === false) return false;
    if (result === undefined) known = false;
  }
  return known ? true : undefined;
}

/** Nested Match lines (an Include inside a Match) must all hold; undefined when that cannot be told. */
export function allHold(
  blocks: readonly { criteria: readonly string[] }[],
  holds: (criteria: readonly string[]) => boolean | undefined,
): boolean | undefined {
  const results = blocks.map(({ criteria }) => holds(criteria));
  if (results.includes(false)) return false;
  return results.includes(undefined) ? undefined : true;
}

function criterionHolds(name: string, value: string, who: Principal): boolean | undefined {
  switch (name) {
    case "user":
      return matchPatternList(who.user, value);
    case "group":
      return groupHolds(value, who.groups);
    case "address":
      return matchAddressList(who.addr, value);
    case "localaddress":
      return matchAddressList(who.laddr, value);
    case "localport":
      return Number(value) === who.lport;
    case "host":
      return matchPatternList((who.host ?? who.addr).toLowerCase(), value.toLowerCase()) ? true : undefined;
    default:
      return undefined;
  }
}

/** A negated pattern that any group matches decides against. Source: OpenSSH `groupaccess.c` `ga_match_pattern_list`. */
function groupHolds(list: string, groups: readonly string[] | undefined): boolean | undefined {
  if (!groups) return undefined;
  const patterns = list.split(",");
  const denied = patterns.filter((p) => p.startsWith("!")).map((p) => p.slice(1));
  if (groups.some((group) => denied.some((pattern) => matchPatternList(group, pattern)))) return false;
  return groups.some((group) => matchPatternList(group, patterns.filter((p) => !p.startsWith("!")).join(",")));
}
