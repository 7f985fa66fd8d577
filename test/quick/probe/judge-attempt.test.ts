/** What became of a connection attempt that somebody made, from what was seen of it. */
import { describe, expect, test } from "vitest";
import type { SeenAttempt } from "../../../harness/lab/operations/live.ts";
import { judgeAttempt } from "../../../harness/probe/judge-attempt.ts";

const naming = {
  kindOf: (at: string) => (at === "core" ? ("router" as const) : ("host" as const)),
  describe: ({ chain, kind }: { chain: string; kind: string }) => ({ rule: `${chain} ${kind}`, file: "firewall", line: 3 }),
  rewrites: () => [],
  decisive: <T>(rule: T) => rule,
  ofNat: () => false,
};
const ends = { source: "192.0.2.66 40000", destination: "198.51.100.10 43234" };
const back = { source: ends.destination, destination: ends.source };

type Sighting = SeenAttempt["sightings"][number];
let clock = 0;
const seen = (at: string, way: "in" | "out", flags: string, more: Partial<Sighting> = {}): Sighting => ({
  at,
  way,
  flags,
  time: ++clock,
  interface: "eth0",
  ...(flags === "S" ? ends : back),
  ...more,
});
const syn = () => [seen("internet", "out", "S"), seen("core", "in", "S"), seen("core", "out", "S"), seen("server", "in", "S")];
const answer = (flags: string) => [
  seen("server", "out", flags),
  seen("core", "in", flags),
  seen("core", "out", flags),
  seen("internet", "in", flags),
];
const drop = {
  at: "server",
  family: "inet",
  table: "filter",
  chain: "input",
  kind: "rule",
  handle: 7,
  verdict: "drop",
  direction: "request",
  ...ends,
} as const;
const attempt = (more: Partial<SeenAttempt>): SeenAttempt => ({
  number: 1,
  duringProbe: false,
  sightings: [],
  decisions: [],
  passages: [],
  ...more,
});

const whole = { id: 1, way: ["internet", "core", "server"], source: "192.0.2.66:40000", destination: "198.51.100.10:43234" };

describe("outcomes", () => {
  test("connected, by the rule that let it in", () => {
    const sightings = [...syn(), ...answer("SA")];
    expect(judgeAttempt(attempt({ sightings }), naming)).toEqual({ ...whole, outcome: "connected" });
    const decisions = [{ ...drop, verdict: "accept" }];
    expect(judgeAttempt(attempt({ sightings, decisions }), naming)).toMatchObject({
      decidedBy: { at: "server", rule: "input rule", line: 3 },
    });
  });

  test("refused: nobody listens, no rule decided", () => {
    expect(judgeAttempt(attempt({ sightings: [...syn(), ...answer("RA")] }), naming)).toEqual({ ...whole, outcome: "refused" });
  });

  test("dropped, with the rule; rejected by one, it is refused or unreachable to whoever made it", () => {
    const decidedBy = { at: "server", rule: "input rule", file: "firewall", line: 3 };
    expect(judgeAttempt(attempt({ sightings: syn(), decisions: [drop] }), naming)).toEqual({ ...whole, outcome: "dropped", decidedBy });
    const reset = attempt({ sightings: [...syn(), ...answer("RA")], decisions: [drop] });
    expect(judgeAttempt(reset, naming)).toEqual({ ...whole, outcome: "refused", decidedBy });
    const icmp = attempt({ sightings: [...syn(), seen("internet", "in", "", { icmp: 3 })], decisions: [drop] });
    expect(judgeAttempt(icmp, naming)).toEqual({ ...whole, outcome: "unreachable", decidedBy });
  });

  test("unreachable where a router says so, unanswered where nobody says anything", () => {
    const sightings = [seen("internet", "out", "S"), seen("core", "in", "S")];
    const told = [...sightings, seen("core", "out", "", { icmp: 0 }), seen("internet", "in", "", { icmp: 0 })];
    expect(judgeAttempt(attempt({ sightings: told }), naming)).toMatchObject({ way: ["internet", "core"], outcome: "unreachable" });
    expect(judgeAttempt(attempt({ sightings }), naming)).toEqual({ ...whole, way: ["internet", "core"], outcome: "unanswered" });
  });
});

describe("the way", () => {
  test("is that of the packets' time, whoever told of them first", () => {
    const sightings = syn();
    expect(judgeAttempt(attempt({ sightings: [...sightings].reverse() }), naming)?.way).toEqual(whole.way);
  });

  test("of one that a rule of its maker's own dropped is the maker", () => {
    const own = { at: "internet", chain: "output" };
    const dropped = attempt({ passages: [{ at: "internet", chain: "leave", ...ends }], decisions: [{ ...drop, ...own }] });
    expect(judgeAttempt(dropped, naming)).toMatchObject({ way: ["internet"], outcome: "dropped", destination: whole.destination });
  });

  test("of one that was not seen to be made is not told", () => {
    expect(judgeAttempt(attempt({}), naming)).toBeUndefined();
  });
});
