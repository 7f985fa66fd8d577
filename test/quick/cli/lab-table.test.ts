/** What `ls` prints. */
import { expect, test } from "vitest";
import { addressTable, labTable } from "../../../harness/cli/kept-labs.ts";
import { commandWords } from "../../../harness/cli/words.ts";

const kept = { id: "3f2a", name: "lab", state: "kept" as const, hosts: ["home", "server"] };
const unnamed = { id: "77", name: undefined, state: "left over" as const, hosts: [] };

test("a header, then one lab a line, in columns", () => {
  expect(labTable([kept, unnamed], commandWords.en.lab)).toBe(
    ["NAME  STATE      ID    HOSTS", "lab   kept       3f2a  home server", "-     left over  77", ""].join("\n"),
  );
});

test("columns of Japanese characters are as wide as they look", () => {
  expect(labTable([kept], commandWords.ja.lab)).toBe(["名前  状態    ID    ホスト", "lab   維持中  3f2a  home server", ""].join("\n"));
});

test("`up`: addresses stand below each other, however many a host has", () => {
  const rows = [
    ["server", "198.51.100.10", "2001:db8:100::10"],
    ["internet", "192.0.2.66", "2001:db8:66::66"],
    ["one", "192.0.2.7"],
  ];
  expect(addressTable(rows).split("\n")).toEqual([
    "  server    198.51.100.10  2001:db8:100::10",
    "  internet  192.0.2.66     2001:db8:66::66",
    "  one       192.0.2.7",
  ]);
});
