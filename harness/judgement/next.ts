/** Where to look next when an expectation did not hold. Names no change of a file: that would be a remedy, and a remedy is tried first. */
import { parseTarget } from "../core/address.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { Observation } from "../core/observation.ts";
import type { Params } from "../core/reason.ts";
import type { ResultForward, Status } from "../core/result.ts";
import { type Expectation, type Verdict, wantsReach } from "../core/verdict.ts";
import type { Interpretation } from "./interpret.ts";
import { isRemote } from "./listeners.ts";

export interface Hint {
  code: string;
  params: Params;
}

export function nextForCell(observation: Observation, seen: Interpretation, expected: Expectation): Hint | undefined {
  if (seen.verdict === "inconclusive")
    return seen.unproven?.code.startsWith("depends-on-") ? undefined : { code: "look-at-the-lab", params: {} };
  if (wantsReach(expected)) return toLetIn(observation, seen);
  return answered(seen.verdict) ? toKeepOut(observation) : { code: "decide-which-is-right", params: { expected, observed: seen.verdict } };
}

function toLetIn({ cell, forward }: Observation, { verdict, reason }: Interpretation): Hint | undefined {
  const { listensOn: host, from } = forward;
  if (!forward.granted) return privilegedPort(forward);
  if (verdict === "wrong-service") return { code: "find-other-service", params: { target: cell.target, host } };
  if (reason?.code === "path-elsewhere") return { code: "use-a-port", params: { path: cell.address, host } };
  if (reason?.code === "session-ended" || reason?.code === "socket-gone" || reason?.code === "socket-without-listener")
    return { code: "open-again", params: {} };
  if (reason?.layer === "service") return { code: "start-the-service", params: { host: isRemote(forward) ? from : "server" } };
  if (reason?.layer === "nat") return { code: "forward-the-port", params: { port: cell.port, nat: cell.nat ?? "" } };
  if (reason?.layer === "router") return { code: "give-a-route", params: { vantage: cell.vantage, address: cell.address } };
  // `-R` opens the port on the server. Who runs ssh and wants to reach a service there means `-L`.
  if (reason?.layer === "bind-address" && isRemote(forward) && cell.vantage === from)
    return { code: "use-local-forward", params: { from } };
  return undefined;
}

function toKeepOut({ cell, forward, probe }: Observation): Hint | undefined {
  const owner = forward.socket?.file?.owner ?? forward.account;
  const local = cell.vantage === forward.listensOn;
  if (cell.scope === "socket") {
    return cell.as === "root" || cell.as === owner
      ? { code: "nothing-keeps-out", params: { who: cell.as, what: cell.address } }
      : undefined;
  }
  if (local) return { code: "nothing-keeps-local-out", params: { target: cell.target } };
  return isRemote(forward) && !probe.admission ? { code: "no-firewall", params: { host: forward.listensOn } } : undefined;
}

export function nextForForward(status: Status, expected: ResultForward["expected"], forward: ForwardOutcome): Hint | undefined {
  if (status === "inconclusive") return { code: "ssh-failed-first", params: {} };
  return status === "violated" && expected === "granted" ? privilegedPort(forward) : undefined;
}

/** A port below 1024 is for root alone, whatever else is free: no other bind address helps. */
function privilegedPort({ requested, account, refusedBy, granted, listensOn: host }: ForwardOutcome): Hint | undefined {
  const port = parseTarget(`0.0.0.0:${/\d+$/.exec(requested)?.[0] ?? ""}`)?.port;
  const privileged = port !== undefined && port > 0 && port < 1024;
  return !granted && privileged && account !== "root" && refusedBy?.layer === "bind-address"
    ? { code: "privileged-port", params: { port, account, host } }
    : undefined;
}

function answered(verdict: Verdict): boolean {
  return verdict === "reached" || verdict === "wrong-service";
}
