/** What one host sees of a forward or a service, at every address by which it can name the host that listens. It judges nothing. */
import { type Family, parseTarget } from "../core/address.ts";
import { type Cell, cellsOf, type ForwardListening } from "../core/cells.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { anyLinkLocal, isLinkLocal } from "../core/link-local.ts";
import type { Observation } from "../core/observation.ts";
import { type ProbeResult, socketTarget } from "../core/verdict.ts";
import { unnamed } from "../probe/judge-unix-socket.ts";
import type { Observable, Probeable } from "./forward-handle.ts";
import type { ForwardLab } from "./forward-lab.ts";
import { listenersGone } from "./listeners-gone.ts";
import { lookedFor } from "./looked-for.ts";
import { observeMoved } from "./moved-ports.ts";
import { cellsThroughProxy } from "./proxied-targets.ts";

/** Which of the ways count; left out: all that the host has, over both families. */
export interface ObserveOptions {
  family?: Family;
  /** One address of the listening host, without brackets; `link-local`: its link-local addresses, always dialled. */
  address?: string;
  /** The listening host's address on a LAN that both share, used as next hop; null: no way that only neighbours have. */
  via?: string | null;
  /** What a SOCKS proxy is asked for, `host:port`. Left out: each entry of the lists that limit it and one target that none names, or any service. */
  target?: string;
  /** The account that connects there; of a forward that listens on a Unix socket, an account of the listening host. Default: root, which may open every file. */
  as?: string;
}

export async function observeFrom(
  lab: ForwardLab,
  target: Observable,
  vantage: string,
  options: ObserveOptions = {},
): Promise<Observation[]> {
  const probed = options.target === undefined ? target.probed : await askingFor(options.target, target);
  if (probed.path !== undefined && vantage !== probed.listensOn) return [unnamedSocket(target, probed.path, vantage)];
  const cellsAt = (port: number) => portCells(lab, target, vantage, { ...options, port });
  const ways = probed.path === undefined ? cellsAt(probed.port) : [socketCell(target, probed.path, options)];
  const cells = cellsThroughProxy(ways, probed.proxied ?? []);
  const probes = await lab.probeCells(cells.map((cell) => ({ handle: probed, cell })));
  const own = cells.map((cell, at) => ({ cell, probe: probes[at] as ProbeResult }));
  const moved = await observeMoved(lab, target.outcome.granted && !target.ended ? [probed] : [], (_, port) => cellsAt(port));
  const refused = own.some(({ probe }) => probe.verdict === "refused");
  const ended = refused && (await hasEnded(lab, target));
  const { outcome: forward } = target;
  return [...own, ...moved].map(({ cell, probe }) => ({ cell, probe, forward, ended: ended && probe.verdict === "refused" }));
}

/** The proxy, as one that leads to this target alone. */
async function askingFor(text: string, { probed, outcome }: Observable): Promise<Probeable> {
  const asked = parseTarget(text);
  if (!asked || !probed.prepareTarget) {
    throw new UserError("forward-target", asked ? `${outcome.ssh} is not a SOCKS proxy` : `${text} is not a target`, {
      fault: faultOf("socks-target", { target: text, ssh: asked ? outcome.ssh : undefined }),
      found: `target: ${text}`,
      expected: asked ? "a forward with -D, or with -R and a port alone, where visitors name the target" : "host:port, IPv6 in brackets",
    });
  }
  return { ...probed, proxied: [await probed.prepareTarget({ host: asked.address, port: asked.port })] };
}

function portCells(
  lab: ForwardLab,
  { probed: { listensOn: host }, outcome: { name: forward, listeners } }: Observable,
  vantage: string,
  { family, address, via, as, port }: ObserveOptions & { port: number },
): Cell[] {
  const asked: ForwardListening = {
    ...{ forward, host, port, named: true },
    ...(address === anyLinkLocal ? { linkLocal: "everywhere" } : {}),
  };
  const cells = cellsOf(lab.lab.spec, [lookedFor(lab, asked, listeners)], [vantage]).filter(
    (cell) =>
      (family === undefined || cell.family === family) &&
      (address === undefined || (address === anyLinkLocal ? isLinkLocal(cell.address) : cell.address === address)) &&
      (via === undefined || (via === null ? cell.scope !== "neighbour" : cell.via === via)),
  );
  return as === undefined ? cells : cells.map((cell) => ({ ...cell, as }));
}

/** On its own host, where the path leads to it. */
function socketCell(target: Observable, path: string, { as = "root" }: ObserveOptions): Cell {
  return { ...pathCell(target, path), vantage: target.probed.listensOn, target: socketTarget(path, as), routed: true, as };
}

/** Elsewhere nobody can name it. */
function unnamedSocket(target: Observable, path: string, vantage: string): Observation {
  const cell: Cell = { ...pathCell(target, path), vantage, target: path, routed: false };
  return { cell, probe: unnamed(cell), forward: target.outcome, ended: false };
}

function pathCell({ probed: { listensOn }, outcome: { name: forward } }: Observable, path: string) {
  return { forward, family: null, address: path, port: 0, scope: "socket", listensOn } as const;
}

/** Did it listen, and does nothing listen there any more? Its ssh was killed, or either side has ended the session since. */
async function hasEnded({ lab }: ForwardLab, { ended, outcome, probed }: Observable): Promise<boolean> {
  if (ended || outcome.listeners.length === 0) return ended;
  return (await listenersGone(lab, [probed])).size > 0;
}
