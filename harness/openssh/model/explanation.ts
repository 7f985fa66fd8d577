/** All that the model says about one forward of a command line, put together. */

import { formatTarget } from "../../core/address.ts";
import { natOf } from "../../core/cells.ts";
import { listensOnServer, type SettingSource } from "../../core/forward-outcome.ts";
import type { LabSpec } from "../../core/lab-spec.ts";
import { autosshNote } from "../autossh.ts";
import type { ForwardArguments } from "../forward-arguments.ts";
import { forwardingKeywords, type SettingOf, settingFor } from "../forwarding-settings.ts";
import type { KeyInQuestion } from "../gates.ts";
import { settingText } from "../sshd-keywords.ts";
import type { FirewallPolicy } from "./firewall-policy.ts";
import { hintsFor } from "./hints.ts";
import type { AddressFamily, HostFacts } from "./model-input.ts";
import { predict } from "./predict.ts";
import { formatListener, formatSource, type ModelListener, type Prediction } from "./prediction.ts";
import { type ReachCell, reach } from "./reach.ts";
import { isNumber } from "./resolve.ts";
import type { Hint, Sentence } from "./sentence.ts";
import type { IdleLine } from "./settings-of-config.ts";
import { reachSocket } from "./socket-reach.ts";

export interface Question {
  /** As a person typed it. */
  typed: string;
  ssh: ForwardArguments;
  family: AddressFamily;
  account: string;
  keyOptions: string;
  /** Left out: the account logs in with a plain key. */
  certificate?: KeyInQuestion["certificate"];
  settings: SettingOf;
  /** Did the user give a config? Otherwise sshd's defaults are told as such. */
  hasConfig: boolean;
  idle: readonly IdleLine[];
  /** What the caller took for granted. */
  assumed?: readonly Sentence[];
  /** Lines of the config that say who may log in. */
  loginLists: readonly SettingSource[];
  /** Network in which reach is told; its hosts `home` and `server` run ssh and sshd. */
  spec: LabSpec;
  sshdPort: number;
  /** The server's. Left out: none. */
  firewall?: FirewallPolicy;
  /** Nothing listens on the forward's target. Left out: it answers. */
  deadTarget?: boolean;
  /** What forwards of the same ssh that come before this one listen on. */
  earlier?: { server: readonly ModelListener[]; home: readonly ModelListener[] };
}

export interface Explanation {
  /** As typed. */
  ssh: string;
  account: string;
  /** Settings that decide, defaults filled in. */
  settings: SettingSource[];
  hasConfig: boolean;
  prediction: Prediction;
  reach: ReachCell[];
  /** What the model took for granted. */
  assumed: Sentence[];
  hints: Hint[];
  /** Lines of the config that do not count. */
  idle: readonly IdleLine[];
  /** -R without a config: what each GatewayPorts would make of it. */
  otherGatewayPorts: { value: string; listeners: string[] }[];
}

/** Words that stand for more than one address, or for none. */
const generalBinds = new Set(["", "*", "localhost", "0.0.0.0", "::"]);

function explain(question: Question): Explanation {
  const { ssh, account, settings, hasConfig, idle } = question;
  const { request } = ssh;
  const listensOn = listensOnServer(request.kind) ? "server" : "home";
  const { spec, assumed } = withBindAddress(question.spec, listensOn, request.bind);
  const facts = (host: string): HostFacts => ({
    addresses: addressesOf(spec, host),
    names: spec.names ?? {},
    taken: [
      ...(host === "server" ? ["0.0.0.0", "::"].map((address) => ({ address, port: question.sshdPort })) : []),
      ...(question.earlier?.[host === "server" ? "server" : "home"] ?? []),
    ],
  });
  const input = {
    request,
    settings,
    key: { options: question.keyOptions, ...(question.certificate ? { certificate: question.certificate } : {}) },
    account: { name: account, root: account === "root" },
    client: {
      gatewayPorts: ssh.gatewayPorts,
      family: question.family,
      clearAllForwardings: ssh.clearAllForwardings,
      ...(ssh.streamLocalBindMask === undefined ? {} : { streamLocalBindMask: ssh.streamLocalBindMask }),
      streamLocalBindUnlink: ssh.streamLocalBindUnlink,
      host: facts("home"),
    },
    server: { host: facts("server"), ...(question.firewall ? { firewall: question.firewall } : {}) },
  };
  const prediction = withTarget(predict(input), question);
  // Other values of the server's GatewayPorts never look at the address.
  const used = listensOn === "home" || settingFor(settings, "gatewayports").value === "clientspecified";
  return {
    ssh: question.typed,
    account,
    settings: forwardingKeywords.map((keyword) => settingFor(settings, keyword)),
    hasConfig,
    prediction,
    reach:
      request.listenPath === undefined
        ? reach({
            spec,
            host: listensOn,
            port: request.listenPort,
            listeners: prediction.listeners,
            ...(prediction.closedBy ? { closedBy: prediction.closedBy } : {}),
            others: facts(listensOn).taken ?? [],
            ...(question.firewall ? { firewalls: { server: question.firewall } } : {}),
          })
        : reachSocket(spec, listensOn, request.listenPath, listensOn === "server" ? account : "you", prediction),
    assumed: [
      ...(question.assumed ?? []),
      ...question.loginLists.map((list) => letIn(account, list)),
      ...(used ? assumed : []),
      ...(ssh.autosshMonitor ? [autosshNote(ssh.autosshMonitor)] : []),
      ...(prediction.socket ? [freePath(prediction.socket.path, listensOn)] : []),
    ],
    hints: hintsFor(input, prediction, { background: ssh.background, exitOnForwardFailure: ssh.exitOnForwardFailure }),
    idle,
    otherGatewayPorts:
      prediction.granted && listensOn === "server" && !hasConfig && !prediction.socket
        ? ["no", "clientspecified", "yes"].map((value) => {
            const other = predict({
              ...input,
              settings: (keyword) => (keyword === "gatewayports" ? { keyword, value } : settings(keyword)),
            });
            return { value, listeners: other.listeners.map(formatListener) };
          })
        : [],
  };
}

