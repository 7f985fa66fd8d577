/** A chain that does the same to every packet decides nothing: the rule that leads there does. */
import { describe, expect, test } from "vitest";
import { decisiveRule } from "../../../harness/firewall/decisive-rule.ts";
import type { ListedRule, NftListing } from "../../../harness/firewall/rule-lines.ts";
import { accept, dport, drop, limit, listing, meta, where, xt } from "./listings.ts";

const jump = (target: string) => ({ jump: { target } });
const goto = (target: string) => ({ goto: { target } });

/** Handle of the rule that counts where the last rule of chain `end` decides: 1 leads there, 20 and so on are the chain's. */
function counts(end: object[][], { leading = [dport(8080), jump("end")], more = {} as Record<string, object[][]> } = {}): number | null {
  const chain = (name: string, rules: object[][], first: number) =>
    rules.map((expr, at) => ({ rule: { ...where, chain: name, handle: first + at, expr } as ListedRule }));
  const others = Object.entries(more).flatMap(([name, rules], at) => chain(name, rules, 40 + 20 * at));
  const rules: NftListing = listing([leading, [meta("l4proto", "udp"), jump("end")]], { more: [...chain("end", end, 20), ...others] });
  const evaluated = (name: string, handle: number | null) => ({ ...where, chain: name, handle });
  const met = [evaluated("in", 1), ...end.slice(0, -1).map((_, at) => evaluated("end", 20 + at))];
  return decisiveRule(evaluated("end", 19 + end.length), met, rules).handle;
}

describe("the rule that leads to a chain counts, if the chain", () => {
  test.each<[string, object[][]]>([
    ["accepts", [[accept]]],
    [
      "logs some and drops",
      [
        [limit, { log: null }],
        [{ counter: null }, drop],
      ],
    ],
    ["rejects some, and then the rest", [[meta("l4proto", "tcp"), { reject: null }], [drop]]],
    ["rejects by iptables's target", [[xt("match", "comment"), xt("target", "REJECT")]]],
  ])("%s", (_, end) => {
    expect(counts(end)).toBe(1);
  });

  test("goes to one that does", () => {
    expect(counts([[goto("log")]], { more: { log: [[drop]] } })).toBe(1);
  });
});

describe("the control: the rule in the chain counts, if", () => {
  test.each<[string, object[][]]>([
    ["it is about some", [[dport(8080), accept]]],
    ["others are accepted before", [[dport(22), accept], [drop]]],
    ["others return before", [[dport(22), { return: null }], [drop]]],
    ["it drops at a rate", [[limit, drop]]],
    ["a match of iptables asks for more", [[xt("match", "recent"), xt("target", "REJECT")]]],
  ])("%s", (_, end) => {
    expect(counts(end)).toBe(19 + end.length);
  });

  test("no rule was seen to lead there, or it is a policy", () => {
    expect(counts([[drop]], { leading: [dport(8080), jump("other")] })).toBe(20);
    const rules = listing([[dport(8080), drop]]);
    expect(decisiveRule({ ...where, handle: null }, [{ ...where, handle: 1 }], rules).handle).toBeNull();
  });
});

test("of several jumps to such chains, the first one counts that asks for something", () => {
  const own = { ...where, chain: "end", handle: 20 };
  const rules = listing([[dport(8080), jump("sub")]], {
    more: [
      { rule: { ...where, chain: "sub", handle: 30, expr: [jump("end")] } as ListedRule },
      { rule: { ...where, chain: "end", handle: 20, expr: [drop] } as ListedRule },
    ],
  });
  expect(
    decisiveRule(
      own,
      [
        { ...where, handle: 1 },
        { ...where, chain: "sub", handle: 30 },
      ],
      rules,
    ).handle,
  ).toBe(1);
});
