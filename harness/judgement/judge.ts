/** Judgement: what was seen of a policy's forwards, as one result. Pure. */

import { type Cell, cellKey, compareCells } from "../core/cells.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { Observation } from "../core/observation.ts";
import { type Provenance, type Result, resultVersion, type Sources, type Unworded } from "../core/result.ts";
import { type Admission, wantsReach } from "../core/verdict.ts";
import { type Warning, warningsAbout } from "../core/warning.ts";
import { type Policy, reachEntries } from "../policy/policy.ts";
import { inexactSources, senderChooses } from "./doubts.ts";
import { idleWarnings } from "./idle-warnings.ts";
import { getsIn, judgeCell } from "./judge-cell.ts";
import { judgeForward, placeInPolicy } from "./judge-forward.ts";
import { ledAwayWarnings } from "./led-away.ts";
import { selfCheckFault } from "./self-check-fault.ts";
import { slowDialWarnings } from "./slow-dial.ts";
import { topologyOf } from "./topology.ts";
import { overallOutcome } from "./verdict-of-run.ts";
import { judgeWaivers } from "./waivers.ts";

export interface JudgeInput {
  policy: Policy;
  /** As the user named the policy file. */
  policyFile: string;
  spec: LabSpec;
  /** What each probe saw. Several of one cell must agree. */
  observations: readonly Observation[];
  /** Cells that should have been probed and were not: each is `inconclusive`. */
  unobserved?: readonly Cell[];
  /** What became of each forward: one that was never granted may have no cell. */
  outcomes: readonly ForwardOutcome[];
  provenance: Unworded<Provenance>;
  tool: { name: string; version: string };
  /** Local date, YYYY-MM-DD. */
  today: string;
  /** Forwards that were selected (`--only`, `--shard`). Left out: all. Others do not appear, and their waivers are not judged. */
  selected?: readonly string[];
  /** Unused waivers are violations. */
  strictWaivers?: boolean;
  /** What the lab has to say besides verdicts. */
  warnings?: readonly Warning[];
  /** Left out: only the policy's vantage points. */
  sources?: Sources;
  /** Rules that may let somebody in to one of the forwards for what he puts into his packets, as no probe does. */
  chosenBySender?: readonly Admission[];
  /** Line of each forward in the policy file. */
  lines?: Readonly<Record<string, number | undefined>>;
  /** The same of each waiver, in the policy's order. */
  waiverLines?: readonly (number | undefined)[];
}

/** A result that `report/` has yet to put into words. */
export type JudgedResult = Unworded<Result>;

/**
 * The result of a run. No cell is `blocked` without proof: a verdict that its own evidence does not bear out, a probe that is missing
 * and every cell of a lab that failed its self-check are `inconclusive`.
 */
export function judge(input: JudgeInput): JudgedResult {
  const { policy, policyFile, spec, provenance, tool, today, outcomes } = input;
  const selected = input.selected ?? Object.keys(policy.forwards);
  const broken = selfCheckFault(provenance);
  const observed = [...observedCells(input.observations, input.unobserved ?? [])].filter(({ cell }) => selected.includes(cell.forward));
  const spared = sparedPorts(observed, spec);
  const cells = observed
    .sort((one, other) => compareCells(one.cell, other.cell))
    .map(({ cell, observations }) => judgeCell(cell, observations, { policy, spec, outcomes, today, broken, spared }));
  const forwards = selected.flatMap((name) => {
    const stated = policy.forwards[name];
    const outcome = outcomes.find((one) => one.name === name);
    return stated
      ? [judgeForward(name, stated, outcome, { policy, spec, outcomes, policyFile, broken, cells, line: input.lines?.[name] })]
      : [];
  });
  const { waivers, warnings, violations } = judgeWaivers(policy.waivers ?? [], cells, selected, today, {
    strict: input.strictWaivers ?? false,
    places: (input.waiverLines ?? []).map((line) => placeInPolicy(policyFile, line)),
  });
  const seen = input.observations.filter(({ cell }) => selected.includes(cell.forward));
  return {
    schemaVersion: resultVersion,
    tool,
    policy: { file: policyFile },
    ...overallOutcome(cells, forwards, violations, [
      ...(broken ? [broken] : []),
      ...(input.sources?.inexact ?? []).map(inexactSources),
      ...(input.chosenBySender ?? []).map(senderChooses),
    ]),
    provenance,
    topology: topologyOf(spec),
    ...(input.sources ? { sources: input.sources } : {}),
    forwards,
    cells,
    waivers,
    warningDetails: [
      ...warningsAbout(input.warnings ?? [], selected),
      ...idleWarnings(outcomes.filter(({ name }) => selected.includes(name) && isReached(policy.forwards[name]))),
      ...ledAwayWarnings(seen),
      ...slowDialWarnings(seen),
      ...warnings,
    ],
  };
}

function isReached(forward: Policy["forwards"][string] | undefined): boolean {
  return forward !== undefined && reachEntries(forward).some(({ is }) => wantsReach(is));
}

interface ObservedCell {
  cell: Cell;
  observations: Observation[];
}

/**
 * Where rules lead another port to the forward's: the ports at which whoever may reach it need not get in, as he does at another one of the same address, or because
 * the forward's own is the one that he must.
 */
function sparedPorts(observed: readonly ObservedCell[], spec: LabSpec): ReadonlySet<string> {
  const byAddress = Map.groupBy(observed, ({ cell }) => {
    const { address, socks } = cell;
    return cellKey({ ...cell, target: socks ? `${address} ${socks.host}:${socks.port}` : address });
  });
  const several = [...byAddress.values()].filter((ports) => ports.some(({ cell }) => cell.moved));
  const spared = several.flatMap((ports) => {
    const open = ports.filter(({ observations }) => getsIn(observations, spec));
    return ports.filter((each) => (open.length > 0 ? !open.includes(each) : each.cell.moved)).map(({ cell }) => cellKey(cell));
  });
  return new Set(spared);
}

/** Each cell once, with all that was seen of it. */
function observedCells(observations: readonly Observation[], unobserved: readonly Cell[]) {
  const found = new Map<string, ObservedCell>();
  for (const cell of unobserved) found.set(cellKey(cell), { cell, observations: [] });
  for (const observation of observations) {
    const key = cellKey(observation.cell);
    const entry = found.get(key) ?? { cell: observation.cell, observations: [] };
    entry.observations.push(observation);
    found.set(key, entry);
  }
  return found.values();
}
