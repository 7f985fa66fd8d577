/** What is wrong with a firewall's rules. */
import type { Draw } from "../model/random.ts";
import type { Damage } from "./damages.ts";
import type { Accept, Firewall } from "./firewall.ts";
import type { Server } from "./server.ts";

export const firewallDamages: Readonly<Record<string, Damage>> = {
  "a rule is missing": (server, draw) => withRule(server, draw, (rules, at) => rules.splice(at, 1)),
  "a rule has another port": (server, draw) =>
    withRule(server, draw, (rules, at) => rules.splice(at, 1, { ...(rules[at] as Accept), port: 43_999 })),
  "a rule for IPv4 alone": (server, draw) =>
    withRule(server, draw, (rules, at) => rules.splice(at, 1, { ...(rules[at] as Accept), families: [4] })),
  "a rule without a source": (server, draw) =>
    withRule(server, draw, (rules, at) => rules.splice(at, 1, { ...(rules[at] as Accept), from: "anyone" })),
  "a rule with a port range, without a source": (server, draw) =>
    withRule(server, draw, (rules, at) => rules.splice(at, 1, { port: [43_000, 43_500], from: "anyone", families: [4, 6] })),
  "a rule for a network too many": (server, draw) =>
    withRule(server, draw, (rules, at) => rules.push({ ...(rules[at] as Accept), from: [draw.one(["internet", "internet-net"])] })),
  "a source is missing": (server, draw) =>
    withRule(server, draw, (rules, at) => {
      const { from, ...rule } = rules[at] as Accept;
      return from !== "anyone" && from.length > 1 && rules.splice(at, 1, { ...rule, from: from.slice(1) });
    }),
  "a rule too late": (server, draw) => {
    const { firewall } = server;
    if (!firewall || ["ufw", "firewalld"].includes(firewall.format)) return false;
    firewall.rejects = true;
    return withRule(server, draw, (rules, at) => firewall.late.push(...rules.splice(at, 1)));
  },
  "a rule for several ports too late": (server, draw) => {
    const { firewall } = server;
    if (!firewall || ["ufw", "firewalld"].includes(firewall.format)) return false;
    firewall.rejects = true;
    return withRule(server, draw, (rules, at) =>
      firewall.late.push(...rules.splice(at, 1).map((rule) => ({ ...rule, port: [43_000, 43_500] as const }))),
    );
  },
  "everything is accepted": ({ firewall }) => {
    if (!firewall) return false;
    firewall.policy = "accept";
    firewall.rejects = false;
    return true;
  },
  "neighbours are not found over IPv6": ({ firewall }) => {
    if (!firewall || ["ufw", "firewalld"].includes(firewall.format)) return false;
    firewall.icmp6 = false;
    return true;
  },
  "ufw without IPv6": ({ firewall }) => {
    if (firewall?.format !== "ufw") return false;
    firewall.ipv6 = false;
    return true;
  },
  "answers are dropped": (server, draw) => {
    const { firewall } = server;
    const port = aboutForward(firewall).map(({ port }) => port);
    if (!firewall || port.length === 0 || ["ufw", "firewalld", "nft-families"].includes(firewall.format)) return false;
    firewall.silent = Number(draw.one(port));
    return true;
  },
};

function aboutForward(firewall: Firewall | undefined): Accept[] {
  return (firewall?.accepts ?? []).filter(({ port }) => port !== 443);
}

function withRule({ firewall }: Server, draw: Draw, change: (rules: Accept[], at: number) => unknown): boolean {
  const about = aboutForward(firewall);
  if (!firewall || about.length === 0) return false;
  return change(firewall.accepts, firewall.accepts.indexOf(draw.one(about))) !== false;
}
