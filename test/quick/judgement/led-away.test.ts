import { expect, test } from "vitest";
import type { Cell } from "../../../harness/core/cells.ts";
import { cellsOf } from "../../../harness/core/cells.ts";
import type { PacketDecision } from "../../../harness/core/verdict.ts";
import { ledAwayWarnings } from "../../../harness/judgement/led-away.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import { articlePolicy, filtered, listening, outcomeOf, probe } from "./sample.ts";

const [cell] = cellsOf(labSpecOf(articlePolicy), listening) as [Cell];
const seen = (name: string, file: string, line: number, nobodyThere: boolean) => {
  const decision: PacketDecision = {
    ...{ at: "server", kind: "host", action: "redirect", direction: "request", rule: `dnat ${line}`, file, line },
    ...(nobodyThere ? { nobodyThere } : {}),
  };
  return { cell, forward: outcomeOf(name), probe: probe(cell, { verdict: "filtered", evidence: {}, decision }), ended: false };
};

test("one for each rule, in the order of the files, whoever met which first", () => {
  const all = [
    seen("b", "rules.v4", 49, true),
    seen("a", "rules.v6", 7, true),
    seen("a", "rules.v4", 9, true),
    seen("a", "rules.v4", 49, true),
  ];
  const told = ledAwayWarnings(all).map(({ file, line, params }) => [file, line, "forwards" in params && params.forwards]);
  expect(told).toEqual([
    ["rules.v4", 9, ["a"]],
    ["rules.v4", 49, ["b", "a"]],
    ["rules.v6", 7, ["a"]],
  ]);
});

test("control: where somebody answers, or something drops the packet, nothing is told", () => {
  expect(ledAwayWarnings([seen("a", "f", 1, false), { cell, forward: outcomeOf("a"), probe: filtered(cell), ended: false }])).toEqual([]);
});
