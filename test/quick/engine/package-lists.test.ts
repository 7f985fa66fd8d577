/** What of Debian's lists apt is given to resolve: too much does no harm, too little would be another system. */
import { describe, expect, test } from "vitest";
import { reachable } from "../../../harness/engine/package-lists.ts";

const list = (...paragraphs: Record<string, string>[]) =>
  paragraphs
    .map((fields) =>
      Object.entries(fields)
        .map(([name, value]) => `${name}: ${value}\n`)
        .join(""),
    )
    .join("\n");

const namesOf = (excerpt: string | undefined) => [...(excerpt ?? "").matchAll(/^Package: (.*)$/gm)].map(([, name]) => name);

describe("an excerpt has", () => {
  test("a package as the list has it, and nothing that nobody asks for", () => {
    const [a, b] = [list({ Package: "a", Description: "x\n y" }), list({ Package: "b" })];
    expect(reachable([`${a}\n${b}`], ["a"])).toEqual([`${a}\n`]);
    expect(reachable([`${a}\n${b}`], [])).toEqual([""]);
  });

  test("essential packages without being asked", () => {
    expect(namesOf(reachable([list({ Package: "a" }, { Package: "b", Essential: "yes" })], [])[0])).toEqual(["b"]);
  });

  test("what these depend on, every alternative, with any version, architecture or provider", () => {
    const all = list(
      { Package: "a", "Pre-Depends": "b (>= 1)", Depends: "c:any | d, e", Recommends: "unwanted", Suggests: "unwanted" },
      ...["b", "c", "d", "unwanted", "f"].map((Package) => ({ Package })),
      { Package: "provider", Provides: "x, e (= 2)", Depends: "f" },
    );
    expect(namesOf(reachable([all], ["a"])[0])).toEqual(["a", "b", "c", "d", "f", "provider"]);
  });

  test("every version of a package, each in its own list, with what each depends on", () => {
    const lists = [
      list({ Package: "a", Version: "1", Depends: "b" }, { Package: "c" }),
      list({ Package: "a", Version: "2", Depends: "c" }, { Package: "b" }),
    ];
    expect(reachable(lists, ["a"]).map(namesOf)).toEqual([
      ["a", "c"],
      ["a", "b"],
    ]);
  });
});
