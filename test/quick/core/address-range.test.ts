import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AddressRange, classesOf, everyAddress, hullOf, parseRange, prefixesOf } from "../../../harness/core/address-range.ts";
import { merged } from "../../../harness/core/interval.ts";

const four = (first: number, last = first): AddressRange => ({ family: 4, first: BigInt(first), last: BigInt(last) });
/** Small numbers, so that ranges meet each other. */
const someRange = fc
  .tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 40 }))
  .map(([first, more]) => four(first, first + more));
const holds = (ranges: readonly AddressRange[], value: bigint) => ranges.some(({ first, last }) => first <= value && value <= last);
const numbers = Array.from({ length: 345 }, (_, value) => BigInt(value));

test.each([
  ["192.0.2.1", "192.0.2.1"],
  ["10.1.2.3/8", "10.0.0.0/8"],
  ["10.1.2.3/255.0.0.0", "10.0.0.0/8"],
  ["192.0.2.1/255.255.255.255", "192.0.2.1"],
  ["0.0.0.0/0.0.0.0", "0.0.0.0/0"],
  ["10.0.0.1-10.0.0.6", "10.0.0.1 10.0.0.2/31 10.0.0.4/31 10.0.0.6"],
  ["2001:DB8::/32", "2001:db8::/32"],
  ["2001:db8::1-2001:db8::2", "2001:db8::1 2001:db8::2"],
])("%s is %s", (text, prefixes) => {
  expect(prefixesOf([parseRange(text) as AddressRange]).join(" ")).toBe(prefixes);
});

test.each(["eth0", "10.0.0", "10.0.0.0/33", "10.0.0.0/255.0.255.0", "10.0.0.9-10.0.0.1", "10.0.0.1-2001:db8::1", "43234", "1-2", ""])(
  "`%s` is no range of addresses",
  (text) => {
    expect(parseRange(text)).toBeUndefined();
  },
);

test("prefixes are exactly the addresses, and none could be joined to another", () => {
  fc.assert(
    fc.property(fc.array(someRange, { maxLength: 6 }), (ranges) => {
      const prefixes = prefixesOf(ranges);
      const back = prefixes.map((text) => parseRange(text) as AddressRange);
      for (const value of numbers) expect(back.filter((each) => holds([each], value))).toHaveLength(holds(ranges, value) ? 1 : 0);
      const total = (all: readonly AddressRange[]) => all.reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
      expect(total(back)).toBe(total(merged(ranges)));
    }),
  );
});

describe("classes", () => {
  test("cover the whole space once; no set cuts one; two classes differ in some set", () => {
    fc.assert(
      fc.property(fc.array(fc.array(someRange, { maxLength: 4 }), { maxLength: 5 }), (sets) => {
        const classes = classesOf(4, sets);
        for (const value of numbers) {
          const own = classes.filter(({ ranges }) => holds(ranges, value));
          expect(own).toHaveLength(1);
          expect(own[0]?.sets).toEqual([...sets.keys()].filter((at) => holds(sets[at] ?? [], value)));
        }
        expect(new Set(classes.map(({ sets: of }) => of.join())).size).toBe(classes.length);
        expect(merged(classes.flatMap(({ ranges }) => ranges))).toEqual([everyAddress(4)]);
      }),
    );
  });

  test("at both ends of the space, and of one family only", () => {
    const sets = [["0.0.0.0", "255.255.255.255"], ["::/1"], ["ffff::/16"]].map((texts) =>
      texts.map((text) => parseRange(text) as AddressRange),
    );
    expect(classesOf(4, sets).map(({ ranges }) => prefixesOf(ranges).length)).toEqual([2, 62]);
    expect(classesOf(6, sets).map(({ sets: of }) => of)).toEqual([[1], [], [2]]);
  });
});

test("a hull is the smallest network around them, and what it has besides them", () => {
  const hull = (...texts: string[]) => {
    const found = hullOf(texts.map((text) => parseRange(text) as AddressRange));
    return found && [prefixesOf([found.network]).join(), ...prefixesOf(found.without)];
  };
  expect(hull("45.13.7.0/29", "45.13.7.8", "45.13.7.10-45.13.7.255")).toEqual(["45.13.7.0/24", "45.13.7.9"]);
  expect(hull("192.0.2.7")).toEqual(["192.0.2.7"]);
  expect(hull("192.0.2.0/25", "192.0.2.128/25")).toEqual(["192.0.2.0/24"]);
  expect(hull("128.0.0.0/1", "0.0.0.0/1")).toEqual(["0.0.0.0/0"]);
  expect(hull()).toBeUndefined();
});
