/** Who could reach a forward's listener: one verdict for each vantage point and address, with the reason. */
import type { Family } from "../../core/address.ts";
import { formatTarget } from "../../core/address.ts";
import { compareCells, linkLocalTargets, type Target, type TargetScope, targetsOf } from "../../core/cells.ts";
import type { LabSpec } from "../../core/lab-spec.ts";
import { withoutZone } from "../../core/link-local.ts";
import type { Layer } from "../../core/reason.ts";
import { isAnswer, type Verdict } from "../../core/verdict.ts";
import { behindClosed, type Judged } from "./behind.ts";
import { type Arrival, arrive, leave, onLoopback } from "./filters.ts";
import type { Firewalls } from "./firewall-policy.ts";
import type { TakenSocket } from "./model-input.ts";
import { formatListener, type ModelListener, type ModelRefusal } from "./prediction.ts";
import { sentAgain, sentLate, throughRetransmission } from "./retransmission.ts";
import { type Way, wayTo } from "./route.ts";
import { RuleMemory } from "./rule-limit.ts";
import { listed, type Sentence } from "./sentence.ts";

export interface ReachInput {
  spec: LabSpec;
  /** Host of the lab on which the listener stands. */
  host: string;
  /** Port of the forward: the one asked for, or the one that the server chose. */
  port: number;
  /** Port that visitors try, when it is another one: a redirection may lead it to the forward. */
  tried?: number;
  /** Empty: nothing listens. Port 0 stands for `port`. */
  listeners: readonly ModelListener[];
  /** Why nobody is served whom the listener accepts. Left out: everybody is. */
  closedBy?: ModelRefusal;
  /** Default: none. */
  firewalls?: Firewalls;
  /** Other services of `host`: they answer where the forward does not listen. */
  others?: readonly TakenSocket[];
  /** Only these vantage points. Default: every host of the lab. */
  vantages?: readonly string[];
  /** Include link-local addresses of `host` that let a neighbour in no further than its other addresses. */
  everyLinkLocal?: boolean;
}

export interface ReachCell {
  vantage: string;
  /** Null: a Unix socket has none. */
  family: Family | null;
  /** Without brackets; link-local: with the interface of the vantage point; Unix socket: its path. */
  address: string;
  /** `address:port`, IPv6 in brackets; `/path as account` for a Unix socket. */
  target: string;
  scope: TargetScope;
  nat?: string;
  /** Next hop of scope `neighbour`. */
  via?: string;
  verdict: Verdict;
  layer: Layer;
  why: Sentence;
  /** Host or router whose filter ended it. */
  at?: string;
}

/** Sorted as the cells of a result are. */
export function reach(input: ReachInput): ReachCell[] {
  const { spec, host, vantages = Object.keys(spec.hosts), everyLinkLocal = false } = input;
  return vantages
    .flatMap((vantage) => {
      const cellAt = (target: Target) => cellOf(input, vantage, target);
      const cells = targetsOf(spec, vantage, host).map(cellAt);
      const linkLocal = linkLocalTargets(spec, vantage, host).map(cellAt);
      return [...cells, ...(everyLinkLocal ? linkLocal : linkLocal.filter((cell) => letsInMore(cell, cells)).map(toldApart))];
    })
    .map((cell) => ({ forward: "", ...cell }))
    .sort(compareCells)
    .map(({ forward: _, ...cell }) => cell);
}

function cellOf(input: ReachInput, vantage: string, { address, family, scope, nat, via }: Target): ReachCell {
  const { spec, host, port, tried = port } = input;
  const hops = { ...(nat === undefined ? {} : { nat }), ...(via === undefined ? {} : { via }) };
  const visit = { vantage, family, address };
  const way = wayTo(spec, vantage, { host, address, port: tried, family, ...hops });
  const { dropped: _, ...judged } = judgePatiently(input, way, visit);
  return { ...visit, target: formatTarget(address, tried), scope, ...hops, ...judged };
}

/** A neighbour that gets in at all other IPv6 addresses of the host (or IPv4, if it has none) gains nothing by a link-local one. */
function letsInMore({ verdict }: ReachCell, others: readonly ReachCell[]): boolean {
  const direct = others.filter(({ via }) => via === undefined);
  const six = direct.filter(({ family }) => family === 6);
  return isAnswer(verdict) && !(six.length > 0 ? six : direct).every((each) => isAnswer(each.verdict));
}

function toldApart({ why, ...cell }: ReachCell): ReachCell {
  const en = "Every neighbour can use the link-local address, and what keeps them out elsewhere does not apply to it.";
  const ja = "リンクローカルアドレスは隣のホストならどれでも使え、ほかのアドレスで遮断しているものはここでは働きません。";
  return { ...cell, why: { en: `${why.en} ${en}`, ja: `${why.ja}${ja}` } };
}

interface Visit {
  vantage: string;
  family: Family;
  address: string;
}

/** Includes retransmissions, as long as every client's kernel keeps trying. */
function judgePatiently(input: ReachInput, way: Way, visit: Visit): Judged {
  const memory = new RuleMemory();
  const { first, later } = throughRetransmission(memory, () => judge(input, way, visit, memory), {
    isDropped: ({ dropped = false }) => dropped,
    comesThrough: ({ verdict }) => isAnswer(verdict),
  });
  if (!later) return first;
  if (later.late) return { ...first, verdict: "inconclusive", why: sentLate(first.why, later.after) };
  return { ...later.outcome, why: sentAgain(first.why, later.after) };
}

