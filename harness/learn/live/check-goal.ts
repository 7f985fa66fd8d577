/** Is the goal reached? Asked of the network: each host that is to get in, or not, is probed at every address that it can name. */
import { parseTarget } from "../../core/address.ts";
import { endpointText, type Goal, type GoalCheck, type LiveListener } from "../../core/lesson.ts";
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

/** Whatever listens on the goal's port or socket, whoever has opened it: it is to lead to that service. */
function listenerOf(goal: Goal, service: Service, listeners: readonly LiveListener[]): Observable {
  const { listener } = goal;
  const { host } = goal.service;
  const path = "path" in listener ? listener.path : undefined;
  const port = "port" in listener ? listener.port : 0;
  const there = listeners.filter((each) => each.host === listener.host && each.socket.endsWith(`:${port}`));
  const { outcome } = observableService(service, there[0]?.process ?? "");
  // Where the service is, ssh dials it; unless it was opened by `-L`, where sshd does.
  const at = listener.host === serverHost ? host : serverHost;
  return {
    probed: {
      listensOn: listener.host,
      port,
      ...(path === undefined ? {} : { path }),
      service,
      socks: socksOf(goal),
      ...("port" in goal.service ? { dial: { at, port: goal.service.port } } : {}),
    },
    outcome: {
      ...outcome,
      name: endpointText(listener),
      from: host,
      requested: path ?? `:${port}`,
      listensOn: listener.host,
      listeners: path === undefined ? there.map(({ socket }) => socket).sort() : [path],
    },
    ended: false,
  };
}

function socksOf({ target }: Goal): { host: string; port: number } | undefined {
  const asked = target === undefined ? undefined : parseTarget(target);
  return asked && { host: asked.address, port: asked.port };
}

function cellOf(observation: Observation, lab: ForwardLab, { listener }: Goal, listeners: readonly LiveListener[]): ResultCell {
  const cell = observedCell(observation, lab.lab.spec);
  const nobodyThere = "port" in listener && cell.observed === "refused" && cell.decidedBy?.layer === "bind-address";
  return wordedCell(nobodyThere ? { ...cell, decidedBy: listenerReasonOf(listener, listeners) } : cell);
}

function listenerReasonOf(listener: { host: string; port: number }, listeners: readonly LiveListener[]) {
  const { params, ...reason } = listenerReason(listener, listeners);
  return { ...reason, params: { ...params } };
}

/** One reached address is enough to be in; whatever is not proven to be blocked is next. */
function verdictOf(cells: readonly ResultCell[]): Verdict {
  const seen = cells.map(({ observed }) => observed);
  if (seen.includes("reached")) return "reached";
  return seen.find((verdict) => !blockedVerdicts.includes(verdict)) ?? seen[0] ?? "inconclusive";
}
