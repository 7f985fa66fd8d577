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
  /** Of those that a dial may have, the first. */
  const ports: number[] = [];
  const rules: StoppingRules = {
    senderChoice: (told) => (told.line === rule.line ? known.choice : undefined),
    namedPorts: () => ({
      groups: known.groups ?? [],
      inexact: known.inexact === undefined ? [] : [{ file: "rules", line: 9, rule: known.inexact }],
    }),
  };
  const result = await fromEveryPort(first, rules, [], async ({ sourcePort, dialPorts }) => {
    const port = dialPorts ? dialPorts.first : sourcePort;
    ports.push(port);
    return at(port);
  });
  return { result, ports };
}

const unsettled = (result: ProbeResult, why: string, by = rule) => ({ ...result, unsettledBy: [{ why, ...by }] });
/** Verdicts that were seen. */
const possible = (...verdicts: ProbeResult["verdict"][]) => ({ possible: verdicts });
const named = [[range(40_000, 50_000)], [range(443)]];

test("an answer that a rule drops at some ports only: one port outside of each named range is enough to see it", async () => {
  const { result, ports } = await outcomeOf(stopped("reply"), { groups: named }, (port) => (port === 443 ? reached : stopped("reply")));
  expect(result).toEqual({ ...unsettled(reached, "source-port"), ...possible("filtered", "reached") });
  expect(ports).toContain(443);
});

test("one that is dropped at a port of each class is dropped at all", async () => {
  const { result, ports } = await outcomeOf(stopped("reply"), { groups: named }, () => stopped("reply"));
  expect(result).toEqual(stopped("reply"));
  expect(ports.length).toBe(4);
  expect(ports.filter((port) => port < 1024).length).toBe(2);
  expect(ports.filter((port) => 40_000 <= port && port <= 50_000).length).toBe(1);
});

test("where nobody gets in, what most clients see counts, by the ports that they come from", async () => {
  const refused: ProbeResult = { ...plain, verdict: "refused", evidence: { connect: "ECONNREFUSED" } };
  // 28,232 ports are ordinary: of them 10,001 are dropped, or 17,001.
  const outcome = async (groups: { first: number; last: number }[][], dropped: (port: number) => boolean) =>
    (await outcomeOf(stopped("reply"), { groups }, (port) => (dropped(port) ? stopped("reply") : refused))).result;
  const within = (first: number, last: number) => (port: number) => first <= port && port <= last;
  expect(await outcome([[range(40_000, 50_000)]], within(40_000, 50_000))).toEqual(refused);
  expect(await outcome([[range(33_000, 50_000)]], within(33_000, 50_000))).toEqual(stopped("reply"));
  // Together most, though neither class alone; ports that no ordinary client comes from weigh nothing.
  const two = [[range(33_000, 40_999)], [range(41_000, 49_000)], [range(1024, 32_000)]];
  expect(await outcome(two, within(33_000, 49_000))).toEqual(stopped("reply"));
  expect(await outcome([[range(443)], [range(1024, 32_000)]], (port) => port > 32_000)).toEqual(stopped("reply"));
});

test("where most clients are stopped by another rule than the first probe, that rule is told", async () => {
  const other: ProbeResult = { ...stopped("request"), decision: { ...decided("request", "reject"), line: 7 } };
  const byLine7 = (few: (port: number) => boolean) =>
    outcomeOf(stopped("reply"), { groups: [[range(40_000, 50_000)]] }, (port) => (few(port) ? stopped("reply") : other));
  expect((await byLine7((port) => 40_000 <= port && port <= 50_000)).result).toEqual(other);
  expect((await byLine7((port) => port < 40_000 || port > 50_000)).result).toEqual(stopped("reply"));
});

test("a port that a service there has is nobody's", async () => {
  const taken = { ...plain, verdict: "inconclusive", evidence: { connect: "EADDRINUSE" } } as const;
  const { result } = await outcomeOf(stopped("reply"), { groups: named }, (port) => (port === 443 ? taken : stopped("reply")));
  expect(result).toEqual(stopped("reply"));
  expect((await outcomeOf(stopped("reply"), { groups: named }, () => taken)).result).toEqual(stopped("reply"));
});

test("a few ports that are dropped are bad luck, and nothing that a verdict hangs on; most of them are", async () => {
  const few = await outcomeOf(stopped("reply"), { groups: [[range(40_000, 50_000)]] }, (port) =>
    port < 40_000 || port > 50_000 ? reached : stopped("reply"),
  );
  expect(few.result).toEqual(reached);
  const most = await outcomeOf(stopped("reply"), { groups: [[range(33_000, 50_000)]] }, (port) =>
    port < 33_000 || port > 50_000 ? reached : stopped("reply"),
  );
  expect(most.result).toEqual({ ...unsettled(reached, "source-port"), ...possible("filtered", "reached") });
});

test("who got in from one of few ports, by luck: most clients are kept out, and it is said by which rule", async () => {
  const lucky: ProbeResult = { ...reached, sourcePort: 40_000 };
  const few = [[range(33_000, 39_000)], [range(39_500, 41_000)]];
  const within = (port: number) => 39_500 <= port && port <= 41_000;
  const most = await outcomeOf(lucky, { groups: few }, (port) => (within(port) ? reached : stopped("request")));
  expect(most.result).toEqual({ ...unsettled(lucky, "source-port"), ...possible("reached", "filtered") });
  // The others are no better off in part only, or are let in, or nothing is known of them.
  const part = await outcomeOf(lucky, { groups: few }, (port) => (33_000 <= port && port <= 39_000 ? stopped("request") : reached));
  expect(part.result).toEqual(lucky);
  expect((await outcomeOf(lucky, { groups: few }, () => reached)).result).toEqual(lucky);
  const unknown = await outcomeOf(lucky, { groups: few }, () => ({ ...plain, verdict: "inconclusive" }));
  expect(unknown.result).toEqual(lucky);
});

