/** Rules that give a packet another destination port: to which ports a connection may be sent, and from which ports one may lead here. */
import { everyPort, type PortRange as NamedRange, portClassesOf } from "../core/port-range.ts";
import { extensionsOf, field, isDestinationPort, type Json, statementsOf } from "./expressions.ts";
import { destinationTarget, iptablesDestination } from "./iptables-destination.ts";
import { iptablesWords } from "./iptables-words.ts";
import { elementsOf, pairsOf } from "./named-sets.ts";
import type { ListedRule, NftListing, WrittenRule } from "./rule-lines.ts";
import { couldMatch } from "./syn-match.ts";

/** Inclusive. */
type PortRange = readonly [from: number, to: number];

/** By destination NAT, or by a new port written into each packet: one rule's `from` ports are sent to its `to` ports. */
export interface PortMove {
  /** Undefined: any, or one that is not known. */
  from?: readonly PortRange[];
  /** Undefined: one that is not known. */
  to?: PortRange;
}

const known = new WeakMap<NftListing, PortMove[]>();

/**
 * What the listing's rules do with destination ports of TCP; rules that keep the port are left out. It is asked for every port: found once.
 */
export function movesOf(listing: NftListing, written: WrittenRule): PortMove[] {
  const moves =
    known.get(listing) ??
    listing.nftables.flatMap(({ rule }) => {
      if (!rule || !couldMatch(rule, written(rule), {}, "in", elementsOf(listing.nftables, rule))) return [];
      return [...nativeMoves(rule, listing), ...iptablesMoves(rule, written(rule))];
    });
  known.set(listing, moves);
  return moves;
}

/** The port itself and those that a connection to it may be sent to; undefined: any. @param port undefined: any */
export function portsUnder(moves: readonly PortMove[], port: number | undefined): number[] | undefined {
  if (port === undefined) return undefined;
  const found = new Set([port]);
  for (const each of found)
    for (const { from, to } of moves) {
      if (from && !from.some((range) => within(each, range))) continue;
      if (!to || to[1] - to[0] > 64) return undefined;
      for (let target = to[0]; target <= to[1]; target++) found.add(target);
    }
  return [...found];
}

/** Of a longer range, the ends and one port of each part that other rules distinguish are named. */
const longestRange = 16;

/**
 * Ports at which a connection may be that ends at `port`, ascending: candidates, some of which may lead elsewhere.
 * Where a rule moves any port, or more than a few, one of each class that the ruleset distinguishes stands for the others.
 * @param named the groups of ports that the ruleset names anywhere
 */
export function movedPorts(
  listing: NftListing,
  port: number,
  written: WrittenRule,
  named: () => readonly (readonly NamedRange[])[],
): number[] {
  const moves = movesOf(listing, written);
  let classes: readonly { ranges: readonly NamedRange[] }[] | undefined;
  const found = new Set([port]);
  for (const each of found)
    for (const move of moves) {
      if (move.to && !within(each, move.to)) continue;
      if (isLong(move)) classes ??= portClassesOf(named());
      for (const from of origins(move, classes ?? [])) found.add(from);
    }
  found.delete(port);
  return [...found].sort((a, b) => a - b);
}

function isLong({ from }: PortMove): boolean {
  return !from || from.some(([first, last]) => last - first >= longestRange);
}

function origins({ from }: PortMove, classes: readonly { ranges: readonly NamedRange[] }[]): number[] {
  const all = from ?? [[everyPort.first, everyPort.last] as const];
  return all.flatMap(([first, last]) => {
    if (last - first < longestRange) return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const inside = classes.flatMap(({ ranges }) => {
      const part = ranges.find((range) => range.first <= last && range.last >= first);
      return part ? [Math.max(part.first, first)] : [];
    });
    return from ? [first, last, ...inside] : inside;
  });
}

function within(port: number, [from, to]: PortRange): boolean {
  return from <= port && port <= to;
}

