/** Judgement: what was planned and what was seen, as one result. Pure. */

import { type Cell, compareCells } from "../core/cells.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import { type Provenance, type Result, type ResultCell, type ResultForward, resultVersion, type Status } from "../core/result.ts";
import { blockedVerdicts, type Expectation, type ProbeResult, type Verdict, wantsReach } from "../core/verdict.ts";
import { accountOf, defaultFrom, type Policy, reachEntries, requestText } from "../policy/policy.ts";
import { advise, adviseForward } from "./advice.ts";
import { attribute, refusalOf } from "./attribution.ts";
import { expectationOf } from "./expectations.ts";
import { missingProof } from "./proof.ts";
import { overallOutcome } from "./verdict-of-run.ts";
import { judgeWaivers, waiverFor } from "./waivers.ts";

/** What the probes of one forward saw. Forwards may share addresses and ports, so each has its own list. */
export type ProbesByForward = Readonly<Record<string, readonly ProbeResult[]>>;

export interface JudgeInput {
  policy: Policy;
  /** As the user named the policy file. */
  policyFile: string;
  spec: LabSpec;
  cells: readonly Cell[];
  probes: ProbesByForward;
  outcomes: readonly ForwardOutcome[];
  provenance: Provenance;
  tool: { name: string; version: string };
  /** Local date, YYYY-MM-DD. */
  today: string;
  /** Forwards that were selected (`--only`, `--shard`). Left out: all. Others do not appear, and their waivers are not judged. */
  selected?: readonly string[];
  /** The server's firewall files as reports show them. */
  firewall?: readonly string[];
  /** Unused waivers are violations. */
  strictWaivers?: boolean;
  /** What the lab has to say besides verdicts. */
  warnings?: readonly string[];
  /** Line of each forward in the policy file. */
  lines?: Readonly<Record<string, number | undefined>>;
}

/**
 * The result of a run. No cell is `blocked` without proof: a verdict that its own evidence does not bear out, a probe that is missing
 * and every cell of a lab that failed its self-check are `inconclusive`.
 */
export function judge(input: JudgeInput): Result {
  const selected = input.selected ?? Object.keys(input.policy.forwards);
  const broken = selfCheckFault(input.provenance);
  const planned = input.cells.filter((cell) => selected.includes(cell.forward)).sort(compareCells);
  const cells = planned.map((cell) => judgeCell(cell, input, broken));
  const forwards = selected.flatMap((name) => (input.policy.forwards[name] ? [judgeForward(name, input, broken)] : []));
  const { waivers, warnings, violations } = judgeWaivers(
    input.policy.waivers ?? [],
    cells,
    selected,
    input.today,
    input.strictWaivers ?? false,
  );
  return {
    schemaVersion: resultVersion,
    tool: input.tool,
    policy: { file: input.policyFile },
    ...overallOutcome(cells, forwards, violations, broken),
    provenance: input.provenance,
    topology: topologyOf(input.spec),
    forwards,
    cells,
    waivers,
    warnings: [...(input.warnings ?? []), ...warnings],
  };
}

function selfCheckFault(provenance: Provenance): string | undefined {
  if (provenance.selfCheck.length === 0) return "the lab's self-check did not run";
  const failed = provenance.selfCheck.filter((check) => !check.ok);
  return failed.length === 0
    ? undefined
    : `the lab failed its self-check: ${failed.map((check) => (check.detail ? `${check.name} (${check.detail})` : check.name)).join("; ")}`;
}

/** Does what was seen fulfil what was expected? */
export function fulfils(expected: Expectation, observed: Verdict): boolean {
  if (expected === "reachable") return observed === "reached";
  return expected === "blocked" ? blockedVerdicts.includes(observed) : expected === observed;
}

