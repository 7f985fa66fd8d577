/** Opens forwards in batches, probes them from everywhere, and gives what was seen. It judges nothing. */
import { parseTarget } from "../core/address.ts";
import { type Cell, cellsOf, type ForwardListening, otherLoopback } from "../core/cells.ts";
import type { ForwardOutcome } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { Observation } from "../core/observation.ts";
import type { ForwardHandle, ForwardToOpen } from "./forward-handle.ts";
import type { ForwardLab } from "./forward-lab.ts";
import { listenersGone } from "./listeners-gone.ts";
import { lookedFor } from "./looked-for.ts";
import { observeMoved, portsLeadingTo } from "./moved-ports.ts";
import type { OpenBatch } from "./open-forwards.ts";
import { planBatches } from "./plan-batches.ts";
import { cellsThroughProxy } from "./proxied-targets.ts";
import { hasNextLine, refusedLogin } from "./refused-login.ts";
import { observeSilence } from "./silence.ts";

/** A forward, and where to look for its listener if the server does as asked. */
export interface ForwardToObserve extends ForwardToOpen {
  listening: ForwardListening;
  /** Seconds within which the server must notice that the client has gone silent. */
  goneWithin?: number;
}

export interface Observed {
  observations: Observation[];
  /** What became of each forward: one that was not granted may have no cell. */
  outcomes: ForwardOutcome[];
  /** The last of them are closed, and the lab is free for other work: to judge what was seen, nobody has to wait for that. */
  closed: Promise<void>;
}

export interface ObserveOptions {
  /** The lab as this run knows it: its own spec, or one with fewer hosts to probe from. */
  spec: LabSpec;
  signal?: AbortSignal;
  /** Kernel settings that the policy states, by server. */
  sysctl?: (server: string) => Readonly<Record<string, string | number>>;
}

/** Both lists are in the order of `forwards`. */
export async function observe(
  lab: ForwardLab,
  forwards: readonly ForwardToObserve[],
  { spec, signal, sysctl = () => ({}) }: ObserveOptions,
): Promise<Observed> {
  const seen = new Map<string, { outcome: ForwardOutcome; observations: Observation[] }>();
  let open: OpenBatch | undefined;
  const close = async () => {
    const closing = open;
    open = undefined;
    await closing?.[Symbol.asyncDispose]();
  };
  try {
    for (const batch of planBatches(spec, forwards, { leadTo: (host, port) => portsLeadingTo(lab, host, port) })) {
      signal?.throwIfAborted();
      await close();
      await lab.removeSocketFiles();
      const opened = await openOrRefused(lab, batch);
      if ("refused" in opened) {
        seen.set(opened.refused.name, { outcome: opened.refused, observations: [] });
        continue;
      }
      open = opened;
      const listening = new Map(batch.map(({ name, listening }) => [name, listening]));
      const observations = Map.groupBy(await observeOpen(lab, open.forwards, listening, spec), ({ cell }) => cell.forward);
      for (const { name, open: forward, endedWith } of open.forwards) {
        const outcome: ForwardOutcome = { ...forward.outcome, ...(endedWith ? { endedWith } : {}) };
        const own = observations.get(name) ?? [];
        seen.set(name, { outcome, observations: own.map((each) => ({ ...each, forward: outcome })) });
      }
    }
    for (const forward of forwards) {
      const found = seen.get(forward.name);
      if (forward.goneWithin === undefined || !found?.outcome.granted) continue;
      signal?.throwIfAborted();
      await close();
      await lab.removeSocketFiles();
      const silence = await observeSilence(lab, forward, forward.goneWithin, sysctl, signal);
      if (silence) seen.set(forward.name, { ...found, outcome: { ...found.outcome, silence } });
    }
  } catch (error) {
    await close();
    throw error;
  }
  const all = forwards.flatMap(({ name }) => seen.get(name) ?? []);
  return { observations: all.flatMap(({ observations }) => observations), outcomes: all.map(({ outcome }) => outcome), closed: close() };
}

/** The batch; or, of a forward whose login may be refused and that therefore stands alone, that it was. */
async function openOrRefused(lab: ForwardLab, batch: readonly ForwardToObserve[]): Promise<OpenBatch | { refused: ForwardOutcome }> {
  const [first] = batch;
  try {
    return await lab.openTogether(batch);
  } catch (error) {
    const refused = first?.loginMayFail && !hasNextLine(error) ? refusedLogin(error, first) : undefined;
    if (refused) return { refused };
    throw error;
  }
}

async function observeOpen(
  lab: ForwardLab,
  handles: readonly ForwardHandle[],
  listening: ReadonlyMap<string, ForwardListening>,
  spec: LabSpec,
): Promise<Omit<Observation, "forward">[]> {
  const planned = handles.flatMap((handle) => cellsFor(lab, spec, handle, listening.get(handle.name)).map((cell) => ({ handle, cell })));
  const probes = await lab.probeCells(planned);
  const own = planned.map(({ handle, cell }, index) => ({ handle, cell, probe: probes[index] as (typeof probes)[number] }));
  const granted = handles.filter(({ open }) => open.answer.granted);
  const moved = await observeMoved(lab, granted, ({ name, listensOn, open }, port) => {
    const linkLocal = listening.get(name)?.linkLocal;
    const asked = { forward: name, host: listensOn, port, ...(linkLocal ? { linkLocal } : {}) };
    return cellsOf(spec, [lookedFor(lab, asked, open.answer.listeners)]);
  });
  const all = [...own, ...moved];
  const refused = new Set(all.filter(({ probe }) => probe.verdict === "refused").map(({ handle }) => handle));
  const gone = await listenersGone(
    lab.lab,
    [...refused].filter(({ open }) => open.answer.listeners.length > 0),
  );
  return all.map(({ handle, cell, probe }) => ({ cell, probe, ended: probe.verdict === "refused" && gone.has(handle) }));
}

/** A port that the server was to choose, and did not, is nowhere to be looked for. */
function cellsFor(lab: ForwardLab, spec: LabSpec, handle: ForwardHandle, listening: ForwardListening | undefined): Cell[] {
  const { name, listensOn, port, path, proxied, open } = handle;
  if (port === 0 && path === undefined) return [];
  // The bind address may be a name for one.
  const loopback = open.answer.listeners.map((each) => otherLoopback(parseTarget(each)?.address)).find((each) => each !== undefined);
  const asked = { ...(loopback === undefined ? {} : { loopback }), ...(listening ?? { forward: name, host: listensOn, port }) };
  return cellsThroughProxy(
    cellsOf(spec, [path === undefined ? lookedFor(lab, { ...asked, port }, open.answer.listeners) : asked]),
    proxied ?? [],
  );
}
