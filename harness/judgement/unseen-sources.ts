/** Warnings about rules that may let in clients that were not probed, because of an identity that no vantage point has. */
import { type AddressRange, parseRange } from "../core/address-range.ts";
import type { Admission, MetRule } from "../core/verdict.ts";
import { distinctWarnings, type Warning, warning } from "../core/warning.ts";
import { placeOf } from "./settings.ts";

/** A rule that may let packets pass because of their source. */
export interface IdentifyingRule {
  rule: string;
  file?: string;
  line?: number;
  by: "address" | "listed" | "address-bits" | "hardware-address" | "ipsec" | "interfaces" | "mark";
  mayHold(range: AddressRange): boolean;
  /** A packet that matches it shows what happens to all that it lets pass. */
  alike: boolean;
}

/** How many prefixes a warning names at most. */
const mostNamed = 3;

/** A rule that no packet has shown, and that may let in clients whom no vantage point stands for. */
export interface UnmetRule extends Pick<IdentifyingRule, "rule" | "file" | "line" | "by"> {
  /** Of `address`: theirs. */
  prefixes: string[];
}

/**
 * @param rules rules that a connection may meet
 * @param met rules that packets of probes have matched
 * @param missing prefixes of the classes of sources that no vantage point stands for
 */
export function unmetRules(
  rules: readonly IdentifyingRule[],
  met: readonly MetRule[],
  missing: () => readonly (readonly string[])[],
): UnmetRule[] {
  const seen = new Set(met.map(({ file, line }) => `${file}:${line}`));
  const unmet = rules.filter(({ alike, file, line }) => !alike || !seen.has(`${file}:${line}`));
  // Finding the classes of a large ruleset takes long.
  const classes = unmet.some(({ by }) => by === "address") ? missing() : [];
  return unmet.flatMap(({ by, mayHold, alike: _, ...rule }): UnmetRule[] => {
    if (by !== "address") return [{ ...rule, by, prefixes: [] }];
    const prefixes = classes.flatMap((each) => (each.some((text) => holds(text, mayHold)) ? each : []));
    return prefixes.length > 0 ? [{ ...rule, by, prefixes }] : [];
  });
}

/** Prefixes of the classes of sources that no vantage point stands for. */
export interface NotProbed {
  /** The lab can probe from there. */
  reachable: readonly (readonly string[])[];
  /** No network of a server leads there: nobody in the lab has such an address. */
  elsewhere: readonly (readonly string[])[];
}

/** @param missing asked at most once */
export function unseenSources(rules: readonly IdentifyingRule[], met: readonly MetRule[], missing: () => NotProbed): Warning[] {
  let found: NotProbed | undefined;
  const of = (which: keyof NotProbed) => () => {
    found ??= missing();
    return found[which];
  };
  const byAddress = rules.filter(({ by }) => by === "address");
  const others = unmetRules(rules, met, () => []);
  return [
    ...lastOfEach(unmetRules(byAddress, met, of("reachable"))).map(({ told, place }) => warning("sources-not-probed", told, place)),
    ...lastOfEach(unmetRules(byAddress, met, of("elsewhere"))).map(({ told, place }) => warning("sources-elsewhere", told, place)),
    ...firstOfEach(others),
  ];
}

/** Of the rules of a file that ask for the same kind of identity, the first, with the lines of the others. */
function firstOfEach(rules: readonly UnmetRule[]): Warning[] {
  const alike = Map.groupBy(rules, ({ file, line, by, rule }) => [file, by, ...(line === undefined ? [rule] : [])].join(" "));
  return [...alike.values()].flatMap(([first, ...others]) => {
    if (!first || first.by === "address") return [];
    const { rule, by, line } = first;
    const lines = [...new Set(others.map((each) => each.line))].flatMap((other) =>
      other === undefined || other === line ? [] : String(other),
    );
    return [warning("identity-not-probed", { rule, by, ...(lines.length > 0 ? { others: lines } : {}) }, placeOf(first))];
  });
}

/** Of the rules of a file that name the same sources, the last: a zone of firewalld is made of many rules, and the filter's come last. */
function lastOfEach(rules: readonly UnmetRule[]) {
  const alike = Map.groupBy(rules, ({ file, prefixes }) => `${file} ${prefixes.join(" ")}`);
  return [...alike.values()].flatMap((all) => {
    const last = all.at(-1);
    if (!last) return [];
    const { rule, prefixes } = last;
    const others = new Set(all.map((each) => `${each.line} ${each.rule}`)).size - 1;
    const more = Math.max(0, prefixes.length - mostNamed);
    return [{ told: { rule, others, prefixes: prefixes.slice(0, mostNamed), more }, place: placeOf(last) }];
  });
}

/** Rules that let clients in on an interface whose network has no vantage point. */
export function unvisitedInterfaces(rules: readonly { rule: string; file?: string; line?: number; interfaces: string[] }[]): Warning[] {
  return distinctWarnings(rules.map(({ rule, interfaces, ...place }) => warning("interface-not-probed", { rule, interfaces }, place)));
}

/**
 * Rules by which clients may get in on other interfaces than the lab's, where the policy names none. One that keeps out what comes in by the lab's counts only if it
 * kept out a probe.
 * @param stopping rules matched by packets that were kept out
 */
export function assumedInterfaces(
  rules: readonly { rule: string; file?: string; line?: number; interfaces: string[]; closes: boolean; letsOthersIn: () => boolean }[],
  stopping: readonly Admission[],
): Warning[] {
  const stopped = new Set(stopping.map(({ rule, file, line }) => `${file}:${line} ${rule}`));
  const counting = rules.filter(
    ({ rule, file, line, closes, letsOthersIn }) => (!closes || stopped.has(`${file}:${line} ${rule}`)) && letsOthersIn(),
  );
  return distinctWarnings(
    counting.map(({ rule, interfaces, closes: _, letsOthersIn: __, ...place }) =>
      warning("interface-assumed", { rule, interfaces }, place),
    ),
  );
}

/** Rules that let clients in at an address that no host in the lab has, although the policy gives the server's addresses. */
export function foreignAddresses(rules: readonly { rule: string; file?: string; line?: number; addresses: string[] }[]): Warning[] {
  return distinctWarnings(rules.map(({ rule, addresses, ...place }) => warning("foreign-address", { rule, addresses }, place)));
}

function holds(prefix: string, mayHold: IdentifyingRule["mayHold"]): boolean {
  const range = parseRange(prefix);
  return range !== undefined && mayHold(range);
}
