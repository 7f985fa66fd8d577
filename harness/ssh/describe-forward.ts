/** What became of a forward, put together from both logs and sshd's settings. */
import { type ForwardOutcome, listensOnServer, type Refusal } from "../core/forward-outcome.ts";
import type { Host } from "../lab/host.ts";
import { failedDials } from "../openssh/failed-dials.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import { keywordsFor } from "../openssh/forwarding-settings.ts";
import { explainClosed, explainRefusal, type RefusalFacts } from "../openssh/refusal.ts";
import { awaitLog, type LineSource } from "./await-log.ts";
import type { ForwardListeners } from "./forward-listeners.ts";
import type { AccountKey, EffectiveAnswer } from "./ssh-server.ts";

export interface ForwardFacts {
  name: string;
  account: string;
  ssh: ForwardArguments;
  client: Host;
  listeningHost: Host;
  key: AccountKey;
  answer: EffectiveAnswer;
  granted: boolean;
  listeners: ForwardListeners;
  /** What the server calls itself, where that is not OpenSSH. */
  software?: string;
}

/** The outcome without what the logs tell. */
export function describeForward(facts: ForwardFacts): ForwardOutcome {
  const { ssh, software, answer, listeners } = facts;
  const { request } = ssh;
  const file = listeners.socket?.file;
  const effective = software === undefined ? keywordsFor(request).map((keyword) => answer.source(keyword)) : [];
  return {
    name: facts.name,
    from: facts.client.name,
    account: facts.account,
    ssh: ssh.text,
    kind: request.kind,
    requested: ssh.requested,
    granted: facts.granted,
    effective,
    elsewhere: answer.elsewhere(effective),
    failedDials: [],
    ...(software === undefined ? {} : { software }),
    keyOptions: facts.key.options,
    listensOn: facts.listeningHost.name,
    listeners: listeners.texts,
    ...(request.listenPath === undefined ? {} : { socket: { path: request.listenPath, ...(file ? { file } : {}) } }),
    clientLog: "",
    serverLog: "",
  };
}

export interface WhyNot {
  ssh: ForwardArguments;
  software: string | undefined;
  key: AccountKey;
  answer: EffectiveAnswer;
  /** Where further lines of the logs come from. */
  logs: readonly LineSource[];
  clientLog: () => readonly string[];
  serverLog: () => readonly string[];
}

/** Why the forward does not stand, as soon as the logs or the settings tell; undefined when they do not. */
export async function findRefusal({ ssh, software, key, answer, logs, clientLog, serverLog }: WhyNot): Promise<Refusal | undefined> {
  const { request } = ssh;
  if (ssh.clearAllForwardings)
    return { layer: "client", code: "clear-all-forwardings", params: {}, text: "ssh's own ClearAllForwardings=yes" };
  if (software !== undefined && listensOnServer(request.kind))
    return { layer: "sshd-policy", code: "other-software", params: { software }, text: `${software} refused it, and gives no reason` };
  const why = () => explainRefusal({ request, settings: answer.source, key: keyLine(key), clientLog: clientLog(), serverLog: serverLog() });
  await awaitLog(logs, () => why() !== undefined);
  return why();
}

export function keyLine({ options, place }: AccountKey): { options: string; file?: string; line?: number } {
  return { options, ...place };
}

/** The outcome as both logs tell it by now. */
export function withLogs(base: ForwardOutcome, facts: RefusalFacts): ForwardOutcome {
  const { clientLog, serverLog, request } = facts;
  const dials = failedDials(request.kind, clientLog, serverLog);
  const closedBy = base.granted ? explainClosed(facts, dials) : undefined;
  const prohibited = dials.some(({ by, error }) => by === "sshd" && error === "prohibited");
  return {
    ...base,
    failedDials: dials,
    ...(prohibited ? { serverAnswer: "refused" } : {}),
    ...(closedBy ? { closedBy } : {}),
    clientLog: clientLog.join("\n"),
    serverLog: serverLog.join("\n"),
  };
}
