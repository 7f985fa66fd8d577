/** Where to look next when an expectation did not hold. Names no change of a file: that would be a remedy, and a remedy is tried first. */
import { parseTarget } from "../core/address.ts";
import { type ForwardOutcome, listensOnServer, serverOf } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { Observation } from "../core/observation.ts";
import type { Cause, Params } from "../core/reason.ts";
import type { ResultForward, Status } from "../core/result.ts";
import { type Expectation, isAnswer, wantsReach } from "../core/verdict.ts";
import { parseSshArguments } from "../openssh/forward-arguments.ts";
import { settingText } from "../openssh/sshd-keywords.ts";
import { isSynProxy } from "./firewall-reasons.ts";
import type { Interpretation } from "./interpret.ts";
import { unknownBindName } from "./refusal-reasons.ts";

export interface Hint {
  code: string;
  params: Params;
}

/** What the hints need besides the observations. */
export interface HintContext {
  spec: LabSpec;
  /** Forwards of this run. */
  outcomes: readonly ForwardOutcome[];
  /** The policy names a firewall of the server. */
  filtered: boolean;
}

const unknown: HintContext = { spec: { lans: {}, routers: {}, hosts: {} }, outcomes: [], filtered: false };

export function nextForCell(observation: Observation, seen: Interpretation, expected: Expectation, context = unknown): Hint | undefined {
  if (seen.verdict === "inconclusive") return toProve(seen.unproven);
  if (wantsReach(expected)) return toLetIn(observation, seen, context);
  return isAnswer(seen.verdict)
    ? toKeepOut(observation, context)
    : { code: "decide-which-is-right", params: { expected, observed: seen.verdict } };
}

function toProve({ code, params }: Cause = { code: "", params: {} }): Hint | undefined {
  if (code === "sender-chooses" || code === "depends-on-source-port") return { code: "go-by-what-is-given", params: {} };
  if (code === "bind-name-unknown") return { code: "name-the-address", params };
  if (code === "ended-with-sibling") return { code: "see-sibling", params };
  if (code === "session-ended") return { code: "open-again", params: {} };
  return code.startsWith("depends-on-") ? undefined : { code: "look-at-the-lab", params: {} };
}

function toLetIn({ cell, forward }: Observation, { verdict, reason }: Interpretation, context: HintContext): Hint | undefined {
  const { listensOn: host, from } = forward;
  if (!forward.granted) return toBind(forward, context) ?? inOtherMatch(forward, reason?.rule);
  if (verdict === "wrong-service") return { code: "find-other-service", params: { target: cell.target, host } };
  if (reason?.code === "path-elsewhere") return { code: "use-a-port", params: { path: cell.address, host } };
  if (reason?.code === "ended-with-sibling") return { code: "see-sibling", params: reason.params };
  if (reason?.code === "session-ended" || reason?.code === "socket-gone" || reason?.code === "socket-without-listener")
    return { code: "open-again", params: {} };
  const settings = context.spec.hosts[host]?.sysctl ?? {};
  if (reason?.rule !== undefined && isSynProxy(reason.rule) && !Object.hasOwn(settings, strictTracking))
    return { code: "syn-proxy-needs-setting", params: { host, setting: strictTracking } };
  if (reason?.layer === "service")
    return { code: "start-the-service", params: { host: listensOnServer(forward.kind) ? from : serverOf(forward) } };
  if (reason?.layer === "nat") return { code: "forward-the-port", params: { port: cell.port, nat: cell.nat ?? "" } };
  if (reason?.layer === "router") return { code: "give-a-route", params: { vantage: cell.vantage, address: cell.address } };
  if (reason?.code === "port-taken-in-family") return freePort(forward, cell.port);
  const other = inOtherMatch(forward, reason?.rule);
  if (other) return other;
  // `-R` opens the port on the server. Who runs ssh and wants to reach a service there means `-L`.
  if (reason?.layer === "bind-address" && listensOnServer(forward.kind) && cell.vantage === from)
    return { code: "use-local-forward", params: { from } };
  return undefined;
}

