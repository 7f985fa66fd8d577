/** A firewall as parts that can be left out one by one, and as text for the tools. Plain data. */

export interface Chain {
  name: string;
  /** `type … hook … priority …; policy …;`, empty for a chain that is jumped to. */
  head: string;
  rules: readonly string[];
}

export interface NftTable {
  family: "inet" | "ip" | "ip6" | "netdev" | "arp" | "bridge";
  name: string;
  /** Sets, maps and other named objects, each a whole statement. */
  objects: readonly string[];
  chains: readonly Chain[];
}

/** One `*table` of an iptables-save dump. */
export interface IptablesTable {
  name: "filter" | "nat" | "mangle" | "raw";
  /** `head` is the policy, or `-` for a chain of the user's; rules without `-A CHAIN`. */
  chains: readonly Chain[];
}

export type Firewall =
  | { kind: "nft"; tables: readonly NftTable[] }
  | { kind: "iptables"; v4: readonly IptablesTable[]; v6: readonly IptablesTable[] };

/** What the tools are given. */
export type FirewallText = { nft: string } | { v4: string; v6: string };

export function textOf(firewall: Firewall): FirewallText {
  if (firewall.kind === "nft") return { nft: firewall.tables.map(nftTable).join("") };
  return { v4: firewall.v4.map(dumpTable).join(""), v6: firewall.v6.map(dumpTable).join("") };
}

function nftTable({ family, name, objects, chains }: NftTable): string {
  const lines = [
    ...objects,
    // A chain is named before it is jumped to: the tool reads the table as a whole, but a person reads it from above.
    ...chains.flatMap((chain) => [
      `chain ${chain.name} {`,
      ...[chain.head, ...chain.rules].filter((line) => line !== "").map((line) => `  ${line}`),
      "}",
    ]),
  ];
  return `table ${family} ${name} {\n${lines.map((line) => `  ${line}\n`).join("")}}\n`;
}

function dumpTable({ name, chains }: IptablesTable): string {
  const heads = chains.map((chain) => `:${chain.name} ${chain.head} [0:0]`);
  const rules = chains.flatMap((chain) => chain.rules.map((rule) => `-A ${chain.name} ${rule}`));
  return `${[`*${name}`, ...heads, ...rules, "COMMIT"].join("\n")}\n`;
}

/** Every firewall that is one part smaller: without one table, chain, object or rule. */
export function* smaller(firewall: Firewall): Generator<Firewall> {
  if (firewall.kind === "nft") {
    for (const tables of without(firewall.tables)) yield { ...firewall, tables };
    for (const tables of changed(firewall.tables, (table) => [
      ...lessChains(table),
      ...[...without(table.objects)].map((objects) => ({ ...table, objects })),
    ]))
      yield { ...firewall, tables };
  } else
    for (const version of ["v4", "v6"] as const) {
      for (const tables of without(firewall[version])) yield { ...firewall, [version]: tables };
      for (const tables of changed(firewall[version], lessChains)) yield { ...firewall, [version]: tables };
    }
}

function lessChains<Table extends { chains: readonly Chain[] }>(table: Table): Table[] {
  const fewer = [...without(table.chains)];
  const shorter = [...changed(table.chains, (chain) => [...without(chain.rules)].map((rules) => ({ ...chain, rules })))];
  return [...fewer, ...shorter].map((chains) => ({ ...table, chains }));
}

function* without<Item>(items: readonly Item[]): Generator<Item[]> {
  for (let at = items.length - 1; at >= 0; at--) yield items.filter((_, other) => other !== at);
}

function* changed<Item>(items: readonly Item[], change: (item: Item) => Iterable<Item>): Generator<Item[]> {
  for (const [at, item] of items.entries()) for (const other of change(item)) yield items.with(at, other);
}
