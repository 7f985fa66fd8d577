/** Destination NAT that leads a connection to one of several ports or addresses, whichever the kernel chooses. Pure. */
import { extensionsOf, field, type Json, statementsOf } from "./expressions.ts";
import { destinationTarget, iptablesDestination } from "./iptables-destination.ts";
import { iptablesWords } from "./iptables-words.ts";
import { pairsOf } from "./named-sets.ts";
import type { ListedRule, NftListing } from "./rule-lines.ts";

/** What a rule translates to. */
interface Destination {
  severalAddresses: boolean;
  /** Undefined: it keeps the port. */
  ports?: readonly [first: number, last: number];
  /** A port that is in the range already is changed, too. */
  random: boolean;
}

interface Asked {
  /** The port that is dialled; undefined: any. */
  port?: number;
  /** The port that it may lead to; undefined: any. */
  listener?: number;
}

/** May one connection to `port` get to `listener` by the rule, and another one not? @param written in the user's own words, where they are known */
export function leadsByChance(
  rule: ListedRule,
  listing: NftListing,
  written: string | undefined,
  { port, listener = port }: Asked,
): boolean {
  return [...nativeDestinations(rule, listing), ...iptablesDestinations(rule, written)].some(({ severalAddresses, ports, random }) => {
    const within = (each: number | undefined) => each === undefined || !ports || (ports[0] <= each && each <= ports[1]);
    if (!within(listener)) return false;
    if (severalAddresses) return true;
    const several = ports !== undefined && ports[0] !== ports[1];
    // Without `random`, the kernel keeps a port that is in the range.
    return several && (random || port === undefined || !within(port));
  });
}

function nativeDestinations(rule: ListedRule, { nftables }: NftListing): Destination[] {
  return statementsOf(rule).flatMap((statement) => {
    const target = field(statement, "dnat") ?? field(statement, "redirect");
    if (typeof target !== "object" || target === null) return [];
    const flags = [field(target, "flags") ?? []].flat();
    // With `prefix`, each address has one of its own.
    const byPrefix = [field(target, "type_flags") ?? []].flat().includes("prefix");
    const random = flags.includes("random") || flags.includes("fully-random");
    return partsOf(target, rule, nftables).map(({ addr, port }) => {
      const ports = rangeOf(port);
      return { severalAddresses: !byPrefix && isRange(addr), random, ...(ports ? { ports } : {}) };
    });
  });
}

/** Of a map of destinations, each. */
function partsOf(target: Json, rule: ListedRule, nftables: NftListing["nftables"]): { addr: Json; port: Json }[] {
  const [addr, port] = [field(target, "addr"), field(target, "port")];
  const values = [addr, port].map((each) => pairsOf(field(field(each, "map"), "data"), rule, nftables)?.map(([, value]) => value));
  const [addresses, ports] = values;
  if (ports) return ports.map((value) => ({ addr, port: value }));
  return (
    addresses?.map((value) => {
      const both = field(value, "concat");
      return Array.isArray(both) ? { addr: both[0] as Json, port: both[1] as Json } : { addr: value, port };
    }) ?? [{ addr, port }]
  );
}

function isRange(value: Json): boolean {
  const ends = field(value, "range");
  return field(value, "prefix") !== undefined || (Array.isArray(ends) && ends[0] !== ends[1]);
}

function rangeOf(value: Json): readonly [number, number] | undefined {
  if (typeof value === "number") return [value, value];
  const ends = field(value, "range");
  if (!Array.isArray(ends)) return undefined;
  const [first, last] = ends as Json[];
  return typeof first === "number" && typeof last === "number" ? [first, last] : undefined;
}

function iptablesDestinations(rule: ListedRule, written: string | undefined): Destination[] {
  const target = destinationTarget(extensionsOf(rule));
  if (written === undefined || !target) return [];
  const words = iptablesWords(written);
  const random = words.includes("--random") || words.includes("--random-fully");
  const found = iptablesDestination(words, target);
  if (!found || (found.base && !found.severalAddresses)) return [];
  const { severalAddresses, ports } = found;
  return [{ severalAddresses, random, ...(ports ? { ports } : {}) }];
}
