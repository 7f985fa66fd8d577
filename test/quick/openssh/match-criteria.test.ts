import { describe, expect, test } from "vitest";
import { tellApart } from "../../../harness/openssh/match-criteria.ts";

const alice = { user: "alice", addr: "192.0.2.1", laddr: "198.51.100.10", lport: 22 };

/** What of alice's connection another one may differ in, and still get the same settings. */
const alike = (...matches: string[][]) => {
  const told = tellApart(matches);
  const others = { user: "bob", addr: "192.0.2.2", laddr: "198.51.100.11", lport: 2222, host: "a.example" };
  return Object.entries(others).flatMap(([part, other]) => (told({ ...alice, [part]: other }) === told(alice) ? [part] : []));
};

describe("connections that no Match line tells apart", () => {
  test.each<[string, string[][], string[]]>([
    ["no Match at all", [], ["user", "addr", "laddr", "lport", "host"]],
    ["all", [["all"]], ["user", "addr", "laddr", "lport", "host"]],
    ["a user", [["User", "alice,bob"]], ["addr", "laddr", "lport", "host"]],
    ["a user, with an equals sign", [["user=alice"]], ["addr", "laddr", "lport", "host"]],
    ["a group, and nobody's name", [["Group", "staff"], ["invalid-user"]], ["addr", "laddr", "lport", "host"]],
    [
      "an address in a second block",
      [
        ["User", "alice"],
        ["Address", "192.0.2.0/24"],
      ],
      ["laddr", "lport", "host"],
    ],
    ["one block of two criteria", [["LocalPort", "22", "LocalAddress", "198.51.100.10"]], ["user", "addr", "host"]],
    ["a host, which is the address where it has no name", [["Host", "*.example"]], []],
    ["a criterion that is not known here", [["RDomain", "blue"]], []],
    ["a value that is a criterion's name", [["User", "host"]], ["addr", "laddr", "lport", "host"]],
  ])("%s", (_what, matches, expected) => {
    expect(alike(...matches)).toEqual(expected);
  });
});
