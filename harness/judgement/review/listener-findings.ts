/** Findings about listeners that accounts can open: for each principal and class of ports the widest reach, merged over those that are alike. Pure. */

import type { Audience } from "../../core/audience.ts";
import { distinctValues } from "../../core/distinct.ts";
import type { SettingSource } from "../../core/forward-outcome.ts";
import { noKeyOptions } from "../../core/no-key-options.ts";
import { portsText } from "../../core/port-range.ts";
import { layerOfServerRule, type Reason } from "../../core/reason.ts";
import type { Unworded } from "../../core/result.ts";
import type { ReviewFinding } from "../../core/review.ts";
import { type ListenAnswer, listenerKey, listeningAddresses, type PrincipalFacts } from "../../core/review-facts.ts";
import type { Admission } from "../../core/verdict.ts";
import { settingText } from "../../openssh/sshd-keywords.ts";
import { placeOf, settingParams } from "../settings.ts";
import { findingId } from "./finding-id.ts";
import { audienceOf, type ClassReach, destinationsOf, type ListenerReach, lanOf, type SourceIndex, visitorsOf } from "./reach.ts";
import { referencesFor } from "./references.ts";
import { type Exposure, type Found, isEverybody, listenExposure, type ReviewInput } from "./review-input.ts";

/** What one principal gets of one class of ports, with the bind form that gets most. */
interface Atom {
  principal: PrincipalFacts;
  portClass: number;
  audience: Audience;
  /** Those that reach it. */
  classes: ClassReach[];
  visitors: ReviewFinding["visitors"];
  lan: boolean;
  lans: string[];
  destinations: ReviewFinding["destinations"];
  server: boolean;
  listeners: string[];
  binds: string[];
  ssh: string;
  gateway: SettingSource;
  admissions: Admission[];
}

export type ReachByKey = ReadonlyMap<string, ListenerReach>;

export function listenerFindings(input: ReviewInput, reach: ReachByKey, index: SourceIndex): Found[] {
  const atoms = input.principals.flatMap((principal) => input.ports.flatMap((_, portClass) => atomOf(principal, portClass, reach, index)));
  const alike = [...Map.groupBy(atoms, alikeKey).values()];
  return alike.flatMap((group) => {
    const byPrincipal = [...Map.groupBy(group, ({ principal }) => principal.id).values()];
    const samePorts = Map.groupBy(byPrincipal, (own) => own.map(({ portClass }) => portClass).join());
    return [...samePorts.values()].map((members): Found => {
      const own = members.flat();
      return { finding: findingOf(own, input), exposures: own.flatMap(exposuresOf) };
    });
  });
}

function atomOf(principal: PrincipalFacts, portClass: number, reach: ReachByKey, index: SourceIndex): Atom[] {
  const granted = principal.listens.filter(({ ask, granted: yes }) => yes && ask.portClass === portClass);
  const seen = granted.flatMap((answer) => {
    const found = reachFor(answer, principal, reach);
    return found ? [{ answer, reach: found }] : [];
  });
  const outside = seen.filter(({ reach: { classes } }) => classes.some(({ reached }) => reached));
  const counted = outside.length > 0 ? outside : seen.filter(({ reach: { server } }) => server);
  const [first] = counted;
  if (!first) return [];
  const union = {
    classes: first.reach.classes.map((_, at) => widest(counted.flatMap((one) => one.reach.classes[at] ?? []))),
    server: seen.some(({ reach: { server } }) => server),
  };
  const audience = audienceOf(union, index);
  if (!audience) return [];
  const classes = union.classes.filter((each) => each.reached);
  return [
    {
      principal,
      portClass,
      audience,
      classes,
      visitors: visitorsOf(union.classes, index),
      ...lanOf(classes, index),
      destinations: destinationsOf(union.classes, index),
      server: union.server,
      listeners: [...new Set(counted.flatMap(({ answer }) => listeningAddresses(answer.listeners)))].sort(),
      binds: counted.map(({ answer }) => answer.ask.bind),
      ssh: first.answer.ask.ssh,
      gateway: principal.settings.find(({ keyword }) => keyword === "gatewayports") ?? { keyword: "gatewayports", value: "no" },
      admissions: distinctValues(counted.flatMap((one) => one.reach.admissions)),
    },
  ];
}

