/** Is the goal reached? Asked of the network: each host that is to get in, or not, is probed at every address that it can name. */
import type { Goal, GoalCheck, LiveListener } from "../../core/lesson.ts";
import type { Observation } from "../../core/observation.ts";
import type { ResultCell } from "../../core/result.ts";
import { blockedVerdicts, type Verdict } from "../../core/verdict.ts";
import { listenerReason } from "../../judgement/live-reasons.ts";
import { observedCell } from "../../judgement/observed.ts";
import type { Service } from "../../probe/services.ts";
import { wordedCell } from "../../report/worded.ts";
import type { Observable } from "../../session/forward-handle.ts";
import type { ForwardLab } from "../../session/forward-lab.ts";
import { serverHost } from "../../session/login-route.ts";
import { observableService } from "../../session/observable-service.ts";
import { observeFrom } from "../../session/observe-from.ts";

/** @param service the one that is to be reached */
export async function checkGoal(lab: ForwardLab, goal: Goal, service: Service, listeners: readonly LiveListener[]): Promise<GoalCheck[]> {
  const target = listenerOf(goal, service, listeners);
  return Promise.all(
    Object.entries(goal.wanted).map(async ([vantage, wanted]): Promise<GoalCheck> => {
      const observations = await observeFrom(lab, target, vantage, { via: null });
      const cells = observations.map((each) => cellOf(each, lab, goal, listeners));
      const observed = verdictOf(cells);
      const ok = wanted ? observed === "reached" : cells.length > 0 && cells.every((cell) => blockedVerdicts.includes(cell.observed));
      return { vantage, wanted, observed, ok, cells };
    }),
  );
}

/** Whatever listens on the goal's port, whoever has opened it: it is to lead to that service. */
function listenerOf(goal: Goal, service: Service, listeners: readonly LiveListener[]): Observable {
  const { listener } = goal;
  const { host, port } = goal.service;
  const there = listeners.filter((each) => each.host === listener.host && each.socket.endsWith(`:${listener.port}`));
  const { outcome } = observableService(service, there[0]?.process ?? "");
  // Where the service is, ssh dials it; unless it was opened by `-L`, where sshd does.
  const at = listener.host === serverHost ? host : serverHost;
  return {
    probed: { listensOn: listener.host, port: listener.port, service, socks: undefined, dial: { at, port } },
    outcome: {
      ...outcome,
      name: `${listener.host}:${listener.port}`,
      from: host,
      requested: `:${listener.port}`,
      listensOn: listener.host,
      listeners: there.map(({ socket }) => socket).sort(),
    },
    ended: false,
  };
}

function cellOf(observation: Observation, lab: ForwardLab, { listener }: Goal, listeners: readonly LiveListener[]): ResultCell {
  const cell = observedCell(observation, lab.lab.spec);
  const nobodyThere = cell.observed === "refused" && cell.decidedBy?.layer === "bind-address";
  return wordedCell(nobodyThere ? { ...cell, decidedBy: listenerReasonOf(listener, listeners) } : cell);
}

function listenerReasonOf(listener: Goal["listener"], listeners: readonly LiveListener[]) {
  const { params, ...reason } = listenerReason(listener, listeners);
  return { ...reason, params: { ...params } };
}

/** One reached address is enough to be in; whatever is not proven to be blocked is next. */
function verdictOf(cells: readonly ResultCell[]): Verdict {
  const seen = cells.map(({ observed }) => observed);
  if (seen.includes("reached")) return "reached";
  return seen.find((verdict) => !blockedVerdicts.includes(verdict)) ?? seen[0] ?? "inconclusive";
}