/** Undefined where something else than numbers stands there. */
function rangesOf(value: Json): PortRange[] | undefined {
  if (typeof value === "number") return [[value, value]];
  const range = field(value, "range");
  if (Array.isArray(range)) {
    const [from, to] = range as Json[];
    return typeof from === "number" && typeof to === "number" ? [[from, to]] : undefined;
  }
  const element = field(field(value, "elem"), "val");
  if (element !== undefined) return rangesOf(element);
  const set = field(value, "set");
  if (!Array.isArray(set)) return undefined;
  const all = (set as Json[]).map(rangesOf);
  return all.some((each) => !each) ? undefined : all.flatMap((each) => each ?? []);
}

function nativeMoves(rule: ListedRule, listing: NftListing): PortMove[] {
  const own = statementsOf(rule).flatMap((statement) => {
    const match = field(statement, "match");
    return isDestinationPort(field(match, "left")) && field(match, "op") === "==" ? [rangesOf(field(match, "right"))] : [];
  });
  const from = own[0];
  return statementsOf(rule).flatMap((statement) => {
    if (typeof statement === "string") return /\b(dnat|redirect)\b/.test(statement) ? [{}] : [];
    const target = newDestination(statement);
    if (target === undefined) return [];
    const map = field(field(target, "port"), "map") ?? field(field(target, "addr"), "map");
    if (map !== undefined) return mapMoves(map, rule, listing, from);
    const port = field(target, "port");
    if (port === undefined) return [];
    const [to, ...more] = rangesOf(port) ?? [];
    return [{ ...(from ? { from } : {}), ...(to && more.length === 0 ? { to } : {}) }];
  });
}

/** Of destination NAT, or of a statement that writes the port of each packet anew (`tcp dport set 43234`). */
function newDestination(statement: Json): Json {
  const mangle = field(statement, "mangle");
  if (isDestinationPort(field(mangle, "key"))) return { port: field(mangle, "value") };
  return field(statement, "dnat") ?? field(statement, "redirect");
}

/** `dport map { 443 : 43234 }`, `dport map { 443 : 192.0.2.1 . 43234 }`, or a map with a name. */
function mapMoves(map: Json, rule: ListedRule, { nftables }: NftListing, from: readonly PortRange[] | undefined): PortMove[] {
  const pairs = pairsOf(field(map, "data"), rule, nftables);
  if (!pairs) return [{ ...(from ? { from } : {}) }];
  const keyed = isDestinationPort(field(map, "key"));
  return pairs.flatMap(([key, value]) => {
    const parts = field(value, "concat");
    const port = Array.isArray(parts) ? (parts as Json[]).at(-1) : value;
    // An address alone keeps the port.
    if (typeof port === "string" || field(port, "prefix") !== undefined) return [];
    const origin = keyed ? rangesOf(key) : from;
    const [to] = rangesOf(port) ?? [];
    return [{ ...(origin ? { from: origin } : {}), ...(to ? { to } : {}) }];
  });
}

function iptablesMoves(rule: ListedRule, written: string | undefined): PortMove[] {
  const target = destinationTarget(extensionsOf(rule));
  if (!target) return [];
  if (written === undefined) return [{}];
  const words = iptablesWords(written);
  const after = (...names: string[]) => words[words.findIndex((word) => names.includes(word)) + 1];
  const has = (...names: string[]) => words.some((word) => names.includes(word));
  const protocol = has("-p", "--protocol") ? after("-p", "--protocol") : undefined;
  if (protocol !== undefined && protocol !== "tcp" && protocol !== "6" && protocol !== "all") return [];
  const destination = iptablesDestination(words, target);
  if (destination && !destination.ports) return [];
  const names = ["--dport", "--destination-port", "--dports", "--destination-ports"];
  const asked = has(...names) && words[words.findIndex((word) => names.includes(word)) - 1] !== "!" ? after(...names) : undefined;
  const from = asked?.split(",").map((part) => portRange(part));
  return [
    { ...(from?.every((range) => range) ? { from: from as PortRange[] } : {}), ...(destination?.ports ? { to: destination.ports } : {}) },
  ];
}

function portRange(text: string): PortRange | undefined {
  const [from = "", to = from] = text.split(":");
  return /^\d+$/.test(from) && /^\d+$/.test(to) ? [Number(from), Number(to)] : undefined;
}
