/** A firewall made of texts, as loaded from files `/etc/f0`, `/etc/f1` … that results show as `f`. */
import type { FirewallFiles, RulePosition } from "../../../harness/firewall/firewall-files.ts";

export interface Parts {
  /** Texts of its rules; all of them stand on line 7. */
  rules?: string[];
  ipsets?: string;
}

export function firewallOf(
  kind: FirewallFiles["kind"],
  contents: readonly (string | Uint8Array)[],
  { rules = [], ipsets }: Parts = {},
): FirewallFiles {
  const files = Object.fromEntries(contents.map((content, at) => [`/etc/f${at}`, { content, display: "f" }]));
  const base = { files, warnings: [], objects: [], rules: rules.map(rule) };
  return { ...base, kind, main: "/etc/f0", ...(ipsets === undefined ? {} : { ipsets }) };
}

function rule(text: string): RulePosition {
  return { kind: "rule", family: "inet", table: "f", chain: "input", file: "f", line: 7, column: 1, text };
}
