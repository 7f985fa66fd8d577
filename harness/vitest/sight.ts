/** Probes a forward from one host of the lab, over every address that the host can name, and tells what decided. */

import type { Family } from "../core/address.ts";
import { formatTarget } from "../core/address.ts";
import { type Cell, targetsOf } from "../core/cells.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { DecidedBy } from "../core/result.ts";
import { type Evidence, type ProbeResult, socketTarget, type Verdict } from "../core/verdict.ts";
import { advise } from "../judgement/advice.ts";
import { attribute } from "../judgement/attribution.ts";
import { missingProof } from "../judgement/proof.ts";
import { unnamed } from "../probe/judge-unix-socket.ts";
import type { Reachable } from "./forward.ts";

/** Which of the addresses count; left out: all that the host can name, over both families. */
export interface SightOptions {
  family?: Family;
  /** One address of the listening host, without brackets. */
  address?: string;
  /** Of a forward that listens on a Unix socket: the account of the listening host that opens it. Default: root, which may open every file. */
  as?: string;
}

/** What one host sees of a forward at one address. */
export interface Sight {
  vantage: string;
  /** Null: a Unix socket has none. */
  family: Family | null;
  /** Of a Unix socket its path. */
  address: string;
  /** `address:port`, IPv6 in brackets; of a Unix socket `/path as account`. */
  target: string;
  /** `inconclusive` also where a probe's verdict lacks its proof. */
  verdict: Verdict;
  /** The layer that decided, with rule, file and line where there are any; null when it is not known. */
  decidedBy: DecidedBy | null;
  evidence: Evidence;
  /** An own address of the listening host that is not loopback: a forward may well listen on loopback alone. */
  ownAddress: boolean;
  /** What to do next if the forward should be reached from here, or should not. */
  todo(wanted: "reachable" | "blocked"): string;
}

export async function look(target: Reachable, vantage: string, options: SightOptions = {}): Promise<Sight[]> {
  const { lab, probed } = target;
  const { spec } = lab.lab;
  if (probed.path !== undefined) {
    const { cell, probe } = await lookAtSocket(target, probed.path, vantage, options.as ?? "root");
    return [judged(target, cell, probe, await hasGone(target, probe))];
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
  return Promise.all(
    cells.map(async (cell) => {
      const probe = await lab.probe(probed, vantage, cell.address, cell);
      return judged(target, cell, probe, await hasGone(target, probe));
    }),
  );
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

function judged(target: Reachable, cell: Cell, probe: ProbeResult, gone: boolean): Sight {
  const { outcome, lab } = target;
  const lacking = missingProof(probe);
  const { decidedBy, contradiction } = lacking
    ? { decidedBy: null, contradiction: `${probe.verdict} is not proven: ${lacking}` }
    : gone
      ? { decidedBy: sessionEnded(outcome), contradiction: undefined }
      : attribute(cell, probe, outcome, lab.lab.spec);
  const verdict = contradiction ? "inconclusive" : probe.verdict;
  const note = [probe.evidence.note, contradiction].filter((text) => text !== undefined).join("; ");
  return {
    vantage: cell.vantage,
    family: cell.family,
    address: cell.address,
    target: cell.target,
    verdict,
    decidedBy,
    evidence: { ...probe.evidence, ...(note === "" ? {} : { note }) },
    ownAddress: cell.scope === "own",
    todo: (wanted) =>
      verdict === "inconclusive"
        ? "nothing is proven either way: read the path below to see where the packet was seen last"
        : advise({
            cell,
            expected: wanted,
            observed: verdict,
            decidedBy,
            probe,
            forward: outcome,
            shared: false,
            firewall: lab.rules.count > 0 ? ["the firewall"] : [],
          }).replace(", or leave it out of `reachable_from`", ""),
  };
}

/** A listener that went away with its session is no contradiction to what ssh said when it started. */
function sessionEnded({ from, listensOn }: ForwardOutcome): DecidedBy {
  return { layer: "client", text: `The session of ssh on ${from} has ended, and its listener on ${listensOn} with it.` };
}