/** 0: the connection tracking takes nothing for a connection that begins in the middle, so the SYN proxy gets the visitor's ACK. */
const strictTracking = "net.netfilter.nf_conntrack_tcp_loose";

function toKeepOut({ cell, forward, probe }: Observation, { filtered }: HintContext): Hint | undefined {
  const owner = forward.socket?.file?.owner ?? forward.account;
  const local = cell.vantage === forward.listensOn;
  if (cell.scope === "socket") {
    return cell.as === "root" || cell.as === owner
      ? { code: "nothing-keeps-out", params: { who: cell.as, what: cell.address } }
      : undefined;
  }
  if (local) return { code: "nothing-keeps-local-out", params: { target: cell.target } };
  if (!listensOnServer(forward.kind) || probe.admission) return undefined;
  const host = forward.listensOn;
  if (cell.scope === "neighbour") return { code: "neighbour-needs-rule", params: { host, filtered } };
  return filtered
    ? { code: "firewall-leaves-open", params: { host, family: cell.family ?? 0 } }
    : { code: "no-firewall", params: { host } };
}

export function nextForForward(
  status: Status,
  expected: ResultForward["expected"],
  forward: ForwardOutcome,
  context: HintContext,
): Hint | undefined {
  const name = unknownBindName(forward, context.spec);
  if (status === "inconclusive" && name !== undefined) return { code: "name-the-address", params: { name } };
  if (status === "inconclusive") return forward.refusedBy ? undefined : { code: "ssh-failed-first", params: {} };
  if (status !== "violated" || expected !== "granted") return undefined;
  const { refusedBy } = forward;
  return toBind(forward, context) ?? inOtherMatch(forward, refusedBy?.source && settingText(refusedBy.source));
}

/** What to do about the kernel's answer to bind(2): no setting and no other bind address helps. */
function toBind(forward: ForwardOutcome, { spec, outcomes }: HintContext): Hint | undefined {
  const { refusedBy, listensOn: host } = forward;
  const port = refusedBy?.params.port ?? "";
  switch (refusedBy?.code) {
    case "port-privileged":
      return { code: "take-a-high-port", params: { port, host } };
    case "port-taken": {
      const other = outcomes.find((one) => one !== forward && one.listensOn === host && listensOnPort(one, port));
      return other ? { code: "port-of-other-forward", params: { port, host, other: other.name } } : freePort(forward, port);
    }
    case "no-such-address":
      return toOwnAddress(host, refusedBy.params, spec);
    default:
      return undefined;
  }
}

function freePort({ ssh, listensOn: host }: ForwardOutcome, port: Params[string]): Hint {
  return { code: "free-the-port", params: { port, host, ...(exitsOnFailure(ssh) ? { exits: true } : {}) } };
}

/** ExitOnForwardFailure is typed; of a host of an ssh_config, nobody has typed anything. */
function exitsOnFailure(ssh: string): boolean {
  try {
    return parseSshArguments(ssh, undefined, { jumps: true, destination: true }).forwards.some((one) => one.exitOnForwardFailure);
  } catch {
    return false;
  }
}

function listensOnPort({ listeners }: ForwardOutcome, port: unknown): boolean {
  return listeners.some((listener) => parseTarget(listener)?.port === port);
}

function toOwnAddress(host: string, refused: Params, spec: LabSpec): Hint {
  const address = String(refused.address ?? "");
  const own = (spec.hosts[host]?.interfaces ?? []).flatMap(({ addresses }) => addresses.map((each) => each.replace(/\/.*/, "")));
  const router = Object.entries(spec.routers).find(([, { uplink }]) => uplink?.address === address)?.[0];
  return {
    code: "bind-own-address",
    params: { host, address, own, port: refused.port ?? "", ...(router === undefined ? {} : { router }) },
  };
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