/** What one class gets of any of several listeners. */
function widest(all: readonly ClassReach[]): ClassReach {
  const at = [...new Set(all.flatMap((each) => each.at))];
  const missed = [...new Set(all.flatMap((each) => each.missed))].filter((each) => !at.includes(each));
  return { ...(all[0] as ClassReach), reached: all.some(({ reached }) => reached), at, missed };
}

export function reachFor({ listeners, ask }: ListenAnswer, { account }: PrincipalFacts, reach: ReachByKey): ListenerReach | undefined {
  const addresses = listeningAddresses(listeners);
  return reach.get(listenerKey(addresses, ask.portClass)) ?? reach.get(listenerKey(addresses, ask.portClass, account));
}

function exposuresOf({ principal: { id }, portClass, classes, server }: Atom): Exposure[] {
  const local = server ? [listenExposure(id, portClass, undefined)] : [];
  return [...classes.flatMap(({ source, at }) => at.map((each) => listenExposure(id, portClass, source, each))), ...local];
}

/** Whoever differs in none of these has the same exposure for the same reason. */
function alikeKey({ audience, visitors, lan, lans, destinations, server, gateway, admissions, binds }: Atom): string {
  const { value, file, line } = gateway;
  return JSON.stringify([audience, visitors, lan, lans, destinations, server, value, file, line, admissions, binds]);
}

function findingOf(atoms: readonly Atom[], input: ReviewInput): Unworded<ReviewFinding> {
  const first = atoms[0] as Atom;
  const { audience, visitors, lan, lans, destinations, server, gateway, admissions, binds, ssh } = first;
  const principals = [...new Set(atoms.map(({ principal }) => principal))];
  const accounts = [...new Set(principals.map(({ account }) => account))];
  const classes = [...new Set(atoms.map(({ portClass }) => portClass))];
  const ports = portsText(classes.flatMap((at) => input.ports[at]?.ranges ?? []));
  const outside = audience !== "server";
  const rules = admissions.map(ruleLetsIn);
  const unfiltered = outside && rules.length === 0 ? [noRule(input.firewalled)] : [];
  return {
    id: findingId("listener", audience, [
      settingText(gateway),
      ...admissions.map(({ rule }) => rule),
      ...(visitors?.prefixes ?? []),
      String(lan),
      ...binds,
    ]),
    kind: "listener",
    audience,
    code: outside ? "review-listener-outside" : "review-listener-local",
    params: {
      accounts,
      ports,
      bind: binds[0] ?? "",
      everybody: isEverybody(accounts, input),
    },
    principals: principals.map(({ id }) => id),
    accounts,
    ports,
    listeners: [...new Set(atoms.flatMap(({ listeners }) => listeners))].sort(),
    targets: [],
    example: ssh.replace(/:localhost:9$/, ":localhost:3389"),
    visitors,
    lan,
    lans,
    destinations,
    server,
    decidedBy: outside ? [settingAllows(gateway), ...rules, ...unfiltered] : [settingAllows(forwardingSetting(first.principal))],
    passed: passedLayers(
      first.principal,
      "permitlisten",
      outside ? [settingText(gateway), ...admissions.map(({ rule }) => rule)] : [settingText(gateway)],
    ),
    references: referencesFor("listener"),
  };
}

export function forwardingSetting({ settings }: PrincipalFacts): SettingSource {
  return settings.find(({ keyword }) => keyword === "allowtcpforwarding") ?? { keyword: "allowtcpforwarding", value: "yes" };
}

export function settingAllows(source: SettingSource): Reason {
  return {
    layer: source.keyOption ? "key-options" : "sshd-policy",
    code: "review-setting",
    params: settingParams(source),
    rule: settingText(source),
    ...placeOf(source),
  };
}

export function ruleLetsIn(admission: Admission): Reason {
  const { rule } = admission;
  return { layer: layerOfServerRule(rule), code: "review-rule", params: { rule }, rule, ...placeOf(admission) };
}

function noRule(firewalled: boolean): Reason {
  return { layer: "server-firewall", code: firewalled ? "review-no-rule" : "review-no-firewall", params: {} };
}

/** What would have stood in the way, and did not. */
export function passedLayers(
  { options, settings }: PrincipalFacts,
  list: "permitlisten" | "permitopen",
  last: readonly string[] = [],
): string[] {
  const asked = ["disableforwarding", "allowtcpforwarding", list];
  return [
    ...asked.flatMap((keyword) => settings.filter((setting) => setting.keyword === keyword).map(settingText)),
    options === "" ? noKeyOptions : `key options ${options}`,
    ...last,
  ];
}
