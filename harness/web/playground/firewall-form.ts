/** The rules of the form as an nft ruleset: what the model reads, and what `verify` is given. */
import { parseAddress, parseInterface } from "../../core/address.ts";
import { parsePorts } from "../../core/port-range.ts";
import type { FormRule, Situation } from "./situation.ts";

export type RuleField = "ports" | "sources" | "by";

export interface RuleFault {
  /** Index of the rule. */
  rule: number;
  field: RuleField;
  /** What was found. */
  text: string;
}

export function rulesetOf({ policy, rules }: Pick<Situation, "policy" | "rules">): { text: string; faults: RuleFault[] } {
  const faults: RuleFault[] = [];
  const lines = rules.flatMap((rule, index) => {
    const wrong = faultsOf(rule).map((fault) => ({ ...fault, rule: index }));
    faults.push(...wrong);
    return wrong.length > 0 ? [] : linesOf(rule);
  });
  const all = ["ct state established,related accept", "iif lo accept", "meta l4proto { icmp, ipv6-icmp } accept", ...lines];
  return {
    text: [
      "flush ruleset",
      "table inet filter {",
      "  chain input {",
      `    type filter hook input priority filter; policy ${policy};`,
      ...all.map((line) => `    ${line}`),
      "  }",
      "}",
      "",
    ].join("\n"),
    faults,
  };
}

function faultsOf({ ports, sources, by }: FormRule): Omit<RuleFault, "rule">[] {
  return [
    ...listed(ports).flatMap((text) => (isPorts(text) ? [] : { field: "ports" as const, text })),
    ...listed(sources).flatMap((text) => (familyOf(text) ? [] : { field: "sources" as const, text })),
    ...(by.trim() === "" || /^[\w.-]{1,15}$/.test(by.trim()) ? [] : [{ field: "by" as const, text: by.trim() }]),
  ];
}

export function listed(text: string): string[] {
  return text.split(/[\s,]+/).filter((each) => each !== "");
}

/** nft has its own names of services: numbers are the same everywhere. */
function isPorts(text: string): boolean {
  const ports = /^\d+(-\d+)?$/.test(text) ? parsePorts(text) : undefined;
  return ports !== undefined && ports.first > 0;
}

function familyOf(text: string): 4 | 6 | undefined {
  return (parseAddress(text) ?? parseInterface(text))?.family;
}

/** One line for each family that the rule names. */
function linesOf({ action, ports, sources, by, family }: FormRule): string[] {
  const networks = listed(sources);
  const rest = [
    ...(by.trim() === "" ? [] : [`iifname "${by.trim()}"`]),
    listed(ports).length === 0 ? "meta l4proto tcp" : `tcp dport ${setOf(listed(ports))}`,
    action,
  ].join(" ");
  if (networks.length === 0) return [family === "" ? rest : `meta nfproto ipv${family} ${rest}`];
  return ([4, 6] as const).flatMap((each) => {
    const own = networks.filter((network) => familyOf(network) === each);
    if (own.length === 0 || (family !== "" && Number(family) !== each)) return [];
    return `${each === 4 ? "ip" : "ip6"} saddr ${setOf(own)} ${rest}`;
  });
}

function setOf(values: readonly string[]): string {
  return values.length === 1 ? (values[0] as string) : `{ ${values.join(", ")} }`;
}
