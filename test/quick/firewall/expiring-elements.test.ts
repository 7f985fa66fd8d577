/** What packets have added since the rules were loaded is not the file's. */
import { expect, test } from "vitest";
import { withoutAdded } from "../../../harness/firewall/expiring-elements.ts";
import type { ListedSet } from "../../../harness/firewall/rule-lines.ts";
import { where } from "./listings.ts";

const { chain: _, ...table } = where;
const written = "set bans { elements = { 192.0.2.9 expires 5m, 198.51.100.0/24 } }\nset pairs { elements = { 192.0.2.9 . 22 } }";
const kept = (set: Omit<ListedSet, "family" | "table">) => withoutAdded([{ set: { ...table, ...set } }], [written])[0]?.set?.elem;
const temporary = (val: unknown) => ({ elem: { val, expires: 50 } });

test("of a set that packets add to, the elements that stand in the file", () => {
  const prefix = { prefix: { addr: "198.51.100.0", len: 24 } };
  const elem = [temporary("192.0.2.9"), temporary("203.0.113.50"), prefix];
  expect(kept({ name: "bans", flags: ["dynamic"], elem })).toEqual([temporary("192.0.2.9"), prefix]);
  const pairs = [temporary({ concat: ["192.0.2.9", 22] }), temporary({ concat: ["192.0.2.77", 22] })];
  expect(kept({ name: "pairs", flags: ["dynamic"], elem: pairs })).toEqual(pairs.slice(0, 1));
});

test("the control: of another set, all of them", () => {
  expect(kept({ name: "bans", elem: ["192.0.2.9", "2001:db8::1"] })).toEqual(["192.0.2.9", "2001:db8::1"]);
});

test("of a map, by its keys", () => {
  const map = {
    ...table,
    name: "m",
    flags: ["dynamic"],
    elem: [
      ["192.0.2.9", "203.0.113.1"],
      ["192.0.2.77", 22],
    ],
  };
  expect(withoutAdded([{ map }], [written])[0]?.map?.elem).toEqual([["192.0.2.9", "203.0.113.1"]]);
});