test("who got in from one of few ports is tried from those of most clients first, and from no others once these show that half get in", async () => {
  const lucky: ProbeResult = { ...reached, sourcePort: 43_240 };
  const few = [[range(22)], [range(43_234, 43_499)], [range(443)]];
  const outcome = (at: (port: number) => ProbeResult) => outcomeOf(lucky, { groups: few }, at);
  const ordinary = (port: number) => port > 1023 && !(43_234 <= port && port <= 43_499);
  const settled = await outcome(() => reached);
  expect(settled.result).toEqual(lucky);
  expect(settled.ports.length).toBe(1);
  expect(settled.ports.every(ordinary)).toBe(true);
  // Stopped there: each of the others is tried as well.
  const stoppedThere = await outcome((port) => (ordinary(port) ? stopped("request") : reached));
  expect(stoppedThere.result).toEqual({ ...unsettled(lucky, "source-port"), ...possible("reached", "filtered") });
  expect(stoppedThere.ports.length).toBe(5);
  // No client can be there: nothing is shown by it.
  const taken = { ...plain, verdict: "inconclusive", evidence: { connect: "EADDRINUSE" } } as const;
  expect((await outcome((port) => (ordinary(port) ? taken : stopped("request")))).ports.length).toBe(5);
});

test("who got in from one of the many ports is tried once", async () => {
  const many: ProbeResult = { ...reached, sourcePort: 55_000 };
  for (const groups of [[], [[range(43_234)]], [[range(33_000, 40_000)]]])
    expect(await outcomeOf(many, { groups }, () => stopped("request"))).toEqual({ result: many, ports: [] });
});

test("what is not known of one port leaves all unknown", async () => {
  const unknown: ProbeResult = { ...plain, verdict: "inconclusive" };
  const { result } = await outcomeOf(stopped("reply"), { groups: named }, (port) => (port === 443 ? unknown : stopped("reply")));
  expect(result).toEqual({ ...unsettled(unknown, "source-port"), ...possible("filtered", "inconclusive") });
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
  expect(byPort.result).toEqual({ ...unsettled(reached, "source-port"), ...possible("filtered", "reached") });
  const byTtl = await outcomeOf(stopped("request"), { choice: "other" }, () => reached);
  expect(byTtl).toEqual({ result: unsettled(stopped("request"), "sender"), ports: [] });
});

test("an answer to the dial of the target that a rule drops at some ports only: another dial may have another port", async () => {
  const others = await outcomeOf(stopped("dial-reply"), { groups: named }, (port) => (port === 40_000 ? stopped("dial-reply") : reached));
  expect(others.result).toEqual({ ...unsettled(reached, "dial-port"), ...possible("filtered", "reached") });
  const none = await outcomeOf(stopped("dial-reply"), { groups: named }, () => stopped("dial-reply"));
  expect(none).toEqual({ result: stopped("dial-reply"), ports: [32_768, 40_000] });
  // Its SYN hangs on its port only where the rule looks at that; and rules that tell hardly any ports of dials apart are no reason to look further.
  const bySyn = await outcomeOf(stopped("dial"), { groups: named, choice: "port" }, () => reached);
  expect(bySyn.result).toEqual({ ...unsettled(reached, "dial-port"), ...possible("filtered", "reached") });
  const elsewhere = await outcomeOf(stopped("dial-reply"), { groups: [[range(22), range(43_234)]] }, () => reached);
  expect(elsewhere).toEqual({ result: stopped("dial-reply"), ports: [] });
});

test("a rule that led the packet to the one that dropped it may look at what the client chose", async () => {
  const led: ProbeResult = { ...stopped("request"), decision: { ...decided("request"), rule: "drop", line: 9 }, matched: [rule] };
  const byPort = await outcomeOf(led, { choice: "port" }, (port) => (port < 1024 ? reached : led));
  expect(byPort.result).toEqual({ ...unsettled(reached, "source-port"), ...possible("filtered", "reached") });
  const byOther = await outcomeOf(led, { choice: "other" }, () => reached);
  expect(byOther).toEqual({ result: unsettled(led, "sender"), ports: [] });
  expect(await outcomeOf(led, {}, () => reached)).toEqual({ result: led, ports: [] });
});

test("data that a rule drops by the client's port; the control: by something else", async () => {
  const byPort = await outcomeOf(stopped("data"), { groups: named, choice: "port" }, (port) => (port === 443 ? reached : stopped("data")));
  expect(byPort.result).toEqual({ ...unsettled(reached, "source-port"), ...possible("filtered", "reached") });
  expect(await outcomeOf(stopped("data"), { groups: named, choice: "other" }, () => reached)).toEqual({
    result: stopped("data"),
    ports: [],
  });
});

test("a router that says that there is no way, to clients from some ports only", async () => {
  const none: ProbeResult = { ...stopped("request"), verdict: "unreachable" };
  const { result } = await outcomeOf(none, { choice: "port" }, (port) => (port < 1024 ? reached : none));
  expect(result).toEqual({ ...unsettled(reached, "source-port"), ...possible("unreachable", "reached") });
});

test("the control: what does not hang on the client's port is tried once", async () => {
  const refused: ProbeResult = { ...plain, verdict: "refused" };
  for (const result of [reached, refused, stopped("request"), stopped("dial"), stopped("neighbour")])
    expect(await outcomeOf(result, { groups: named }, () => reached)).toEqual({ result, ports: [] });
  expect(await outcomeOf(stopped("data"), {}, () => reached)).toEqual({ result: stopped("data"), ports: [] });
});
