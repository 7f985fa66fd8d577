/** The rules that a namespace of the lab holds, read back from its kernel. */
import { withoutPrefix } from "../core/address.ts";
import { type AddressRange, parseRange } from "../core/address-range.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { PacketEnd } from "../core/packet-end.ts";
import type { UnsettledRule } from "../core/verdict.ts";
import { type Warning, warning } from "../core/warning.ts";
import { chosenBySender } from "../firewall/chosen-by-sender.ts";
import type { Connection } from "../firewall/connection.ts";
import { decisiveRule } from "../firewall/decisive-rule.ts";
import { withoutAdded } from "../firewall/expiring-elements.ts";
import type { FirewallFiles } from "../firewall/firewall-files.ts";
import { type ForeignDestination, missedDestinations } from "../firewall/foreign-destinations.ts";
import {
  type ForeignInterface,
  foreignInterfaces,
  foreignWarnings,
  matchesAny,
  missedAccepts,
  missedBlocks,
} from "../firewall/foreign-interfaces.ts";
import { rulesMissingFragments } from "../firewall/fragments.ts";
import { type IdentityRule, identityRules } from "../firewall/identity-rules.ts";
import { tellsFamilies, tellsLinkLocal } from "../firewall/link-local-rules.ts";
import { type NamedPorts, namedPorts, standInPort } from "../firewall/named-ports.ts";
import { portsOfNft } from "../firewall/nft-ports.ts";
import { type OwnInterfaceRule, ownInterfaceRules } from "../firewall/own-interface-rules.ts";
import { movedPorts, movesOf, portsUnder } from "../firewall/port-moves.ts";
import { rewrittenEnds } from "../firewall/rewritten-ends.ts";
import {
  describePolicy,
  describeRule,
  type ListedRule,
  type NftListing,
  type RuleLines,
  ruleAt,
  ruleLines,
} from "../firewall/rule-lines.ts";
import { type SenderChoice, senderChoice } from "../firewall/sender-fields.ts";
import { sourceTexts } from "../firewall/source-texts.ts";
import { type DependentRule, dependentRules, type Visited } from "../firewall/stateful-rules.ts";
import { isStoppedOtherwise } from "../firewall/stopped-otherwise.ts";
import type { Lab } from "./lab.ts";
import { observationTable } from "./observation-rules.ts";
import { runTool } from "./tool.ts";
import { unvisitedInterfaces } from "./unvisited-interfaces.ts";

/** A rule or policy as the kernel's trace names it. */
export interface TracedRule {
  family: string;
  table: string;
  chain: string;
  /** Null for a chain's policy. */
  handle: number | null;
}

/** For a person: the rule on one line, and where it stands in the user's own file. */
export interface RuleInWords {
  rule: string;
  file?: string;
  line?: number;
}

/** A TCP connection to this host; what is left out may be anything. */
export type ToPort = Omit<Visited, "source" | "listener">;

