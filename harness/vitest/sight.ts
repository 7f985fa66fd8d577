/** Observes a forward from one host of the lab, over every address that the host can name. */

import type { Family } from "../core/address.ts";
import { formatTarget } from "../core/address.ts";
import { type Cell, targetsOf } from "../core/cells.ts";
import type { Observation } from "../core/observation.ts";
import type { DecidedBy } from "../core/result.ts";
import { type Evidence, type Expectation, type ProbeResult, socketTarget, type Verdict } from "../core/verdict.ts";
import { against, fulfils, interpret } from "../judgement/interpret.ts";
import { nextForCell } from "../judgement/next.ts";
import { unnamed } from "../probe/judge-unix-socket.ts";
import { sentenceFor } from "../report/sentences.ts";
import type { Reachable } from "./forward.ts";

/** Which of the addresses count; left out: all that the host can name, over both families. */
export interface SightOptions {
  family?: Family;
  /** One address of the listening host, without brackets. */
  address?: string;
  /** Of a forward that listens on a Unix socket: the account of the listening host that opens it. Default: root, which may open every file. */
  as?: string;
}

/** What one host sees of a forward at one address, as the judge of `verify` interprets it. */
export interface Sight {
  vantage: string;
  /** Null: a Unix socket has none. */
  family: Family | null;
  /** Of a Unix socket its path. */
  address: string;
  /** `address:port`, IPv6 in brackets; of a Unix socket `/path as account`. */
  target: string;
  /** The listening host's address on the shared LAN that was used as next hop. */
  via?: string;
  /** `inconclusive` also where a probe's verdict lacks its proof. */
  verdict: Verdict;
  /** The layer that decided, with rule, file and line where there are any; null when it is not known. */
  decidedBy: DecidedBy | null;
  /** Why nothing is proven, in one sentence; only with `inconclusive`. */
  unproven?: string;
  evidence: Evidence;
  /** An own address of the listening host that is not loopback: a forward may well listen on loopback alone. */
  ownAddress: boolean;
  /** Where to look next if this is not as expected, in one sentence. */
  next?: string;
}

/** `expected`: an answer that hangs on chance fulfils nothing. */
export async function look(target: Reachable, vantage: string, options: SightOptions = {}, expected?: Expectation): Promise<Sight[]> {
  const { lab, probed } = target;
  const { spec } = lab.lab;
  if (probed.path !== undefined) {
    const { cell, probe } = await lookAtSocket(target, probed.path, vantage, options.as ?? "root");
    return [await sightOf(target, cell, probe, expected)];
  }
  const cells = targetsOf(spec, vantage, probed.listensOn)
    .filter(({ family }) => options.family === undefined || family === options.family)
    .filter(({ address }) => options.address === undefined || address === options.address)
    .map(
      ({ address, family, scope, nat, via, routed }): Cell => ({
        forward: target.text,
        vantage,
        family,
        address,
        port: probed.port,
        target: formatTarget(address, probed.port),
        scope,
        listensOn: probed.listensOn,
        routed,
        ...(nat === undefined ? {} : { nat }),
        ...(via === undefined ? {} : { via }),
      }),
    );
  return Promise.all(cells.map(async (cell) => sightOf(target, cell, await lab.probe(probed, vantage, cell.address, cell), expected)));
}

/** Did it listen, and does nothing listen there any more? Its ssh was killed, or either side has ended the session since. */
async function hasGone({ ended, outcome, lab, probed }: Reachable, { verdict }: ProbeResult): Promise<boolean> {
  if (verdict !== "refused") return false;
  if (ended || outcome.listeners.length === 0) return ended;
  const host = lab.lab.host(probed.listensOn);
  return probed.path === undefined
    ? !(await host.listeners()).some(({ port }) => port === probed.port)
    : !(await host.unixListeners()).some(({ path }) => path === probed.path);
}

/** The one cell of a listener on a path: elsewhere than on its host nobody can name it. */
async function lookAtSocket({ lab, probed, text }: Reachable, path: string, vantage: string, as: string) {
  const local = vantage === probed.listensOn;
  const target = local ? socketTarget(path, as) : path;
  const cell: Cell = {
    forward: text,
    vantage,
    family: null,
    address: path,
    port: 0,
    target,
    scope: "socket",
    listensOn: probed.listensOn,
    routed: local,
    ...(local ? { as } : {}),
  };
  const probe = local ? await lab.probeUnixSocket(probed, as) : unnamed(cell);
  return { cell, probe };
}

async function sightOf(target: Reachable, cell: Cell, probe: ProbeResult, expected: Expectation | undefined): Promise<Sight> {
  const observation: Observation = { cell, probe, forward: target.outcome, ended: await hasGone(target, probe) };
  const seen = against(expected, interpret(observation, target.lab.lab.spec));
  const { verdict, reason, unproven } = seen;
  const next = expected && !fulfils(expected, verdict) ? nextForCell(observation, seen, expected) : undefined;
  const { vantage, family, address, via } = cell;
  return {
    vantage,
    family,
    address,
    target: cell.target,
    ...(via === undefined ? {} : { via }),
    verdict,
    decidedBy: reason && { ...reason, params: { ...reason.params }, text: sentenceFor(reason) },
    ...(unproven ? { unproven: sentenceFor(unproven) } : {}),
    evidence: probe.evidence,
    ownAddress: cell.scope === "own",
    ...(next ? { next: sentenceFor(next) } : {}),
  };
}
