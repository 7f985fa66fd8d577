/**
 * Rules that IPv4 packets meet as fragments: the first one may end after the ports, and then no rule that asks for TCP flags matches it, while the kernel reassembles
 * the packet for the listener. (Over IPv6, Linux drops a first fragment without the whole TCP header.) Pure.
 */
import { entriesBelow, extensionsOf, type Json, statementsOf } from "./expressions.ts";
import { chainKey } from "./firewall-files.ts";
import { targetsOf } from "./reachable-rules.ts";
import type { ListedRule, NftListing } from "./rule-lines.ts";
import { looksAtFlags } from "./syn-flags.ts";

/** Connection tracking reassembles fragments at this priority of the prerouting hook (NF_IP_PRI_CONNTRACK_DEFRAG). */
const defragmentation = -400;

/** Of these, the ones that ask for TCP flags. */
export function rulesMissingFragments({ nftables }: NftListing): ReadonlySet<ListedRule> {
  const tracked = nftables.some(({ chain, rule }) => isIpv4(chain ?? rule) && (chain?.type === "nat" || (rule && tracks(rule))));
  const chains = new Set(
    nftables.flatMap(({ chain }) => {
      const early = chain?.hook === "ingress" || (chain?.hook === "prerouting" && (!tracked || (chain.prio ?? 0) < defragmentation));
      return chain && early ? [chainKey({ ...chain, chain: chain.name })] : [];
    }),
  );
  const rules = nftables.flatMap(({ rule }) => rule ?? []);
  const byChain = Map.groupBy(rules, chainKey);
  for (const each of chains)
    for (const rule of byChain.get(each) ?? [])
      for (const target of targetsOf(rule, nftables)) chains.add(chainKey({ ...rule, chain: target }));
  return new Set(rules.filter((rule) => chains.has(chainKey(rule)) && statementsOf(rule).some(looksAtFlags)));
}

function isIpv4(at: { family: string } | undefined): boolean {
  return at?.family === "ip" || at?.family === "inet";
}

const trackingKeys = new Set(["ct", "ct count", "ct helper", "ct timeout", "flow", "synproxy", "tproxy"]);
const trackingExtensions =
  /^(match (conntrack|state|connmark|connbytes|connlabel|connlimit|helper|socket)|target (CT|CONNMARK|CONNSECMARK|SYNPROXY|TPROXY))$/;

function tracks(rule: ListedRule): boolean {
  const keys = statementsOf(rule).flatMap((statement: Json) => entriesBelow(statement).map(([key]) => key));
  return keys.some((key) => trackingKeys.has(key)) || extensionsOf(rule).some((extension) => trackingExtensions.test(extension));
}
