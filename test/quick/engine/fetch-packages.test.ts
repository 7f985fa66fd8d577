import { describe, expect, test } from "vitest";
import { printedUris } from "../../../harness/engine/fetch-packages.ts";

const hash = (digit: string) => digit.repeat(64);

describe("what apt would fetch", () => {
  test("is read with its place, its name, its size and its hash", () => {
    const printed = `Reading package lists...\nThe following NEW packages will be installed:\n  a\n'http://mirror.example/a_1%3a2_all.deb' a_1%3a2_all.deb 12 SHA256:${hash("a")}\n`;
    expect(printedUris(printed)).toEqual([
      { uri: "http://mirror.example/a_1%3a2_all.deb", file: "a_1%3a2_all.deb", size: 12, sha256: hash("a") },
    ]);
  });

  test.each([
    ["without a strong hash", `'http://mirror.example/a_1_all.deb' a_1_all.deb 12 MD5Sum:${"a".repeat(32)}`],
    ["to another folder", `'http://mirror.example/a_1_all.deb' ../a_1_all.deb 12 SHA256:${hash("a")}`],
    ["that is no package", `'http://mirror.example/a.dsc' a.dsc 12 SHA256:${hash("a")}`],
  ])("%s is left to apt", (_, line) => {
    expect(printedUris(`${line}\n`)).toEqual([]);
  });
});