/** The rules that are really loaded in a namespace. */
export interface ReadRules {
  describe(rule: TracedRule): RuleInWords;
  /** The rule that counts for what this one did to a packet, which had matched those before: see `decisiveRule`. */
  decisive<T extends TracedRule>(rule: T, met: readonly T[]): T;
  /** Rules that the kernel holds (the lab's own table not counted). */
  count: number;
  /** For a person: what the files do not say, and what a verdict cannot tell. */
  warnings: readonly Warning[];
  /** Rules with memory (limits, quotas, remembered addresses …) that may decide about such a connection. Empty: one measurement cannot influence the next. */
  statefulFor(connection: ToPort): RuleInWords[];
  /** Rules that may decide about such a connection and depend on chance, the clock or a program. */
  unsettledFor(connection: Visited): UnsettledRule[];
  /** Rules that may let such a connection in after enough others. */
  letsInLaterFor(connection: Visited): UnsettledRule[];
  /** Rules that may let a connection to that port, or to one that leads there, in because of something in its packets that no probe sends: a source port, a TTL. */
  chosenBySender(connection: { port?: number }): RuleInWords[];
  /** Rules that may let a connection to that port, or to one that leads there, pass because of its source. */
  identityRules(connection: { port?: number }): (RuleInWords & Omit<IdentityRule, "rule">)[];
  /**
   * What the sender of a packet that opens such a connection chooses and the rule, as `describe` shows it, matches: `port` if that is only the source port. Undefined,
   * too, where a packet that does not match the rule is stopped all the same.
   */
  senderChoice(rule: RuleInWords, connection?: ToPort): SenderChoice | undefined;
  /** The ports by which the rules may distinguish clients. */
  namedPorts(): NamedPorts;
  /** Which ends of packets the rule changes (`redirect`, `tcp sport set 443`). */
  rewrites(rule: TracedRule): readonly PacketEnd[];
  /** Does the chain, one with a hook, translate addresses? */
  ofNat(chain: Omit<TracedRule, "handle">): boolean;
  /** nft's listing, the lab's own rules left out. */
  listing: NftListing;
  /** Rules about interfaces that the host does not have, and that let such a connection in on the server: the lab cannot show what they open. */
  missedFor(connection: ToPort): (RuleInWords & { interfaces: string[] })[];
  /** The same for a port that a rule may redirect: only rules that decide before it does. */
  missedMovesFor(connection: ToPort): (RuleInWords & { interfaces: string[] })[];
  /** Rules that keep such a connection out on interfaces that the host does not have, if no rule names one that it has. */
  missedBlocksFor(connection: ToPort): (RuleInWords & { interfaces: string[] })[];
  /** Rules that let such a connection in on an interface of the host by which nobody in the lab comes. */
  unvisitedFor(connection: ToPort): (RuleInWords & { interfaces: string[] })[];
  /** Rules by which such a connection may get in on an interface that the policy does not name, where it names none. */
  assumedFor(connection: ToPort): (RuleInWords & Omit<OwnInterfaceRule, "rule" | "names"> & { interfaces: string[] })[];
  /** Rules that let such a connection in at an address that no host in the lab has. */
  missedAddressesFor(connection: ToPort): (RuleInWords & { addresses: string[] })[];
  /** The same for a port that a rule may redirect. */
  missedAddressMovesFor(connection: ToPort): (RuleInWords & { addresses: string[] })[];
  /** Ports from which a rule may lead a connection to `port` of this host, ascending: candidates, each to be probed. */
  movedPorts(port: number): number[];
  /** May the rules let a neighbour in from its link-local address, or at the host's own, where they keep it out otherwise? */
  tellsLinkLocal(connection: { port?: number }): boolean;
  /** May they let somebody in over IPv6 whom they keep out over IPv4? */
  tellsFamilies(connection: { port?: number }): boolean;
}

