/** What became of a forward, put together from both logs and sshd's settings. */
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { Host } from "../lab/host.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import type { ForwardRequest } from "../openssh/forward-request.ts";
import { explainRefusal } from "../openssh/refusal.ts";
import { awaitLog, type LineSource } from "./await-log.ts";
import type { ForwardListeners } from "./forward-listeners.ts";
import type { AccountKey, EffectiveAnswer } from "./ssh-server.ts";

/** Settings of sshd that decide about forwards. */
export const forwardingKeywords = [
  "gatewayports",
  "allowtcpforwarding",
  "permitlisten",
  "permitopen",
  "disableforwarding",
  "addressfamily",
];

/** Settings of sshd that decide about Unix sockets, besides those. */
const socketKeywords = ["allowstreamlocalforwarding", "streamlocalbindmask", "streamlocalbindunlink"];

/** Those of `forwardingKeywords` and the others that matter to this forward. */
function keywordsFor({ listenPath, targetPath }: ForwardRequest): string[] {
  return listenPath === undefined && targetPath === undefined ? forwardingKeywords : [...forwardingKeywords, ...socketKeywords];
}

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

/** The outcome without logs, and without the reason of a refusal. */
export function describeForward(facts: ForwardFacts): ForwardOutcome {
  const { ssh, software, answer, listeners } = facts;
  const { request } = ssh;
  const file = listeners.socket?.file;
  return {
    name: facts.name,
    from: facts.client.name,
    account: facts.account,
    ssh: ssh.text,
    kind: request.kind,
    requested: ssh.requested,
    granted: facts.granted,
    effective: software === undefined ? keywordsFor(request).map((keyword) => answer.source(keyword)) : [],
    ...(software === undefined ? {} : { software }),
    keyOptions: facts.key.options,
    listensOn: facts.listeningHost.name,
    listeners: listeners.texts,
    ...(request.listenPath === undefined ? {} : { socket: { path: request.listenPath, ...(file ? { file } : {}) } }),
    clientLog: "",
    serverLog: "",
  };
}

/** Why the forward does not stand, as soon as the logs or the settings tell; undefined when they do not. */
export async function findRefusal(
  request: ForwardRequest,
  { key, answer, logs }: { key: AccountKey; answer: EffectiveAnswer; logs: readonly LineSource[] },
  clientLog: () => readonly string[],
  serverLog: () => readonly string[],
): Promise<ForwardOutcome["refusedBy"]> {
  const why = () =>
    explainRefusal({
      request,
      source: answer.source,
      keyOptions: key.options,
      keyPlace: key.place,
      clientLog: clientLog(),
      serverLog: serverLog(),
    });
  await awaitLog(logs, () => why() !== undefined);
  return why();
}
