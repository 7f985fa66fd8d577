/** Does a `Match` line hold for a connection? As far as that can be told without sshd: only used to point at the line that decided. */
import type { ConnectionContext } from "./effective.ts";
import { matchAddressList, matchPatternList } from "./patterns.ts";

/** In the place of a client's address: it is not known. */
export const unknownAddress = "";

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
  for (const { name, value } of readCriteria(criteria)) {
    if (name === "all") return true;
    if (name === "invalid-user") return false;
    if (value === undefined) return undefined;
    const result = criterionHolds(name, value, who);
    if (result === false) return false;
    if (result === undefined) known = false;
  }
  return known ? true : undefined;
}

/** In lower case. */
export function criteriaNames(criteria: readonly string[]): string[] {
  return [...readCriteria(criteria)].map(({ name }) => name);
}

/** `User alice`, `User=alice`, and the two criteria that have no value. */
function* readCriteria(criteria: readonly string[]): Generator<{ name: string; value?: string }> {
  for (let at = 0; at < criteria.length; at++) {
    const word = criteria[at] as string;
    const name = word.split("=", 1)[0]?.toLowerCase() ?? "";
    if (name === "all" || name === "invalid-user") yield { name };
    else {
      const value = word.includes("=") ? word.slice(word.indexOf("=") + 1) : criteria[++at];
      yield value === undefined ? { name } : { name, value };
    }
  }
}

/** What of a connection the criteria look at. One that is not known here may look at anything. */
const lookedAt: Record<string, readonly (keyof ConnectionContext)[]> = {
  all: [],
  user: ["user"],
  group: ["user"],
  "invalid-user": ["user"],
  address: ["addr"],
  localaddress: ["laddr"],
  localport: ["lport"],
};

/** A text that two connections share when no criterion of these Match lines can distinguish them: sshd has the same settings for both. */
export function tellApart(matches: readonly (readonly string[])[]): (connection: ConnectionContext) => string {
  const all: readonly (keyof ConnectionContext)[] = ["user", "addr", "laddr", "lport", "host"];
  const seen = new Set(matches.flatMap((criteria) => [...readCriteria(criteria)].flatMap(({ name }) => lookedAt[name] ?? all)));
  return (connection) => JSON.stringify(all.map((part) => (seen.has(part) ? (connection[part] ?? connection.addr) : "")));
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
      return who.addr === unknownAddress ? undefined : matchAddressList(who.addr, value);
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
