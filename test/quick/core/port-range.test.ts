import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { merged } from "../../../harness/core/interval.ts";
import { everyPort, type PortRange, parsePorts, portClassesOf, portsText } from "../../../harness/core/port-range.ts";

/** Small numbers, so that ranges meet each other. */
const someRange = fc
  .tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 40 }))
  .map(([first, more]): PortRange => ({ first, last: first + more }));
const holds = (ranges: readonly PortRange[], port: number) => ranges.some(({ first, last }) => first <= port && port <= last);
const ports = Array.from({ length: 345 }, (_, at) => at + 1);

test.each([
  ["22", "22"],
  ["0x16", "22"],
  ["026", "22"],
  ["0", "0"],
  ["ssh", "22"],
  ["ms-wbt-server", "3389"],
  ["tftp", "69"],
  ["80-90", "80-90"],
  ["80:90", "80-90"],
  ["ssh:http", "22-80"],
  ["ftp-data:ssh", "20-22"],
  ["ftp-data-22", "20-22"],
  ["1024:", "1024-65535"],
  [":1023", "0-1023"],
  ["22-22", "22"],
])("%s is %s", (text, ports) => {
  expect(portsText([parsePorts(text) as PortRange])).toBe(ports);
});

test.each(["", ":", "-", "65536", "-1", "22-", "-22", "90-80", "1:2:3", "22/tcp", "10.0.0.1", "nothing-known", "0x", "1e3", "2.5", "22 "])(
  "`%s` is no range of ports",
  (text) => {
    expect(parsePorts(text)).toBeUndefined();
  },
);

test("ports in order; those that touch are one range", () => {
  expect(portsText([3001, 1024, 1026, 1025, 1500].map((port) => ({ first: port, last: port })))).toBe("1024-1026, 1500, 3001");
  expect(
    portsText([
      { first: 3001, last: 65535 },
      { first: 1024, last: 2999 },
      { first: 2000, last: 2500 },
    ]),
  ).toBe("1024-2999, 3001-65535");
  expect(portsText([])).toBe("");
});

describe("classes", () => {
  test("cover all ports once; no set cuts one; two classes differ in some set", () => {
    fc.assert(
      fc.property(fc.array(fc.array(someRange, { maxLength: 4 }), { maxLength: 5 }), (sets) => {
        const classes = portClassesOf(sets);
        for (const port of ports) {
          const own = classes.filter(({ ranges }) => holds(ranges, port));
          expect(own).toHaveLength(1);
          expect(own[0]?.sets).toEqual([...sets.keys()].filter((at) => holds(sets[at] ?? [], port)));
        }
        expect(new Set(classes.map(({ sets: of }) => of.join())).size).toBe(classes.length);
        expect(merged(classes.flatMap(({ ranges }) => ranges))).toEqual([everyPort]);
      }),
    );
  });

  test("at both ends, and beyond them", () => {
    const sets = ["0", ":1", "65535", "1:"].map((text) => [parsePorts(text) as PortRange]);
    expect(portClassesOf(sets).map(({ ranges, sets: of }) => `${portsText(ranges)}: ${of}`)).toEqual([
      "1: 1,3",
      "2-65534: 3",
      "65535: 2,3",
    ]);
  });
});
