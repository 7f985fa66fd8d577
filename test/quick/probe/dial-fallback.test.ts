import { expect, test } from "vitest";
import type { PacketDecision, ProbeResult } from "../../../harness/core/verdict.ts";
import { fallbackMs, throughFallback } from "../../../harness/probe/dial-fallback.ts";

const plain = { vantage: "home", family: 4, target: "127.0.0.1:8081", evidence: {} } as const;
const decided = (line: number, direction: PacketDecision["direction"] = "dial"): PacketDecision => ({
  ...{ at: "server", kind: "host", action: "drop", direction, rule: `drop ${line}`, file: "rules", line },
});
const hanging = (line: number, direction?: PacketDecision["direction"]): ProbeResult => ({
  ...{ ...plain, verdict: "filtered", decision: decided(line, direction), unanswered: true },
});
const reached: ProbeResult = { ...plain, verdict: "reached" };
const closed: ProbeResult = { ...plain, verdict: "closed" };
const two = { addresses: 2 };

/** @param patient undefined: it must not come to that */
const outcome = (first: ProbeResult, dial: { addresses?: number } | undefined, patient?: ProbeResult) =>
  throughFallback(
    async () => first,
    dial,
    async () => {
      if (!patient) throw new Error("tried once more");
      return patient;
    },
  );

test("who waits for the next address gets in, with the rule that made him wait", async () => {
  expect(await outcome(hanging(4), two, reached)).toEqual({ ...reached, slowDial: { decision: decided(4) } });
  const unknown: ProbeResult = { ...plain, verdict: "inconclusive", unanswered: true };
  expect(await outcome(unknown, two, reached)).toEqual({ ...reached, slowDial: {} });
});

test("the dial of the first address came through with a later packet: nobody waits for the second", async () => {
  expect(await outcome(hanging(4), two, { ...reached, dialRepeated: true })).toEqual({ ...reached, dialRepeated: true });
});

test("stopped at each of them: by the rule of the last", async () => {
  const { unanswered: _, ...last } = hanging(5);
  expect(await outcome(hanging(4), two, last)).toEqual(last);
  expect(await outcome(hanging(4), two, closed)).toEqual(closed);
});

test("no drop is a proof while an address is left to be dialled; what stops the data of one that answered is", async () => {
  const { decision, ...seen } = await outcome(hanging(4), two, hanging(4));
  expect([seen.verdict, decision]).toEqual(["inconclusive", undefined]);
  expect(seen.evidence.note).toContain("not all of them had been tried");
  expect(await outcome(hanging(4), two, hanging(5, "data"))).toEqual(hanging(5, "data"));
});

test("the control: with one address, or when nobody waits any more, the first probe says it all", async () => {
  for (const dial of [undefined, {}, { addresses: 1 }]) expect(await outcome(hanging(4), dial)).toEqual(hanging(4));
  for (const first of [reached, closed]) expect(await outcome(first, two)).toEqual(first);
  expect(fallbackMs({ addresses: 3 })).toBeGreaterThan(fallbackMs(two));
});
