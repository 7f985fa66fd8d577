/** Where to look next when an expectation did not hold. Names no change of a file: that would be a remedy, and a remedy is tried first. */
import { type ForwardOutcome, listensOnServer } from "../core/forward-outcome.ts";
import type { Observation } from "../core/observation.ts";
import type { Params } from "../core/reason.ts";
import type { ResultForward, Status } from "../core/result.ts";
import { type Expectation, type Verdict, wantsReach } from "../core/verdict.ts";
import { settingText } from "../openssh/sshd-keywords.ts";
import type { Interpretation } from "./interpret.ts";

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
  if (!forward.granted) return toBind(forward) ?? inOtherMatch(forward, reason?.rule);
  if (verdict === "wrong-service") return { code: "find-other-service", params: { target: cell.target, host } };
  if (reason?.code === "path-elsewhere") return { code: "use-a-port", params: { path: cell.address, host } };
  if (reason?.code === "session-ended" || reason?.code === "socket-gone" || reason?.code === "socket-without-listener")
    return { code: "open-again", params: {} };
  if (reason?.layer === "service") return { code: "start-the-service", params: { host: listensOnServer(forward.kind) ? from : "server" } };
  if (reason?.layer === "nat") return { code: "forward-the-port", params: { port: cell.port, nat: cell.nat ?? "" } };
  if (reason?.layer === "router") return { code: "give-a-route", params: { vantage: cell.vantage, address: cell.address } };
  if (reason?.code === "port-taken-in-family") return { code: "free-the-port", params: { port: cell.port, host } };
  const other = inOtherMatch(forward, reason?.rule);
  if (other) return other;
  // `-R` opens the port on the server. Who runs ssh and wants to reach a service there means `-L`.
  if (reason?.layer === "bind-address" && listensOnServer(forward.kind) && cell.vantage === from)
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
  return listensOnServer(forward.kind) && !probe.admission ? { code: "no-firewall", params: { host: forward.listensOn } } : undefined;
}

export function nextForForward(status: Status, expected: ResultForward["expected"], forward: ForwardOutcome): Hint | undefined {
  if (status === "inconclusive") return { code: "ssh-failed-first", params: {} };
  if (status !== "violated" || expected !== "granted") return undefined;
  const { refusedBy } = forward;
  return toBind(forward) ?? inOtherMatch(forward, refusedBy?.source && settingText(refusedBy.source));
}

/** What to do about the kernel's answer to bind(2): no setting and no other bind address helps. */
function toBind({ refusedBy, listensOn: host }: ForwardOutcome): Hint | undefined {
  const port = refusedBy?.params.port ?? "";
  if (refusedBy?.code === "port-privileged") return { code: "take-a-high-port", params: { port, host } };
  return refusedBy?.code === "port-taken" ? { code: "free-the-port", params: { port, host } } : undefined;
}

/** The keyword that decided stands somewhere else too, in a Match block that does not hold for this login. */
function inOtherMatch(forward: ForwardOutcome, rule: string | undefined): Hint | undefined {
  const keyword = rule?.split(" ")[0]?.toLowerCase();
  const found = forward.elsewhere.find((one) => one.keyword === keyword);
  if (!found || forward.account === "") return undefined;
  const { value, file, line, match } = found;
  const setting = settingText({ keyword: found.keyword, value });
  const params = {
    setting,
    place: `${file}:${line}`,
    match: match.text,
    matchPlace: `${match.file}:${match.line}`,
    account: forward.account,
  };
  return { code: "setting-in-other-match", params };
}

function answered(verdict: Verdict): boolean {
  return verdict === "reached" || verdict === "wrong-service";
}
