/** What a firewall's files say against what the kernel holds after loading. */
import { chainKey, type WrittenObject } from "./firewall-files.ts";
import type { NftListing } from "./rule-lines.ts";

export interface LostObject {
  object: WrittenObject;
  /** For a person. */
  found: string;
  expected: string;
}

/** The first table, chain or rule that is written and not there. */
export function lostObject(objects: readonly WrittenObject[], listing: NftListing): LostObject | undefined {
  const held = heldBy(listing);
  for (const object of objects) {
    const loss = lossOf(object, held);
    if (loss) return { object, ...loss };
  }
  return undefined;
}

interface Held {
  /** `family table`. */
  tables: ReadonlySet<string>;
  /** `family table chain`, and how many rules it has. */
  rules: ReadonlyMap<string, number>;
}

function heldBy({ nftables }: NftListing): Held {
  const tables = new Set(nftables.flatMap(({ table }) => (table ? [`${table.family} ${table.name}`] : [])));
  const rules = new Map<string, number>();
  for (const { chain } of nftables) if (chain) rules.set(chainKey({ ...chain, chain: chain.name }), 0);
  for (const { rule } of nftables) {
    const key = rule && chainKey(rule);
    if (key) rules.set(key, (rules.get(key) ?? 0) + 1);
  }
  return { tables, rules };
}

function lossOf({ family, table, chain, rules: written }: WrittenObject, { tables, rules }: Held): Omit<LostObject, "object"> | undefined {
  const name = `${family} ${table}`;
  if (!tables.has(name)) return { found: "no such table", expected: `table ${name}` };
  if (chain === undefined) return undefined;
  const held = rules.get(chainKey({ family, table, chain }));
  if (held === undefined) {
    // A built-in chain of iptables without rules need not be there.
    const dispensable = written === 0 && /^[A-Z]+$/.test(chain);
    return dispensable ? undefined : { found: "no such chain", expected: `chain ${name} ${chain}` };
  }
  const complete = written === undefined || held >= written;
  return complete ? undefined : { found: `${held} rules in ${name} ${chain}`, expected: `${written} rules` };
}
