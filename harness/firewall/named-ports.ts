import type { PortRange } from "../core/port-range.ts";
import type { FirewallFiles } from "./firewall-files.ts";
export interface NamedPorts {
  groups: PortRange[][];
  inexact: { file: string; line: number; rule: string }[];
}
export function namedPorts(_firewall: FirewallFiles): NamedPorts {
  const groups = _firewall.rules.flatMap(({ text }) =>
    [...text.matchAll(/\b(\d{2,5})(?:[-:](\d{2,5}))?\b/g)]
      .map(([, a, b]) => [{ first: Number(a), last: Number(b ?? a) }])
      .filter(([r]) => r && r.first <= r.last && r.last <= 65535),
  );
  return { groups, inexact: [] };
}
