import fc from "fast-check";
import { expect, test } from "vitest";
import { readNftRules } from "../../../harness/firewall/nft-rules.ts";
import type { SourceText } from "../../../harness/firewall/nft-tokens.ts";
import { randomRuleset } from "./random-ruleset.ts";

// That nft agrees with the generator is checked by check-random.ts.
test("the place of every rule and policy of a random ruleset is found exactly, in the order of evaluation", () => {
  fc.assert(
    fc.property(fc.gen(), (draw) => {
      const ruleset = randomRuleset((max) => draw(fc.nat, { max }));
      const source = (file: string): SourceText => ({ display: file, text: ruleset.files[file] ?? "" });
      const positions = readNftRules(source("main.nft"), (pattern) => [source(pattern.replace(/^(\/etc|\.)\//, ""))]).positions();
      for (const [chain, written] of ruleset.chains) {
        const found = positions.filter((position) => position.kind === "rule" && chain === key(position));
        const named = found.map(({ file, line, column, text }) => ({ name: /comment "(.*)"/.exec(text)?.[1], file, line, column }));
        expect(named).toEqual(written);
      }
      const policies = positions.filter(({ kind }) => kind === "policy").map((position) => [key(position), position.text]);
      expect(Object.fromEntries(policies)).toEqual(
        Object.fromEntries([...ruleset.policies].map(([chain, word]) => [chain, `policy ${word}`])),
      );
      const rules = positions.filter(({ kind }) => kind === "rule");
      expect(rules.length).toBe([...ruleset.chains.values()].flat().length);
    }),
    { numRuns: 500 },
  );
});

function key({ family, table, chain }: { family: string; table: string; chain: string }): string {
  return `${family} ${table} ${chain}`;
}