/** What nobody answers is accepted by the listener all the same. */
function withTarget(prediction: Prediction, { deadTarget, ssh }: Question): Prediction {
  const { target } = ssh.request;
  if (!deadTarget || !prediction.granted || prediction.closedBy || !target) return prediction;
  const where = formatTarget(target.host, target.port);
  const [by, host] = prediction.dials.by === "client" ? ["ssh", "home"] : ["sshd", "server"];
  const text = {
    en: `Nothing listens on ${where} as ${host} sees it: ${by} cannot connect. The listener exists anyway: visitors are accepted, then disconnected at once.`,
    ja: `${host} から見た ${where} では何も待ち受けていないので、${by} は接続できません。それでも待ち受けは開いたままで、接続は受け付けられた直後に切断されます。`,
  };
  return { ...prediction, closedBy: { layer: "service", text }, why: [...prediction.why, { layer: "service", text }] };
}

/** The forwards of one ssh, in its order: what an earlier one listens on is gone for the later ones. */
export function explainAll(questions: readonly Question[]): Explanation[] {
  const earlier: { server: ModelListener[]; home: ModelListener[] } = { server: [], home: [] };
  const all = questions.map((question) => {
    const found = explain({ ...question, earlier });
    const { listensOn, listeners } = found.prediction;
    earlier[listensOn === "server" ? "server" : "home"].push(...listeners);
    return found;
  });
  const refused = questions.find(({ ssh }, at) => ssh.exitOnForwardFailure && all[at]?.prediction.granted === false);
  if (!refused) return all;
  return all.map((each) => (each.prediction.granted ? { ...each, hints: [endsAll(refused.ssh.requested), ...each.hints] } : each));
}

/** ExitOnForwardFailure counts for all forwards of one ssh. */
function endsAll(requested: string): Hint {
  return {
    id: "another-forward-ends-ssh",
    text: {
      en: `ExitOnForwardFailure=yes: the forward ${requested} of the same ssh is refused, so ssh ends and this listener goes with it.`,
      ja: `ExitOnForwardFailure=yes なので、同じ ssh の転送 ${requested} が拒否されると ssh は終了し、この待ち受けもなくなります。`,
    },
  };
}

/** Groups and patterns of hosts are the server's to know. */
function letIn(account: string, list: SettingSource): Sentence {
  const text = `${settingText(list)}${formatSource(list)}`;
  return {
    en: `${account} may log in: ${text} is not evaluated.`,
    ja: `${account} はログインできるものとします。${text} は評価していません。`,
  };
}

/** Only the host itself can tell. */
function freePath(path: string, host: string): Sentence {
  return {
    en: `The folder of ${path} exists on ${host}, the listening account may write to it, and the path is free.`,
    ja: `${host} に ${path} のディレクトリがあり、待ち受ける側がそこに書き込め、そのパスには何もないものとします。`,
  };
}

/** A literal address or a name to bind to is taken as the host's own; only the host itself can tell. */
function withBindAddress(spec: LabSpec, host: string, bind: string | undefined): { spec: LabSpec; assumed: Sentence[] } {
  const own = spec.hosts[host];
  const [wire] = own?.interfaces ?? [];
  if (!own || !wire || bind === undefined || generalBinds.has(bind) || /^(127\.|::1$|localhost$)/i.test(bind)) return { spec, assumed: [] };
  const known = addressesOf(spec, host);
  if (known.includes(bind)) return { spec, assumed: [] };
  if (isNumber(bind)) {
    const more = { ...wire, addresses: [...wire.addresses, bind] };
    const changed = { ...own, interfaces: [more, ...own.interfaces.slice(1)] };
    return {
      spec: { ...spec, hosts: { ...spec.hosts, [host]: changed } },
      assumed: [
        {
          en: `${bind} is one of ${host}'s own addresses; if it is not, the listener is refused (Cannot assign requested address).`,
          ja: `${bind} は ${host} 自身のアドレスとします。そうでなければ待ち受けは拒否されます(Cannot assign requested address)。`,
        },
      ],
    };
  }
  return {
    spec: { ...spec, names: { ...spec.names, [bind]: known } },
    assumed: [
      {
        en: `The name ${bind} stands for all of ${host}'s addresses; ${host} itself resolves it, and a name it does not know is refused.`,
        ja: `${bind} は ${host} のすべてのアドレスを指す名前とします。名前を解決するのは ${host} 自身で、知らない名前なら拒否されます。`,
      },
    ],
  };
}

/** The address by which the server sees a host, IPv4. */
export function seenFrom(spec: LabSpec, host: string): string | undefined {
  const [wire] = spec.hosts[host]?.interfaces ?? [];
  if (!wire) return undefined;
  return ("lan" in wire.link ? natOf(spec, wire.link.lan)?.address : undefined) ?? addressesOf(spec, host)[0];
}

function addressesOf(spec: LabSpec, host: string): string[] {
  return (spec.hosts[host]?.interfaces ?? []).flatMap(({ addresses }) => addresses.map((each) => each.split("/")[0] as string));
}
