import { expect, test } from "vitest";
import type { RulePosition } from "../../../harness/firewall/firewall-files.ts";
import { describePolicy, describeRule, type NftListing, ruleLines } from "../../../harness/firewall/rule-lines.ts";

const chain = { family: "inet", table: "filter", chain: "input" };
const written = (line: number, text: string): RulePosition => ({
  kind: text.startsWith("policy ") ? "policy" : "rule",
  ...chain,
  file: "fw.nft",
  line,
  column: 1,
  text,
});
const listed = (...verdicts: string[]): NftListing => ({
  nftables: [
    { chain: { family: "inet", table: "filter", name: "input", hook: "input", policy: "drop" } },
    ...verdicts.map((verdict, index) => ({
      rule: { ...chain, handle: index + 2, expr: [{ counter: {} }, verdict.startsWith("r") ? { comment: 1 } : { [verdict]: null }] },
    })),
  ],
});

test("handles are paired with statements in order", () => {
  const lines = ruleLines([written(3, "iif lo accept"), written(4, "tcp dport 43234 drop")], listed("accept", "drop"));
  expect(lines.rule({ ...chain, handle: 3 })).toMatchObject({ file: "fw.nft", line: 4 });
  expect(lines.rule({ ...chain, handle: 9 })).toBeUndefined();
});

test("a chain that holds another number of rules than was written has no lines", () => {
  const lines = ruleLines([written(3, "iif lo accept")], listed("accept", "accept"));
  expect(lines.rule({ ...chain, handle: 2 })).toBeUndefined();
});

test("a chain in which a statement cannot be the listed rule has no lines", () => {
  const rules = [written(3, "iif lo accept"), written(4, "tcp dport 43234 drop")];
  expect(ruleLines(rules, listed("drop", "accept")).rule({ ...chain, handle: 2 })).toBeUndefined();
  expect(ruleLines([written(3, "iif lo $verdict")], listed("drop")).rule({ ...chain, handle: 2 })).toMatchObject({ line: 3 });
});

test("a policy has a line only when it is the one that is in force", () => {
  expect(ruleLines([written(2, "policy drop")], listed()).policy(chain)).toMatchObject({ line: 2 });
  expect(ruleLines([written(2, "policy accept")], listed()).policy(chain)).toBeUndefined();
  expect(ruleLines([], listed()).policy(chain)).toBeUndefined();
});

test("one line for a person", () => {
  expect(describeRule(chain, "tcp dport 43234 drop")).toBe("inet filter input tcp dport 43234 drop");
  expect(describeRule(chain, `tcp dport { ${"1, ".repeat(100)}2 } drop`)).toHaveLength(160 + "inet filter input ".length);
  expect(describePolicy({ family: "ip", table: "filter", chain: "INPUT" }, "DROP")).toBe("ip filter INPUT policy drop");
});
