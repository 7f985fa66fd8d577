/** Every port and range of ports that a firewall's files write down: what could tell one port from another. Pure. */
import { holds } from "../core/interval.ts";
import { type PortRange, portClassesOf, portsText } from "../core/port-range.ts";
import { type FirewallFiles, placeOf } from "./firewall-files.ts";
import { iptablesTellsMore, portsOfDump, portsOfIpsets } from "./iptables-ports.ts";
import { portsOfNft } from "./nft-ports.ts";
import { nftTellsMore } from "./nft-tells-more.ts";
import { isDumpRule, sourceTexts } from "./source-texts.ts";

export interface NamedPorts {
  /** Those of one group stand in one set, whose members no rule can distinguish. Each group once. */
  groups: PortRange[][];
  /** Rules that distinguish ports by more than what is written as a port. */
  inexact: { file: string; line?: number; rule: string }[];
}

/** Ports of TCP, by which a packet comes, goes or is led elsewhere. A number that may be something else counts as a port. */
export function namedPorts(firewall: FirewallFiles): NamedPorts {
  const sources = sourceTexts(firewall);
  const ofTool = (tool: "nft" | "iptables") => sources.filter((source) => source.tool === tool);
  const groups = [...portsOfNft(ofTool("nft")), ...ofTool("iptables").flatMap(({ text }) => portsOfDump(text))];
  const tellsMore = (text: string) => (isDumpRule(text) ? iptablesTellsMore(text) : nftTellsMore(text));
  return {
    groups: distinct([...groups, ...portsOfIpsets(firewall.ipsets ?? "")]),
    inexact: firewall.rules.filter(({ text }) => tellsMore(text)).map((rule) => ({ ...placeOf(rule), rule: rule.text })),
  };
}

/** One port in place of all that no rule distinguishes from it, so that a question is answered once for all of them. */
export function standInPort({ groups, inexact }: NamedPorts): (port: number) => number {
  const classes = inexact.length > 0 ? [] : portClassesOf(groups);
  return (port) => classes.find(({ ranges }) => holds(ranges, port))?.ranges[0]?.first ?? port;
}

function distinct(groups: readonly PortRange[][]): PortRange[][] {
  return [...new Map(groups.filter((group) => group.length > 0).map((group) => [portsText(group), group])).values()];
}
