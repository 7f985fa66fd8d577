import { expect, test } from "vitest";
import type { PacketDecision, ProbeResult } from "../../../harness/core/verdict.ts";
import { fromSeveralPorts } from "../../../harness/probe/source-port.ts";

const plain = { vantage: "server", family: 4, target: "198.51.100.10:43234", evidence: {} } as const;
const rule = { at: "server", kind: "host", rule: "tcp dport 40000-50000 drop", file: "rules", line: 4 } as const;
const dropped = (direction: PacketDecision["direction"], action: PacketDecision["action"] = "drop"): ProbeResult => ({
  ...plain,
  verdict: "filtered",
  decision: { ...rule, direction, action },
});
const reached: ProbeResult = { ...plain, verdict: "reached" };

async function outcomeOf(...results: ProbeResult[]): Promise<{ result: ProbeResult; probes: number }> {
  let probes = 0;
  const result = await fromSeveralPorts(async () => results[Math.min(probes++, results.length - 1)] as ProbeResult);
  return { result, probes };
}

test("an answer that a rule drops only at some ports is no proof of a block", async () => {
  const unsettled = { ...reached, unsettledBy: [{ why: "chance", rule: rule.rule, file: "rules", line: 4 }] };
  expect(await outcomeOf(dropped("reply"), reached)).toEqual({ result: unsettled, probes: 2 });
  expect(await outcomeOf(dropped("reply"), dropped("reply"), dropped("reply"), reached)).toEqual({ result: unsettled, probes: 4 });
});

test("one that is dropped at every port is one", async () => {
  expect(await outcomeOf(dropped("reply"))).toEqual({ result: dropped("reply"), probes: 4 });
});

test("where it is blocked either way, by what is met first", async () => {
  expect(await outcomeOf(dropped("reply"), dropped("request", "reject"))).toEqual({ result: dropped("request", "reject"), probes: 2 });
});

test("the control: what does not hang on the answer is tried once", async () => {
  for (const result of [reached, dropped("request"), dropped("data"), { ...plain, verdict: "refused" } as const])
    expect(await outcomeOf(result, dropped("reply"))).toEqual({ result, probes: 1 });
});