function judgeCell(cell: Cell, input: JudgeInput, broken: string | undefined): ResultCell {
  const forward = input.outcomes.find((one) => one.name === cell.forward);
  const { probe, observed, decidedBy, note } = look(cell, input, forward, broken);
  const expected = expectationOf(input.policy, cell);
  const met = expected === undefined || fulfils(expected, observed);
  const waiver = met || observed === "inconclusive" ? undefined : waiverFor(input.policy.waivers ?? [], cell, input.today);
  const status: Status =
    expected === undefined ? "optional" : observed === "inconclusive" ? "inconclusive" : met ? "held" : waiver ? "waived" : "violated";
  const ok = status === "held" || status === "optional";
  const shared = cell.forward in input.policy.forwards && meantForOthers(input.policy, cell.forward, forward);
  const context = forward && {
    cell,
    expected: expected ?? ("blocked" as const),
    observed,
    decidedBy,
    probe,
    forward,
    shared,
    firewall: input.firewall ?? [input.policy.server.firewall ?? []].flat().map((file) => file.replace(/^\.\//, "")),
  };
  const notes = (broken ? [broken] : [probe?.evidence.note, note]).filter((text) => text !== undefined);
  return {
    forward: cell.forward,
    vantage: cell.vantage,
    family: cell.family,
    target: cell.target,
    expected: expected ?? null,
    observed,
    ok,
    status,
    waiver: waiver?.id ?? null,
    decidedBy,
    ...(ok || !context || broken ? {} : { todo: advise(context) }),
    evidence: { ...probe?.evidence, ...(notes.length > 0 ? { note: notes.join("; ") } : {}) },
  };
}

interface Look {
  probe: ProbeResult | undefined;
  observed: Verdict;
  decidedBy: ResultCell["decidedBy"];
  /** Why nothing is proven. */
  note?: string;
}

function look(cell: Cell, input: JudgeInput, forward: ForwardOutcome | undefined, broken: string | undefined): Look {
  const probes = (input.probes[cell.forward] ?? []).filter((one) => one.vantage === cell.vantage && one.target === cell.target);
  const probe = probes[0];
  const inconclusive = (note: string): Look => ({ probe, observed: "inconclusive", decidedBy: null, note });
  if (broken) return inconclusive(broken);
  if (!probe) return inconclusive("this probe was not made");
  if (!forward) return inconclusive("what became of the forward is not known");
  if (new Set(probes.map((one) => one.verdict)).size > 1)
    return inconclusive(`probes of this cell contradict each other: ${probes.map((one) => one.verdict).join(", ")}`);
  const lacking = missingProof(probe);
  if (lacking) return inconclusive(`${probe.verdict} is not proven: ${lacking}`);
  const { decidedBy, contradiction } = attribute(cell, probe, forward, input.spec);
  return contradiction ? inconclusive(contradiction) : { probe, observed: probe.verdict, decidedBy };
}

function meantForOthers(policy: Policy, name: string, forward: ForwardOutcome | undefined): boolean {
  const entries = reachEntries(policy.forwards[name] as Policy["forwards"][string]);
  return entries.some((entry) => wantsReach(entry.is) && entry.vantage !== forward?.listensOn);
}

function judgeForward(name: string, input: JudgeInput, broken: string | undefined): ResultForward {
  const stated = input.policy.forwards[name] as Policy["forwards"][string];
  const outcome = input.outcomes.find((one) => one.name === name);
  const expected = expectedOfForward(stated);
  const granted = outcome && !broken ? grantedFor(outcome) : null;
  const met = expected === null || (granted !== null && granted === (expected === "granted"));
  const status: Status = expected === null ? "optional" : granted === null ? "inconclusive" : met ? "held" : "violated";
  const line = input.lines?.[name];
  return {
    name,
    from: outcome?.from ?? stated.from ?? defaultFrom,
    account: outcome?.account ?? accountOf(input.policy, stated) ?? "",
    ssh: requestText(stated),
    kind: outcome?.kind ?? null,
    requested: outcome?.requested ?? null,
    granted,
    expected,
    ok: status === "held" || status === "optional",
    status,
    decidedBy: outcome ? refusalOf(outcome) : null,
    ...(status === "violated" && outcome && expected ? { todo: adviseForward(expected, outcome) } : {}),
    ...(status === "inconclusive"
      ? { todo: "read the logs of ssh and sshd below: it is not known whether the server would grant this forward" }
      : {}),
    effective: Object.fromEntries((outcome?.effective ?? []).map((setting) => [setting.keyword.toLowerCase(), setting.value])),
    settings: (outcome?.effective ?? []).map(({ keyword, value, file, line: at }) => ({
      keyword,
      value,
      ...(file === undefined ? {} : { file }),
      ...(at === undefined ? {} : { line: at }),
    })),
    keyOptions: outcome?.keyOptions ?? "",
    listensOn: outcome?.listensOn ?? null,
    listeners: [...(outcome?.listeners ?? [])].sort(),
    place: { file: input.policyFile.replace(/^.*[/\\]/, ""), ...(line === undefined ? {} : { line }) },
    clientLog: outcome?.clientLog ?? "",
    serverLog: outcome?.serverLog ?? "",
  };
}

function expectedOfForward(stated: Policy["forwards"][string]): "granted" | "refused" | null {
  if (stated.refused_by_server !== undefined) return stated.refused_by_server ? "refused" : "granted";
  return reachEntries(stated).some((entry) => wantsReach(entry.is)) ? "granted" : null;
}

/** Whether the server granted the forward; null when ssh failed before the server could decide. */
function grantedFor(outcome: ForwardOutcome): boolean | null {
  const byPolicy = outcome.refusedBy?.layer === "sshd-policy" || outcome.refusedBy?.layer === "key-options";
  if (byPolicy) return false;
  if (outcome.granted) return true;
  const said = /remote (port|path) forwarding failed|administratively prohibited/i.test(outcome.clientLog);
  return said || outcome.refusedBy?.layer === "bind-address" ? false : null;
}

function topologyOf(spec: LabSpec): Result["topology"] {
  return {
    lans: Object.fromEntries(
      Object.entries(spec.lans).map(([name, { ipv4, ipv6 }]) => [
        name,
        { ...(ipv4 === undefined ? {} : { ipv4 }), ...(ipv6 === undefined ? {} : { ipv6 }) },
      ]),
    ),
    routers: structuredClone(spec.routers),
    hosts: Object.fromEntries(Object.entries(spec.hosts).map(([name, host]) => [name, { interfaces: structuredClone(host.interfaces) }])),
  };
}