function judge(input: ReachInput, way: Way, visit: Visit, memory: RuleMemory): Judged {
  const { host, port, tried = port, firewalls = {} } = input;
  if (!way.arrives && way.because === "no-address") return stopped(input, way, visit);
  const { family } = visit;
  const left = leave(firewalls, visit.vantage, { family, destination: withoutZone(visit.address), port: tried, account: "root" }, memory);
  if (left) return left;
  if (!way.arrives) return stopped(input, way, visit);
  if (visit.vantage === host) {
    const packet = { family: visit.family, destination: visit.address, port: tried };
    return onLoopback(firewalls, host, packet, memory) ?? answer(input, { ...way, family: visit.family });
  }
  const arrival = arrive(input.spec, firewalls, host, { ...way, family: visit.family }, memory);
  if ("verdict" in arrival) return arrival;
  const answered = answer(input, arrival);
  // Where the forward itself is looked for, it is the listener that refuses.
  return answered.verdict === "refused" && arrival.redirected && arrival.port !== port ? arrival.redirected : answered;
}

/** Who answers a packet that no rule has stopped. */
function answer(input: ReachInput, { family, address, port }: Pick<Arrival, "family" | "address" | "port">): Judged {
  const found = input.listeners.find((each) => each.family === family && (each.port || input.port) === port && listensAt(each, address));
  if (!found) {
    const other = (input.others ?? []).find(
      (each) => each.port === port && (each.address.includes(":") === (family === 6) || each.dualStack) && holds(each, address),
    );
    return other ? otherAnswers(other) : refusedThere(input, family);
  }
  if (input.closedBy) return behindClosed(formatListener(found), input.closedBy);
  return {
    verdict: "reached",
    layer: "bind-address",
    why: {
      en: `${formatListener(found)} listens, and nothing blocks it.`,
      ja: `${formatListener(found)} が待ち受けていて、妨げるものはありません。`,
    },
  };
}

function listensAt(listener: ModelListener, address: string): boolean {
  return listener.address === address || listener.address === (listener.family === 4 ? "0.0.0.0" : "::");
}

function holds(other: TakenSocket, address: string): boolean {
  return other.address === address || other.address === "::" || other.address === "0.0.0.0";
}

function otherAnswers(other: TakenSocket): Judged {
  return {
    verdict: "wrong-service",
    layer: "service",
    why: {
      en: `Something else listens on ${formatListener(other)} and answers.`,
      ja: `${formatListener(other)} では別のサービスが待ち受けていて、それが応答します。`,
    },
  };
}

function refusedThere(input: ReachInput, family: Family): Judged {
  return { verdict: "refused", layer: "bind-address", why: whyRefused(input, family) };
}

function whyRefused({ host, listeners, port }: ReachInput, family: Family): Sentence {
  const [hostEn, hostJa] = host === "server" ? ["the server", "サーバー"] : [host, `${host} `];
  if (listeners.length === 0)
    return {
      en: `The packet arrives, but nothing listens on ${hostEn}.`,
      ja: `パケットは届きますが、${hostJa}では何も待ち受けていません。`,
    };
  const standing = listed(listeners.map((each) => formatListener({ ...each, port: each.port || port })));
  const verb = listeners.length === 1 ? "listens" : "listen";
  if (listeners.every((each) => each.family !== family))
    return {
      en: `Only ${standing.en} ${verb}: nothing over IPv${family}.`,
      ja: `待ち受けは ${standing.ja} だけで、IPv${family} にはありません。`,
    };
  return { en: `Only ${standing.en} ${verb}, not this address.`, ja: `待ち受けは ${standing.ja} だけで、このアドレスではありません。` };
}

function stopped({ host, spec }: ReachInput, way: Extract<Way, { arrives: false }>, { vantage, family, address }: Visit): Judged {
  switch (way.because) {
    case "no-address":
      return {
        verdict: "unreachable",
        layer: "router",
        why: { en: `${vantage} has no IPv${family} address.`, ja: `${vantage} には IPv${family} アドレスがありません。` },
      };
    case "no-route":
      return {
        verdict: "unreachable",
        layer: "router",
        why: { en: `No route leads from ${vantage} to ${address}.`, ja: `${vantage} から ${address} への経路がありません。` },
      };
    case "inbound-filter":
      return {
        verdict: "filtered",
        layer: "router",
        at: way.at,
        why: {
          en: `${way.at} drops new connections from outside.`,
          ja: `${way.at} は外からの新しい接続を通しません。`,
        },
      };
    case "no-port-forward": {
      const filters = spec.routers[way.at]?.nat === "masquerade" || spec.routers[way.at]?.inbound === "drop";
      return {
        verdict: filters ? "filtered" : "refused",
        layer: "nat",
        at: way.at,
        why: {
          en: `${address} is the public address of ${way.at}, which does not forward this port to ${host}.`,
          ja: `${address} は ${way.at} の公開アドレスで、${host} へのポート転送はありません。`,
        },
      };
    }
  }
}
