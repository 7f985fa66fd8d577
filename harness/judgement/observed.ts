/** What was observed where nobody expects anything: as the cells and forwards of a result. */
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { Observation } from "../core/observation.ts";
import type { ResultCell, ResultForward, Unworded } from "../core/result.ts";
import type { Policy } from "../policy/policy.ts";
import { judgeCell } from "./judge-cell.ts";
import { judgeForward } from "./judge-forward.ts";

const nothingExpected: Policy = { server: { sshd_config: "" }, forwards: {} };

export function observedCell(observation: Observation, spec: LabSpec): Unworded<ResultCell> {
  return judgeCell(observation.cell, [observation], {
    policy: nothingExpected,
    spec,
    today: "",
    outcomes: [],
    broken: undefined,
    spared: new Set(),
  });
}

export function observedForward(outcome: ForwardOutcome, spec: LabSpec): Unworded<ResultForward> {
  const context = {
    policy: nothingExpected,
    spec,
    outcomes: [outcome],
    policyFile: "",
    broken: undefined,
    spared: new Set(),
    cells: [],
    line: undefined,
  };
  const { place: _nowhere, ...forward } = judgeForward(outcome.name, { ssh: outcome.ssh }, outcome, context);
  return forward;
}
