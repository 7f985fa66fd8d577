/** Rules by which somebody may get in on an interface that nobody has named. */
import { describe, expect, test } from "vitest";
import { ownInterfaceRules } from "../../../harness/firewall/own-interface-rules.ts";
import type { NftListingEntry } from "../../../harness/firewall/rule-lines.ts";
import { accept, dport, drop, listing, meta, where } from "./listings.ts";

const more: NftListingEntry[] = [{ chain: { ...where, name: "wan" } }, { rule: { ...where, chain: "wan", handle: 90, expr: [drop] } }];
const to = (target: string) => ({ jump: { target } });
const byInterface = (verdicts: [string, object][]) => ({ vmap: { key: { meta: { key: "iifname" } }, data: { set: verdicts } } });

function found(...rules: object[][]) {
  const all = ownInterfaceRules(listing(rules, { more }), ["eth0"], { ports: [43234], family: 4 }, () => undefined);
  return all.flatMap(({ rule: { handle }, names, closes, letsOthersIn }) => (letsOthersIn() ? [[handle, names, closes]] : []));
}

describe("what lets in everybody but those of the host's interface", () => {
  test.each<[string, object[]]>([
    ["by its name", [meta("iifname", "eth0", "!="), accept]],
    ["by a pattern", [meta("iifname", "eth*", "!="), accept]],
    ["in a set", [meta("iif", { set: ["eth0", "lo"] }, "!="), dport(43234), accept]],
  ])("%s", (_, rule) => {
    expect(found(rule, [drop])).toEqual([[1, [expect.stringContaining("eth")], false]]);
  });

  test.each<[string, object[]]>([
    ["it is about loopback", [meta("iifname", "lo", "!="), accept]],
    ["it is about another port", [meta("iifname", "eth0", "!="), dport(22), accept]],
    ["it keeps them out", [meta("iifname", "eth0", "!="), drop]],
    ["it lets in those of the host's", [meta("iifname", "eth0"), accept]],
  ])("the control: %s", (_, rule) => {
    expect(found(rule, [drop])).toEqual([]);
  });
});

describe("what keeps out those of the host's interface alone", () => {
  const rules: [string, object[]][] = [
    ["at once", [meta("iifname", "eth0"), dport(43234), drop]],
    ["by a chain", [meta("iifname", "eth0"), to("wan")]],
    [
      "by a map",
      [
        byInterface([
          ["eth0", to("wan")],
          ["lo", accept],
        ]),
      ],
    ],
  ];
  test.each(rules)("%s", (_, rule) => {
    expect(found(rule)).toEqual([[1, ["eth0"], true]]);
    expect(found(rule, [dport(43234), accept], [drop])).toEqual([[1, ["eth0"], true]]);
  });

  test("the control: another chain keeps out all others, too", () => {
    const guard = (policy: string, hook: string) =>
      ownInterfaceRules(
        listing([[meta("iifname", "eth0"), drop]], {
          hook: "prerouting",
          more: [
            { chain: { ...where, table: "g", name: "all", type: "filter", hook, policy } },
            { rule: { ...where, table: "g", chain: "all", handle: 7, expr: [meta("iifname", "eth0"), accept] } },
          ],
        }),
        ["eth0"],
        { ports: [43234], family: 4 },
        () => undefined,
      ).some(({ letsOthersIn }) => letsOthersIn());
    expect(guard("drop", "input")).toBe(false);
    expect(guard("accept", "input")).toBe(true);
    expect(guard("drop", "output")).toBe(true);
  });

  test.each(rules)("the control: what follows keeps out all others, too: %s", (_, rule) => {
    expect(found(rule, [drop])).toEqual([]);
    expect(found(rule, [meta("iifname", "eth0"), accept], [drop])).toEqual([]);
  });
});
