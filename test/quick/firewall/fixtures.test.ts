import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { RulePosition } from "../../../harness/firewall/firewall-files.ts";
import { type NftListing, type NftListingEntry, ruleLines } from "../../../harness/firewall/rule-lines.ts";
import { fixtureNames, fixturesFolder, listingFile, listingTextFile, loadFixture } from "./fixtures.ts";

test.each([
  [3, 5, "ip saddr 198.51.100.0/24 accept"],
  [4, 6, "ip6 saddr 2001:db8:100::/64 accept"],
  [5, 6, "counter"],
  [8, 8, "ip saddr 203.0.113.50 accept"],
  [9, 8, "drop"],
])("a chain without a name: its rule with handle %i is the statement in line %i", async (handle, line, text) => {
  const { listing } = recorded("anonymous-chains");
  const lines = ruleLines((await loadFixture("anonymous-chains")).rules, listing);
  expect(lines.rule({ family: "inet", table: "filter", chain: "__chain0", handle })).toMatchObject({ line, text });
});

/** Hooks and rules as the real tool read them back, against the user's files: no lexer of ours on that side. */
function recorded(name: string) {
  const entries = readFileSync(join(fixturesFolder, name, listingFile), "utf8")
    .trimEnd()
    .split("\n");
  const listing: NftListing = { nftables: entries.map((entry) => JSON.parse(entry)) };
  const texts = listedTexts(readFileSync(join(fixturesFolder, name, listingTextFile), "utf8"));
  const rules = listing.nftables.flatMap(({ rule }) => (rule ? [rule] : []));
  const chains = listing.nftables.flatMap(({ chain }) => (chain?.policy ? [chain] : []));
  return { listing, rules, chains, text: (rule: Listed) => texts.get(`${rule.family} ${rule.table} ${rule.chain} ${rule.handle}`) ?? "" };
}
type Listed = NonNullable<NftListingEntry["rule"]>;

/** `nft -a list ruleset` by chain and handle. */
function listedTexts(text: string): Map<string, string> {
  const texts = new Map<string, string>();
  let table = "";
  let chain = "";
  let pending = "";
  for (const line of text.split("\n")) {
    table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table;
    chain = /^\tchain (\S+) \{/.exec(line)?.[1] ?? chain;
    if (!line.startsWith("\t\t") || line.startsWith("\t\ttype ")) pending = "";
    else {
      pending = `${pending} ${line.trim()}`.trim();
      const handle = /^(.*) # handle (\d+)$/.exec(pending);
      if (handle) {
        texts.set(`${table} ${chain} ${handle[2]}`, handle[1] ?? "");
        pending = "";
      }
    }
  }
  return texts;
}

const words = (text: string) => new Set(text.toLowerCase().match(/[\w:./-]{2,}|\d+/g) ?? []);

/** Share of the words that two statements have in common. */
function likeness(a: string, b: string): number {
  const [left, right] = [words(a), words(b)];
  const shared = [...left].filter((word) => right.has(word)).length;
  return shared / (left.size + right.size - shared);
}

describe.each(fixtureNames)("%s, as the real tool read it back", (name) => {
  test("each rule has a line, and no other line of its chain fits better", async () => {
    const firewall = await loadFixture(name);
    const { listing, rules, text } = recorded(name);
    const lines = ruleLines(firewall.rules, listing);
    const shown = rules.map((rule) => {
      const found = lines.rule(rule);
      expect(found, `${rule.chain} handle ${rule.handle}: ${text(rule)}`).toBeDefined();
      return { rule, found: found as RulePosition };
    });
    for (const { rule, found } of shown) {
      const rivals = firewall.rules.filter((other) => other.kind === "rule" && other.chain === rule.chain && other.family === rule.family);
      const best = Math.max(...rivals.map((rival) => likeness(rival.text, text(rule))));
      expect(likeness(found.text, text(rule)), `${text(rule)} <- ${found.file}:${found.line} ${found.text}`).toBe(best);
    }
    expect(
      shown.map(({ rule, found }) => `${rule.chain} ${rule.handle} ${found.file}:${found.line} ${text(rule).slice(0, 60)}`),
    ).toMatchSnapshot();
  });

  test("the line that is shown begins with the statement", async () => {
    const { rules, files } = await loadFixture(name);
    const content = new Map(Object.values(files).map((file) => [file.display, String(file.content).split("\n")]));
    for (const { file, line = 0, column = 0, text, kind } of rules) {
      const [, ...next] = content.get(file)?.slice(line - 1, line + 2) ?? [];
      const rest = [(content.get(file)?.[line - 1] ?? "").slice(column - 1), ...next].join("\n");
      const [first = ""] = text.split(" ");
      if (kind === "rule") expect(rest).toContain(first);
      else expect(rest.toLowerCase()).toMatch(/^(:\S+ (accept|drop)|-p \S+ drop|policy (accept|drop)|type )/);
    }
  });

  test("each policy has a line", async () => {
    const firewall = await loadFixture(name);
    const { listing, chains } = recorded(name);
    const lines = ruleLines(firewall.rules, listing);
    for (const { family, table, name: chain, policy } of chains) {
      const found = lines.policy({ family, table, chain });
      expect(found, `${family} ${table} ${chain}`).toBeDefined();
      expect(found?.text).toMatch(new RegExp(`policy ${policy}|^type .* hook`));
    }
  });
});
