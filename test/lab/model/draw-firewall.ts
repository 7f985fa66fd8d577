/** Random rulesets of a server: what comes in, what is led elsewhere, what gets out; with and without memory. */
import {
  decideInput,
  type FirewallPolicy,
  type FirewallRule,
  type Redirection,
  type RuleMatch,
} from "../../../harness/openssh/model/firewall-policy.ts";
import type { RuleLimit } from "../../../harness/openssh/model/rule-limit.ts";
import { ports } from "./ports.ts";
import type { Draw } from "./random.ts";

export function drawFirewall(draw: Draw): FirewallPolicy {
  const rules = repeat(draw, 1, 5, () => inputRule(draw));
  const output = draw.chance(0.4) ? repeat(draw, 1, 3, () => outputRule(draw)) : [];
  // Where rules have memory, cells are probed one after the other: silence where a redirection leads nowhere would take 4 s of each.
  const patient = [...rules, ...output].every(({ limit: amount }) => amount === undefined);
  const policy: FirewallPolicy = {
    rules,
    default: draw.one(["accept", "drop", "reject"]),
    ...(draw.chance(0.2) ? { judgesLoopback: true } : {}),
    ...(draw.chance(0.3) ? { redirections: repeat(draw, 1, 3, () => redirection(draw, patient)) } : {}),
    ...(output.length > 0 ? { output } : {}),
  };
  return { ...policy, rules: withLogin(draw, policy) };
}

/** What every ruleset of a host that is in use lets in: the login itself. */
const loginRule: FirewallRule = { port: 22, action: "accept" };

/** Wherever it stands, logins come as far. */
function withLogin(draw: Draw, policy: FirewallPolicy): FirewallRule[] {
  const { rules } = policy;
  const at = draw.chance(0.5) ? 0 : Math.floor(draw.next() * (rules.length + 1));
  const placed = [...rules.slice(0, at), loginRule, ...rules.slice(at)];
  const logins = [
    { family: 4, source: "203.0.113.7", destination: "198.51.100.10", port: 22, by: "eth0" },
    { family: 6, source: "2001:db8:7::10", destination: "2001:db8:100::10", port: 22, by: "eth0" },
  ] as const;
  const letsIn = logins.every((login) => decideInput({ ...policy, rules: placed }, login).action === "accept");
  return letsIn ? placed : [loginRule, ...rules];
}

const sources = [
  "198.51.100.0/24",
  "203.0.113.50/32",
  "203.0.113.0/24",
  "192.0.2.66/32",
  "2001:db8:50::/64",
  "2001:db8:100::/64",
  "2001:db8::/32",
  "203.0.113.7/32",
  "100.64.0.0/10",
  "192.168.1.0/24",
  "198.51.100.20/32",
  "10.20.0.0/16",
  "0.0.0.0/0",
  "127.0.0.0/8",
  "2001:db8:66::66/128",
  "2001:db8:7::/64",
  "::/0",
];
const destinations = ["198.51.100.10/32", "198.51.100.11/32", "10.20.0.5/32", "2001:db8:100::10/128", "198.51.100.0/24", "127.0.0.1/32"];

function inputRule(draw: Draw): FirewallRule {
  return {
    ...visitors(draw),
    ...(draw.chance(0.15) ? { by: draw.one(["eth0", "eth0", "lo"]) } : {}),
    ...whichPorts(draw),
    ...(draw.chance(0.4) ? { limit: limit(draw) } : {}),
    action: draw.one(["accept", "accept", "drop", "reject"]),
  };
}

function whichPorts(draw: Draw): Pick<RuleMatch, "port" | "ports"> {
  if (draw.chance(0.6)) return { port: draw.one(ports) };
  return draw.chance(0.5) ? { ports: draw.one(portRanges) } : {};
}

const portRanges = [
  { first: 1, last: 1023 },
  { first: 1024, last: 65_535 },
  { first: 40_000, last: 50_000 },
  { first: 2222, last: 8081 },
  { first: 43_234, last: 43_235 },
];

/** Of one family, as packets are. */
function visitors(draw: Draw): Pick<RuleMatch, "family" | "source" | "destination"> {
  if (draw.chance(0.5)) {
    const source = draw.one(sources);
    const own = destinations.filter((each) => each.includes(":") === source.includes(":"));
    return { source, ...(draw.chance(0.2) ? { destination: draw.one(own) } : {}) };
  }
  if (draw.chance(0.15)) return { destination: draw.one(destinations) };
  return draw.chance(0.4) ? { family: draw.one([4, 6] as const) } : {};
}

/** Amounts that the first visitor is far from, or that nobody ever keeps to. */
function limit(draw: Draw): RuleLimit {
  const amount: RuleLimit = draw.one([
    { of: "rate", packets: 10, per: "second" },
    { of: "rate", packets: 1, per: "minute" },
    { of: "rate", packets: 3, per: "hour" },
    { of: "rate", packets: 1, per: "day" },
    { of: "connections", count: 1 },
    { of: "quota", bytes: 70 },
    { of: "connections", count: 0 },
    { of: "connections", count: 20 },
    { of: "quota", bytes: 10 },
    { of: "quota", bytes: 1_000_000 },
  ]);
  return { ...amount, ...(draw.chance(0.5) ? { over: true } : {}), ...(draw.chance(0.4) ? { bySource: true } : {}) };
}

/** From a port to a forward's, from a forward's port away, and to where nothing is. */
function redirection(draw: Draw, patient: boolean): Redirection {
  const own = [undefined, undefined, "198.51.100.10", "2001:db8:100::10"];
  const address = draw.one(patient ? [...own, "198.51.100.11", "172.17.0.2", "127.0.0.1", "::1"] : own);
  const who = address === undefined ? visitors(draw) : { family: address.includes(":") ? (6 as const) : (4 as const) };
  return {
    ...who,
    port: draw.one([...ports, 443, 8443]),
    ...(!patient && draw.chance(0.3) ? { limit: limit(draw) } : {}),
    to: { ...(address === undefined ? {} : { address }), port: draw.one([ports[0], ports[0], ...ports, 22, 8080]) },
  };
}

const dialled = [
  "127.0.0.0/8",
  "::1/128",
  "198.51.100.0/24",
  "2001:db8:100::/64",
  "127.0.0.1/32",
  "198.51.100.20/32",
  "2001:db8:100::20/128",
  "0.0.0.0/0",
  "::/0",
];

const dialledPorts = [{ port: 3389 }, { port: 3389 }, { port: 7 }, { port: ports[0] }, { ports: { first: 1, last: 8081 } }];

function outputRule(draw: Draw): FirewallRule {
  return {
    ...towards(draw),
    ...draw.one([...dialledPorts, ...dialledPorts, {}, {}, {}]),
    ...(draw.chance(0.5) ? { account: draw.one(["tunnel", "tunnel", "root"]) } : {}),
    ...(draw.chance(0.15) ? { limit: limit(draw) } : {}),
    action: draw.one(["drop", "reject", "reject", "accept"]),
  };
}

function towards(draw: Draw): Partial<FirewallRule> {
  if (draw.chance(0.4)) return { destination: draw.one(dialled) };
  // Of a name's addresses those of one family: whoever dials goes on to the other.
  return draw.chance(0.4) ? { family: draw.one([6, 6, 4] as const) } : {};
}

function repeat<T>(draw: Draw, least: number, most: number, one: () => T): T[] {
  return Array.from({ length: least + Math.floor(draw.next() * (most - least + 1)) }, one);
}
