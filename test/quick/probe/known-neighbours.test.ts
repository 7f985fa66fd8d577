/** A block by a dropped lookup: does it last when the host has made itself known? */
import { expect, test } from "vitest";
import type { PacketDecision, ProbeResult, Verdict } from "../../../harness/core/verdict.ts";
import { throughKnownNeighbours } from "../../../harness/probe/known-neighbours.ts";

const rule = "inet filter output icmpv6 type nd-neighbor-advert drop";
const seen = (verdict: Verdict, direction?: PacketDecision["direction"]): ProbeResult => ({
  ...{ vantage: "campus", family: 6, target: "[2001:db8:100::10]:43234", verdict, evidence: {} },
  ...(direction ? { decision: { at: "server", kind: "host", action: "drop", direction, rule } } : {}),
});

async function ask(first: ProbeResult, next: Verdict) {
  const asked: string[] = [];
  const result = await throughKnownNeighbours(first, async (at) => {
    asked.push(at);
    return seen(next);
  });
  return { asked, result };
}

test("it does not: whoever comes then gets in, and nothing is settled", async () => {
  const { asked, result } = await ask(seen("filtered", "neighbour"), "reached");
  expect(asked).toEqual(["server"]);
  expect(result).toMatchObject({ verdict: "reached", unsettledBy: [{ why: "lookups", rule }], possible: ["filtered", "reached"] });
});

test.each(["filtered", "refused", "inconclusive"] as const)("it does, as far as is known: %s", async (next) => {
  const first = seen("filtered", "neighbour");
  expect(await ask(first, next)).toEqual({ asked: ["server"], result: first });
});

test("the control: no lookup was dropped, or nobody was stopped", async () => {
  for (const first of [seen("filtered", "request"), seen("reached"), seen("refused")])
    expect(await ask(first, "reached")).toEqual({ asked: [], result: first });
});
