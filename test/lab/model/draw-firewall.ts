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
  const policy: FirewallPolicy = {
    rules: repeat(draw, 1, 3, () => inputRule(draw)),
    default: draw.one(["accept", "drop", "reject"]),
    ...(draw.chance(0.3) ? { redirections: repeat(draw, 1, 2, () => redirection(draw)) } : {}),
    ...(draw.chance(0.4) ? { output: repeat(draw, 1, 2, () => outputRule(draw)) } : {}),
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
    { family: 4, source: "203.0.113.7", destination: "198.51.100.10", port: 22 },
    { family: 6, source: "2001:db8:7::10", destination: "2001:db8:100::10", port: 22 },
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
];

function inputRule(draw: Draw): FirewallRule {
  return {
    ...visitors(draw),
    ...(draw.chance(0.7) ? { port: draw.one(ports) } : {}),
    ...(draw.chance(0.4) ? { limit: limit(draw) } : {}),
    action: draw.one(["accept", "accept", "drop", "reject"]),
  };
}

function visitors(draw: Draw): Pick<RuleMatch, "family" | "source"> {
  if (draw.chance(0.5)) return { source: draw.one(sources) };
  return draw.chance(0.4) ? { family: draw.one([4, 6] as const) } : {};
}

/** Amounts that the first visitor is far from, or that nobody ever keeps to. */
function limit(draw: Draw): RuleLimit {
  const amount: RuleLimit = draw.one([
    { of: "rate", packets: 10, per: "second" },
    { of: "rate", packets: 1, per: "minute" },
    { of: "rate", packets: 3, per: "hour" },
    { of: "connections", count: 0 },
    { of: "connections", count: 20 },
    { of: "quota", bytes: 10 },
    { of: "quota", bytes: 1_000_000 },
  ]);
  return { ...amount, ...(draw.chance(0.5) ? { over: true } : {}), ...(draw.chance(0.4) ? { bySource: true } : {}) };
}

/** From a port to a forward's, from a forward's port away, and to where nothing is. */
function redirection(draw: Draw): Redirection {
  const address = draw.one([undefined, undefined, "198.51.100.10", "198.51.100.11", "2001:db8:100::10", "172.17.0.2", "127.0.0.1", "::1"]);
  const own = address === undefined ? visitors(draw) : { family: address.includes(":") ? (6 as const) : (4 as const) };
  const rate = draw.chance(0.15) ? ({ limit: { of: "rate", packets: 5, per: "minute", over: draw.chance(0.5) } } as const) : {};
  return {
    ...own,
    port: draw.one([...ports, 443, 8443]),
    ...rate,
    to: { ...(address === undefined ? {} : { address }), port: draw.one([ports[0], ports[0], ...ports, 22, 8080]) },
  };
}

const dialled = ["127.0.0.0/8", "::1/128", "198.51.100.0/24", "2001:db8:100::/64", "127.0.0.1/32"];

function outputRule(draw: Draw): FirewallRule {
  return {
    ...(draw.chance(0.4) ? { destination: draw.one(dialled) } : {}),
    ...(draw.chance(0.6) ? { port: draw.one([3389, 3389, 7, ports[0]]) } : {}),
    ...(draw.chance(0.5) ? { account: draw.one(["tunnel", "tunnel", "root"]) } : {}),
    ...(draw.chance(0.15) ? { limit: limit(draw) } : {}),
    action: draw.one(["drop", "reject", "reject", "accept"]),
  };
}

function repeat<T>(draw: Draw, least: number, most: number, one: () => T): T[] {
  return Array.from({ length: least + Math.floor(draw.next() * (most - least + 1)) }, one);
}
