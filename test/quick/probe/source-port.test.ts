import { expect, test } from "vitest";
import type { PacketDecision, ProbeResult } from "../../../harness/core/verdict.ts";
import { fromEveryPort, type StoppingRules } from "../../../harness/probe/source-port.ts";

const plain = { vantage: "campus", family: 4, target: "198.51.100.10:43234", evidence: {} } as const;
const rule = { rule: "tcp dport 40000-50000 drop", file: "rules", line: 4 };
const decided = (direction: PacketDecision["direction"], action: PacketDecision["action"] = "drop"): PacketDecision => ({
  at: "server",
  kind: "host",
  ...rule,
  direction,
  action,
});
const stopped = (direction: PacketDecision["direction"], connect = "pending"): ProbeResult => ({
  ...plain,
  verdict: "filtered",
  decision: decided(direction),
  evidence: { connect },
});
const reached: ProbeResult = { ...plain, verdict: "reached" };
const range = (first: number, last = first) => ({ first, last });

/** @param known groups of ports that the rules name, what the stopping rule looks at, and a rule that tells more */
async function outcomeOf(
  first: ProbeResult,
  known: { groups?: { first: number; last: number }[][]; choice?: ReturnType<StoppingRules["senderChoice"]>; inexact?: string },
  at: (port: number) => ProbeResult,
) {
  const ports: number[] = [];
  const rules: StoppingRules = {
    senderChoice: (told) => (told.line === rule.line ? known.choice : undefined),
    namedPorts: () => ({
      groups: known.groups ?? [],
      inexact: known.inexact === undefined ? [] : [{ file: "rules", line: 9, rule: known.inexact }],
    }),
  };
  const result = await fromEveryPort(first, rules, async (port) => {
    ports.push(port);
    return at(port);
  });
  return { result, ports };
}

const unsettled = (result: ProbeResult, why: string, by = rule) => ({ ...result, unsettledBy: [{ why, ...by }] });
const named = [[range(40_000, 50_000)], [range(443)]];

test("an answer that a rule drops at some ports only: one port outside of each named range is enough to see it", async () => {
  const { result, ports } = await outcomeOf(stopped("reply"), { groups: named }, (port) => (port === 443 ? reached : stopped("reply")));
  expect(result).toEqual(unsettled(reached, "source-port"));
  expect(ports).toContain(443);
});

test("one that is dropped at a port of each class is dropped at all", async () => {
  const { result, ports } = await outcomeOf(stopped("reply"), { groups: named }, () => stopped("reply"));
  expect(result).toEqual(stopped("reply"));
  expect(ports.length).toBe(4);
  expect(ports.filter((port) => port < 1024).length).toBe(2);
  expect(ports.filter((port) => 40_000 <= port && port <= 50_000).length).toBe(1);
});

test("blocked is blocked, by whichever rule; a port that a service there has is nobody's", async () => {
  const other: ProbeResult = { ...stopped("request"), decision: decided("request", "reject") };
  expect((await outcomeOf(stopped("reply"), { groups: named }, () => other)).result).toEqual(stopped("reply"));
  const taken = { ...plain, verdict: "inconclusive", evidence: { connect: "EADDRINUSE" } } as const;
  const { result } = await outcomeOf(stopped("reply"), { groups: named }, (port) => (port === 443 ? taken : stopped("reply")));
  expect(result).toEqual(stopped("reply"));
});

test("a few ports that are dropped are bad luck, and nothing that a verdict hangs on; most of them are", async () => {
  const few = await outcomeOf(stopped("reply"), { groups: [[range(40_000, 50_000)]] }, (port) =>
    port < 40_000 || port > 50_000 ? reached : stopped("reply"),
  );
  expect(few.result).toEqual(reached);
  const most = await outcomeOf(stopped("reply"), { groups: [[range(33_000, 50_000)]] }, (port) =>
    port < 33_000 || port > 50_000 ? reached : stopped("reply"),
  );
  expect(most.result).toEqual(unsettled(reached, "source-port"));
});

test("what is not known of one port leaves all unknown", async () => {
  const unknown: ProbeResult = { ...plain, verdict: "inconclusive" };
  const { result } = await outcomeOf(stopped("reply"), { groups: named }, (port) => (port === 443 ? unknown : stopped("reply")));
  expect(result).toEqual(unsettled(unknown, "source-port"));
});

test("rules that tell ports apart in a way that nobody can list", async () => {
  const by = { rule: "@th,16,16 & 1 == 1 accept", file: "rules", line: 9 };
  const { result } = await outcomeOf(stopped("reply"), { inexact: by.rule }, () => stopped("reply"));
  expect(result).toEqual(unsettled(stopped("reply"), "source-port", by));
  const many = Array.from({ length: 200 }, (_, at) => [range(2000 + 2 * at)]);
  expect((await outcomeOf(stopped("reply"), { groups: many }, () => stopped("reply"))).result).toEqual(
    unsettled(stopped("reply"), "source-port"),
  );
});

test("a SYN that is dropped for its port is tried from others; for its TTL, whoever sends it decides", async () => {
  const byPort = await outcomeOf(stopped("request"), { groups: named, choice: "port" }, (port) =>
    port < 1024 ? reached : stopped("request"),
  );
  expect(byPort.result).toEqual(unsettled(reached, "source-port"));
  const byTtl = await outcomeOf(stopped("request"), { choice: "other" }, () => reached);
  expect(byTtl).toEqual({ result: unsettled(stopped("request"), "sender"), ports: [] });
});

test("the control: what does not hang on the client's port is tried once", async () => {
  const refused: ProbeResult = { ...plain, verdict: "refused" };
  for (const result of [reached, refused, stopped("request"), stopped("data"), stopped("dial"), stopped("neighbour")])
    expect(await outcomeOf(result, { groups: named }, () => reached)).toEqual({ result, ports: [] });
});
