import fc from "fast-check";
import { expect, test } from "vitest";
import { type PortRange, portClassesOf } from "../../../harness/core/port-range.ts";
import type { FirewallFiles } from "../../../harness/firewall/firewall-files.ts";
import { namedPorts } from "../../../harness/firewall/named-ports.ts";
import { type PortRules, randomIptablesPorts, randomNftPorts } from "./random-port-rules.ts";
import { type Pick, randomRuleset } from "./random-ruleset.ts";

function classesOf(kind: FirewallFiles["kind"], contents: readonly string[], ipsets: string) {
  const files = Object.fromEntries(contents.map((content, at) => [`/etc/f${at}`, { content, display: "f" }]));
  return portClassesOf(namedPorts({ kind, main: "/etc/f0", files, warnings: [], objects: [], rules: [], ipsets }).groups);
}

const holds = (ranges: readonly PortRange[], port: number) => ranges.some(({ first, last }) => first <= port && port <= last);

/** Every port at which a condition may change, and those beside it: between them, all stay as they are. */
function edges(conditions: readonly (readonly PortRange[])[]): number[] {
  const all = conditions.flat().flatMap(({ first, last }) => [first - 1, first, first + 1, last - 1, last, last + 1]);
  return [...new Set([1, 65535, ...all])].filter((port) => port >= 1 && port <= 65535);
}

/** By class, what its ports have in common; more than one text: they are not alike. */
function answersByClass(kind: FirewallFiles["kind"], { files, ipsets, conditions }: PortRules): Set<string>[] {
  const classes = classesOf(kind, files, ipsets);
  const answers = classes.map(() => new Set<string>());
  for (const port of edges([...conditions, ...classes.map(({ ranges }) => ranges)])) {
    const own = classes.findIndex(({ ranges }) => holds(ranges, port));
    answers[own]?.add(conditions.map((condition) => Number(holds(condition, port))).join(""));
  }
  return answers;
}

function check(kind: FirewallFiles["kind"], draw: (pick: Pick) => PortRules, exact: boolean): void {
  fc.assert(
    fc.property(fc.gen(), (generate) => {
      const rules = draw((max) => generate(fc.nat, { max }));
      const answers = answersByClass(kind, rules);
      const shown = [...rules.files, rules.ipsets].join("\n");
      for (const each of answers) expect([...each], shown).toHaveLength(1);
      if (exact) expect(new Set(answers.flatMap((each) => [...each])).size, shown).toBe(answers.length);
    }),
    { numRuns: 500 },
  );
}

test("nft: two ports of one class meet the same conditions of every rule, two of different classes do not", () => {
  check("nft", (pick) => randomNftPorts(pick, false), true);
});

test("nft, with variables at the ends of ranges: two ports of one class meet the same conditions", () => {
  check("nft", (pick) => randomNftPorts(pick, true), false);
});

test("iptables: two ports of one class meet the same conditions of every rule, two of different classes do not", () => {
  check("iptables", randomIptablesPorts, true);
});

test("no port of a random ruleset is in the class of those that it does not name", () => {
  fc.assert(
    fc.property(fc.gen(), (draw) => {
      const { files } = randomRuleset((max) => draw(fc.nat, { max }));
      const classes = classesOf("nft", Object.values(files), "");
      const others = classes.find(({ ranges }) => holds(ranges, 65_000))?.ranges ?? [];
      const rules = Object.values(files).join("\n").replaceAll(/#.*/g, "");
      for (const [, port] of rules.matchAll(/dport[\s\\{]+(\d+)/g)) expect(holds(others, Number(port)), `${port} of ${rules}`).toBe(false);
    }),
  );
});
