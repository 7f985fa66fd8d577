import { expect, test } from "vitest";
import type { PacketDecision, ProbeResult } from "../../../harness/core/verdict.ts";
import { mayPassLater, type Persistent, throughRetransmission } from "../../../harness/probe/retransmission.ts";

const plain = { vantage: "campus", family: 4, target: "198.51.100.10:43234", evidence: {}, sourcePort: 40_000 } as const;
const rule = { rule: "limit rate 1/hour drop", file: "rules", line: 4 };
const stopped = (direction: PacketDecision["direction"], action: PacketDecision["action"] = "drop"): ProbeResult => ({
  ...plain,
  verdict: "filtered",
  decision: { at: "server", kind: "host", ...rule, direction, action },
});
const reached: ProbeResult = { ...plain, verdict: "reached" };

/** What was asked again until somebody got in, and whether anybody did. */
async function asked(first: ProbeResult, stateful: boolean, passesAt: number) {
  const hows: Persistent[] = [];
  const later = await mayPassLater(first, stateful, async (how) => (hows.push(how) >= passesAt ? reached : first));
  return { later, hows };
}

test("a dropped SYN comes again from its own port, until it passes or has come six times", async () => {
  const own = { sourcePort: 40_000 };
  expect(await asked(stopped("request"), true, 2)).toEqual({ later: true, hows: [own, own] });
  expect(await asked(stopped("request"), true, 9)).toEqual({ later: false, hows: [own, own, own, own, own] });
});

test("an answer or a dial that was dropped belongs to a connection: another one is made", async () => {
  expect(await asked(stopped("reply"), true, 1)).toEqual({ later: true, hows: [{}] });
  expect(await asked(stopped("dial"), true, 1)).toEqual({ later: true, hows: [{}] });
});

test("of data nothing is known before it was sent again, whatever the rules are", async () => {
  expect(await asked(stopped("data"), false, 1)).toEqual({ later: true, hows: [] });
});

test.each<[string, ProbeResult, boolean]>([
  ["no rule with state", stopped("request"), false],
  ["a rejection ends the connection", stopped("request", "reject"), true],
  ["led elsewhere", stopped("request", "redirect"), true],
  ["a lookup, which the kernel repeats anyway", stopped("neighbour"), true],
  ["who gets in", reached, true],
])("nothing is asked again: %s", async (_, first, stateful) => {
  expect(await asked(first, stateful, 1)).toEqual({ later: false, hows: [] });
});

test("who gets in with a later packet does, and it is told which rule stopped the first", async () => {
  const first = stopped("request");
  const hows: Persistent[] = [];
  const result = await throughRetransmission(first, async (how) => {
    hows.push(how);
    return reached;
  });
  expect(result).toEqual({ ...reached, stoppedFirst: first.decision });
  expect(hows).toEqual([{ persistent: true, patient: true, deadlineMs: 3500 }]);
});

test("who does not, while a hastier client does, is neither let in nor kept out for sure", async () => {
  const first = stopped("request");
  for (const last of [first, { ...plain, verdict: "inconclusive" } as const])
    expect(await throughRetransmission(first, async () => last)).toEqual({
      ...first,
      unsettledBy: [{ why: "retries", ...rule }],
      possible: ["filtered", "reached"],
    });
});

test("data that never comes through is filtered", async () => {
  const first = stopped("data");
  expect(await throughRetransmission(first, async () => first)).toBe(first);
});
