/** What became of a forward, put together from both logs and sshd's settings. */
import {
  type ForwardOutcome,
  type IdleLimit,
  isSocks,
  listensOnServer,
  type Refusal,
  type SocksTarget,
  whereOf,
} from "../core/forward-outcome.ts";
import type { Host } from "../lab/host.ts";
import { permitsForwarding } from "../openssh/certificate.ts";
import { failedDials } from "../openssh/failed-dials.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import { keywordsFor } from "../openssh/forwarding-settings.ts";
import { type GateQuestion, grantingGate, type KeyInQuestion, refusingGate } from "../openssh/gates.ts";
import { type HopLimits, jumpLimits } from "../openssh/idle-limits.ts";
import { explainClosed, explainRefusal, type RefusalFacts, refusalBy } from "../openssh/refusal.ts";
import { socksTarget, socksTargets } from "../openssh/socks-targets.ts";
import { awaitLog, type LineSource } from "./await-log.ts";
import type { ForwardListeners } from "./forward-listeners.ts";
import type { AccountKey, EffectiveAnswer } from "./ssh-server.ts";

export interface ForwardFacts {
  name: string;
  account: string;
  ssh: ForwardArguments;
  client: Host;
  server: Host;
  /** Jump hosts on the way. */
  jump?: { servers: readonly { sshd: { host: Host } }[] };
  listeningHost: Host;
  key: AccountKey;
  answer: EffectiveAnswer;
  hopLimits?: readonly HopLimits[];
  granted: boolean;
  listeners: ForwardListeners;
  /** What the server calls itself, where that is not OpenSSH. */
  software?: string;
}

/** Both logs, as far as they have come. */
export interface Logs {
  clientLog: () => readonly string[];
  serverLog: () => readonly string[];
  /** Where their lines come from. */
  sources: readonly LineSource[];
}

/** The outcome without what the logs tell. */
export function describeForward(facts: ForwardFacts): ForwardOutcome {
  const { ssh, software, answer, listeners } = facts;
  const { request } = ssh;
  const file = listeners.socket?.file;
  const idle = [...(software === undefined ? answer.idleLimits(request) : []), ...limitsOnTheWay(facts)];
  const gate = software === undefined && facts.granted ? grantingGate(gateQuestion(facts)) : undefined;
  const effective = software === undefined ? keywordsFor(request).map((keyword) => answer.source(keyword)) : [];
  return {
    name: facts.name,
    from: facts.client.name,
    ...whereOf(
      facts.server.name,
      facts.jump?.servers.map(({ sshd }) => sshd.host.name),
    ),
    account: facts.account,
    ssh: ssh.text,
    kind: request.kind,
    requested: ssh.requested,
    granted: facts.granted,
    ...(gate?.source ? { grantedBy: gate.source } : {}),
    effective,
    elsewhere: answer.elsewhere(effective),
    failedDials: [],
    ...(idle.length > 0 ? { idleLimits: idle } : {}),
    ...(software === undefined ? {} : { software }),
    ...(isSocks(request.kind) && software === undefined ? { socksTargets: targetsOf(facts) } : {}),
    keyOptions: facts.key.options,
    listensOn: facts.listeningHost.name,
    listeners: listeners.texts,
    ...(request.listenPath === undefined ? {} : { socket: { path: request.listenPath, ...(file ? { file } : {}) } }),
    clientLog: "",
    serverLog: "",
  };
}

function limitsOnTheWay({ ssh, answer, hopLimits = [] }: ForwardFacts): IdleLimit[] {
  const alive = [ssh.serverAliveInterval ?? 0, Number(answer.source("clientaliveinterval").value || 0)];
  return hopLimits.flatMap((each) => jumpLimits(each, alive));
}

function targetsOf(asked: RefusalAsked): SocksTarget[] {
  return socksTargets(gateQuestion(asked), asked.ssh.permitRemoteOpen, asked.ssh.socksTargets);
}

/** What a SOCKS forward may be asked for besides, with what turns it down; of other software's lists nothing is known. */
export function judgeTarget(asked: RefusalAsked, target: { host: string; port: number }): SocksTarget {
  return asked.software === undefined ? socksTarget(gateQuestion(asked), asked.ssh.permitRemoteOpen ?? [], target) : target;
}

function gateQuestion({ ssh, key, answer }: RefusalAsked): GateQuestion {
  return { request: ssh.request, settings: answer.source, key: keyInQuestion(key) };
}

/** The outcome as both logs tell it by now. */
export function withLogs(base: ForwardOutcome, { ssh, key, answer }: RefusalAsked, { clientLog, serverLog }: Logs): ForwardOutcome {
  const facts = refusalFacts(ssh, key, answer, { clientLog: clientLog(), serverLog: serverLog() });
  const dials = failedDials(ssh.request.kind, facts.clientLog, facts.serverLog);
  const closedBy = base.granted ? explainClosed(facts, dials) : undefined;
  const prohibited = dials.some(({ by, error }) => by === "sshd" && error === "prohibited");
  return {
    ...base,
    failedDials: dials,
    ...(prohibited ? { serverAnswer: "refused" } : {}),
    ...(closedBy ? { closedBy } : {}),
    clientLog: facts.clientLog.join("\n"),
    serverLog: facts.serverLog.join("\n"),
  };
}

export type RefusalAsked = Pick<ForwardFacts, "ssh" | "key" | "answer" | "software">;

/** Why the forward does not stand, as soon as the logs or the settings tell: ssh's own reason first, then that of a server whose settings are not sshd's. */
export async function whyRefused(asked: RefusalAsked, logs: Logs): Promise<Refusal | undefined> {
  const { ssh, key, answer } = asked;
  const why = () =>
    refusedWithoutLogs(asked) ??
    explainRefusal(refusalFacts(ssh, key, answer, { clientLog: logs.clientLog(), serverLog: logs.serverLog() }));
  await awaitLog(logs.sources, () => why() !== undefined);
  return why();
}

/** The same where settings, options or the other end's software tell it, and no log is needed. */
export function refusedWithoutLogs({ ssh, key, answer, software }: RefusalAsked): Refusal | undefined {
  if (ssh.clearAllForwardings)
    return { layer: "client", code: "clear-all-forwardings", params: {}, text: "ssh's own ClearAllForwardings=yes" };
  if (software !== undefined && listensOnServer(ssh.request.kind))
    return { layer: "sshd-policy", code: "other-software", params: { software }, text: `${software} refused it, and gives no reason` };
  return explainRefusal(refusalFacts(ssh, key, answer, { clientLog: [], serverLog: [] }));
}

/** Which list or switch of the server's keeps a visitor of this -L from its target. */
export function whyDenied({ ssh, key, answer }: RefusalAsked): Refusal | undefined {
  const gate = refusingGate({ request: ssh.request, settings: answer.source, key: keyInQuestion(key) });
  return gate && refusalBy(gate);
}

function refusalFacts(
  { request }: ForwardArguments,
  key: AccountKey,
  { source }: EffectiveAnswer,
  logs: Pick<RefusalFacts, "clientLog" | "serverLog">,
): RefusalFacts {
  return { request, settings: source, key: keyInQuestion(key), ...logs };
}

/** A login's line, for the gates. */
export function keyInQuestion({ options, place, certificate }: AccountKey): KeyInQuestion {
  if (!certificate) return { options, ...place };
  const { content, file } = certificate;
  return { options, ...place, certificate: { permitsForwarding: permitsForwarding(content), ...(file === undefined ? {} : { file }) } };
}
