/** What a firewall's files say against what the kernel holds after loading. */
import type { WrittenObject } from "./firewall-files.ts";
import type { NftListing } from "./rule-lines.ts";

export interface LostObject {
  object: WrittenObject;
  /** For a person. */
  found: string;
  expected: string;
}

/** The first table, chain or rule that is written and not there. */
export function lostObject(objects: readonly WrittenObject[], { nftables }: NftListing): LostObject | undefined {
  const tables = new Set(nftables.flatMap(({ table }) => (table ? [`${table.family} ${table.name}`] : [])));
  const rules = new Map<string, number>();
  for (const { chain } of nftables) if (chain) rules.set(`${chain.family} ${chain.table} ${chain.name}`, 0);
  for (const { rule } of nftables) {
    const key = rule && `${rule.family} ${rule.table} ${rule.chain}`;
    if (key) rules.set(key, (rules.get(key) ?? 0) + 1);
  }
  for (const object of objects) {
    const { family, table, chain, rules: written } = object;
    const name = `${family} ${table}`;
    if (!tables.has(name)) return { object, found: "no such table", expected: `table ${name}` };
    if (chain === undefined) continue;
    const held = rules.get(`${name} ${chain}`);
    // A built-in chain of iptables without rules need not be there.
    if (held === undefined) {
      if (written === 0 && /^[A-Z]+$/.test(chain)) continue;
      return { object, found: "no such chain", expected: `chain ${name} ${chain}` };
    }
    if (written !== undefined && held < written)
      return { object, found: `${held} rules in ${name} ${chain}`, expected: `${written} rules` };
  }
  return undefined;
}