/** @param files what was loaded: its lines are told, and its words */
export async function readRules(lab: Lab, namespace: string, files?: FirewallFiles): Promise<ReadRules> {
  const [json, plain] = await Promise.all(
    [
      ["nft", "-j", "-a", "list", "ruleset"],
      ["nft", "-a", "list", "ruleset"],
    ].map((argv) => runTool(lab.fabric, namespace, argv)),
  );
  const listing = JSON.parse(json?.stdout || '{"nftables":[]}') as NftListing;
  const lines = ruleLines(files?.rules ?? [], listing);
  const listed = listedTexts(plain?.stdout ?? "");
  const known = new Map<string, RuleInWords>();
  // Thousands of probes meet the same few rules.
  const describe = (rule: TracedRule) => {
    const key = `${rule.family} ${rule.table} ${rule.chain} ${rule.handle}`;
    const words = known.get(key) ?? inWords(rule, lines, listed, listing);
    known.set(key, words);
    return words;
  };
  const interfaces = (lab.spec.hosts[namespace]?.interfaces ?? []).map(({ name }) => name);
  const texts = files ? sourceTexts(files).map(({ text }) => text) : [];
  const user = {
    nftables: withoutAdded(
      listing.nftables.filter((entry) => !isOurs(entry)),
      texts,
    ),
  };
  const written = (rule: ListedRule) => lines.rule(rule)?.text;
  const inTheirWords = ({ rule, names }: ForeignInterface) => ({ ...describe(rule), interfaces: names });
  const unvisitedBy = (connection: ToPort) => {
    const unvisited = unvisitedInterfaces(lab.spec, namespace);
    if (unvisited.length === 0) return [];
    const visited = interfaces.filter((name) => !unvisited.includes(name));
    return missedAccepts(user, visited, meant(connection), written, { own: own() }).flatMap(({ rule, names }) => {
      const ours = names.filter((name) => matchesAny(name, unvisited));
      return ours.length > 0 ? [{ ...describe(rule), interfaces: ours }] : [];
    });
  };
  const own = once(() => knownAddresses(lab.spec, namespace));
  const inLab = once(() => allAddresses(lab.spec));
  const atTheirAddresses = ({ rule, addresses }: ForeignDestination) => ({ ...describe(rule), addresses });
  // Each probe asks, and a large ruleset is long to read.
  const ports = once(
    (): NamedPorts => (files ? namedPorts(files) : { groups: portsOfNft([{ display: "", text: plain?.stdout ?? "" }]), inexact: [] }),
  );
  const standIn = once(() => standInPort(ports()));
  const onceEach = <T>(find: (connection: Visited) => T) => onceForAlike(find, (port) => standIn()(port));
  const moved = (port: number) => movedPorts(user, port, written, () => ports().groups);
  const leadingTo = (port: number | undefined) => (port === undefined ? [undefined] : [port, ...moved(port)]);
  const choices = once(() => {
    const missing = rulesMissingFragments(user);
    const all = user.nftables.flatMap(({ rule }) => {
      if (!rule) return [];
      const choice = senderChoice(rule, written(rule));
      const inFragments = choice !== "other" && missing.has(rule);
      return choice || inFragments
        ? [{ rule, choice: inFragments ? ("other" as const) : choice, inFragments, place: placeOf(describe(rule)) }]
        : [];
    });
    return Map.groupBy(all, ({ place }) => place);
  });
  const settled = onceEach(({ port, family }) => {
    const ports = portsUnder(movesOf(user, written), port);
    const connection = { ...(ports ? { ports } : {}), ...(family ? { family } : {}) };
    const rules = [...choices().values()].flat().map(({ rule }) => rule);
    return new Set(rules.filter((rule) => isStoppedOtherwise(rule, user, connection, written)));
  });
  const dependent = onceEach((connection) => dependentRules(user, connection, written, files?.ipsets));
  // Most rulesets have no such rule: only then does each source count.
  const dependentFrom = ({ source, ...connection }: Visited, counts: (rule: DependentRule) => boolean) => {
    const fromAnywhere = dependent(connection).filter(counts);
    return source === undefined || fromAnywhere.length === 0 ? fromAnywhere : dependent({ ...connection, source }).filter(counts);
  };
  const missedAccepting = (hooks?: readonly string[]) =>
    onceEach((connection) =>
      missedAccepts(user, interfaces, meant(connection), written, { ...(hooks ? { hooks } : {}), own: own() }).map(inTheirWords),
    );
  const missedAt = (hooks?: readonly string[]) =>
    onceEach((connection) => missedDestinations(user, inLab(), meant(connection), written, hooks).map(atTheirAddresses));
  return {
    describe,
    decisive: (rule, met) => decisiveRule(rule, met, user),
    listing: user,
    count: user.nftables.filter(({ rule }) => rule).length,
    warnings: [
      ...(files?.warnings ?? []),
      ...(files ? foreignWarnings(foreignInterfaces(user, interfaces).map((each) => ({ ...each, ...describe(each.rule) }))) : []),
      ...(files
        ? bridgeRules(user)
            .slice(0, 1)
            .map((each) => bridgeWarning(describe(each)))
        : []),
      ...dependent({}).flatMap((each) => unsettledWarning(each, describe(each.rule))),
    ],
    statefulFor: (connection) => dependent(connection).flatMap(({ rule, on }) => (on.includes("state") ? [describe(rule)] : [])),
    letsInLaterFor: (connection) =>
      dependentFrom(connection, ({ letsInLater }) => letsInLater).map(({ rule }) => ({ ...describe(rule), why: "retries" })),
    unsettledFor: (connection) =>
      dependentFrom(connection, isUnsettled).flatMap(({ rule, on }) =>
        on.flatMap((why) => (why === "state" ? [] : [{ ...describe(rule), why }])),
      ),
    chosenBySender: onceEach(({ port }) =>
      [...new Set(leadingTo(port).flatMap((each) => chosenBySender(user, each, written)))].map((rule) => describe(rule)),
    ),
    identityRules: onceEach(({ port }) =>
      leadingTo(port)
        .flatMap((each) => identityRules(user, each, written, files?.ipsets))
        .map(({ rule, ...identity }) => ({ ...describe(rule), ...identity })),
    ),
    senderChoice: (told, connection) => {
      const found = choices().get(placeOf(told)) ?? [];
      const stopped = found.length > 0 && connection ? settled(connection) : undefined;
      const isAsked = ({ inFragments }: { inFragments: boolean }) => !inFragments || (connection !== undefined && connection.family !== 6);
      const open = found.filter((each) => !stopped?.has(each.rule) && isAsked(each)).map(({ choice }) => choice);
      return open.find((choice) => choice === "other") ?? open[0];
    },
    namedPorts: ports,
    rewrites: (evaluated) => {
      const rule = ruleAt(user, evaluated);
      return rule ? rewrittenEnds(rule) : [];
    },
    ofNat: ({ family, table, chain: name }) =>
      user.nftables.some(({ chain }) => chain?.type === "nat" && chain.family === family && chain.table === table && chain.name === name),
    missedFor: missedAccepting(),
    missedMovesFor: missedAccepting(["prerouting"]),
    missedBlocksFor: onceEach((connection) => missedBlocks(user, interfaces, meant(connection), written).map(inTheirWords)),
    unvisitedFor: onceEach(unvisitedBy),
    assumedFor: onceEach((connection) => {
      if (!lab.spec.hosts[namespace]?.interfaces.every(({ assumed }) => assumed)) return [];
      const found = ownInterfaceRules(user, interfaces, meant(connection), written);
      return found.map(({ rule, names, ...how }) => ({ ...describe(rule), interfaces: names, ...how }));
    }),
    missedAddressesFor: missedAt(),
    missedAddressMovesFor: missedAt(["prerouting"]),
    movedPorts: moved,
    tellsLinkLocal: onceEach(({ port }) => tellsLinkLocal(user, port, written)),
    tellsFamilies: onceEach(({ port }) => tellsFamilies(user, port, written)),
  };
}

/** What may be a host's own address; undefined where the policy leaves that open. */
function knownAddresses({ hosts }: LabSpec, host: string): AddressRange[] | undefined {
  const interfaces = hosts[host]?.interfaces ?? [];
  if (interfaces.some(({ assumedAddresses }) => assumedAddresses)) return undefined;
  const texts = [...interfaces.flatMap(({ addresses }) => addresses.map(withoutPrefix)), ...ofEveryHost];
  return texts.flatMap((text) => parseRange(text) ?? []);
}

/** Loopback, and addresses that the kernel makes. */
const ofEveryHost = ["127.0.0.0/8", "::1", "fe80::/10"];

/** Addresses of the network's hosts and routers: hosts behind a router never see its outer address. */
function allAddresses({ hosts, routers }: LabSpec): AddressRange[] {
  const texts = [
    ...Object.values(hosts).flatMap(({ interfaces, standIn }) => (standIn ? [] : interfaces.flatMap(({ addresses }) => addresses))),
    ...Object.values(routers).flatMap(({ lans, uplink }) => [...Object.values(lans).flat(), uplink?.address ?? []].flat()),
  ];
  return texts.flatMap((text) => parseRange(withoutPrefix(text)) ?? []);
}

function meant({ port, family }: ToPort): Connection {
  return { ...(port === undefined ? {} : { ports: [port] }), ...(family ? { family } : {}) };
}

/** Computed when first needed. */
function once<T>(find: () => T): () => T {
  let found: { is: T } | undefined;
  return () => {
    found ??= { is: find() };
    return found.is;
  };
}

/** Every probe asks the same of rules that stay as they are. @param standIn a port that they treat like another */
function onceForAlike<T>(find: (connection: Visited) => T, standIn: (port: number) => number): (connection: Visited) => T {
  const found = new Map<string, { is: T }>();
  return ({ port, listener, ...connection }) => {
    const asked = port === undefined ? {} : { port: standIn(port) };
    // Mostly it goes to the very port that listens; then one port stands for both.
    const alike = { ...connection, ...asked, ...(listener === undefined || listener === port ? {} : { listener }) };
    const key = `${alike.port} ${alike.family} ${alike.source} ${alike.listener}`;
    const { is } = found.get(key) ?? { is: find(alike) };
    found.set(key, { is });
    return is;
  };
}

function placeOf({ rule, file, line }: RuleInWords): string {
  return `${file}:${line} ${rule}`;
}

function isOurs({ table, rule, chain, set, map }: NftListing["nftables"][number]): boolean {
  return (table?.name ?? (rule ?? chain ?? set ?? map)?.table) === observationTable;
}

/** No interface of the lab's hosts is in a bridge, so such a rule never sees a packet there. */
function bridgeRules({ nftables }: NftListing): TracedRule[] {
  return nftables.flatMap(({ rule }) => (rule?.family === "bridge" ? [rule] : []));
}

function bridgeWarning({ rule, ...at }: RuleInWords): Warning {
  return warning("bridge-table", { rule }, at);
}

/** Another try, or another day, may end differently on fresh rules, too. */
function isUnsettled({ on }: DependentRule): boolean {
  return on.some((why) => why !== "state");
}

/** What no fresh load of the rules makes certain. */
function unsettledWarning({ on: all }: DependentRule, { rule, ...at }: RuleInWords): Warning[] {
  const on = (["program", "chance", "clock"] as const).find((each) => all.includes(each));
  return on === undefined ? [] : [warning("rule-unsettled", { rule, on }, at)];
}

function inWords(rule: TracedRule, lines: RuleLines, texts: Map<string, string>, listing: NftListing): RuleInWords {
  const { family, table, chain, handle } = rule;
  if (handle === null) {
    const policy = listing.nftables.find(
      (each) => each.chain?.family === family && each.chain.table === table && each.chain.name === chain,
    );
    const place = lines.policy(rule);
    return { rule: describePolicy(rule, policy?.chain?.policy ?? "drop"), ...(place ? { file: place.file, line: place.line } : {}) };
  }
  const place = lines.rule({ family, table, chain, handle });
  const text = place?.text ?? texts.get(`${family} ${table} ${chain} ${handle}`) ?? `rule with handle ${handle}`;
  return { rule: describeRule(rule, text), ...(place ? { file: place.file, line: place.line } : {}) };
}

/** `family table chain handle` -> the rule as nft lists it. */
function listedTexts(listing: string): Map<string, string> {
  const texts = new Map<string, string>();
  let table = "";
  let chain = "";
  for (const line of listing.split("\n")) {
    const opened = /^\s*(table (\S+) (\S+)|chain (\S+)) \{/.exec(line);
    if (opened?.[2]) table = `${opened[2]} ${opened[3]}`;
    else if (opened) chain = opened[4] as string;
    else {
      const rule = /^\s*(.*) # handle (\d+)$/.exec(line);
      if (rule) texts.set(`${table} ${chain} ${rule[2]}`, (rule[1] as string).replace(/counter packets \d+ bytes \d+ ?/, ""));
    }
  }
  return texts;
}
