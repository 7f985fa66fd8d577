/** A run as frames that a person sees one after the other. Frames are only ever added at the end: a player stays where it is while a run goes on. */
import type { RunEvent } from "../../core/lesson.ts";
import type { ResultCell, ResultForward } from "../../core/result.ts";
import type { Topology } from "../parts/network.ts";

type Of<Type extends RunEvent["type"]> = Extract<RunEvent, { type: Type }>;

/** What becomes visible in a frame. `predict` and `compared` ask and answer who gets in by the forward with this id. */
export type Shown =
  | Of<"server" | "asked" | "opened" | "served" | "closed" | "command" | "change" | "experiment-over">
  | { type: "predict"; id: number }
  /** Probes that went the same way and ended alike. */
  | { type: "probe"; id: number; cells: readonly [ResultCell, ...ResultCell[]] }
  | { type: "compared"; id: number };

export interface Frame {
  /** From 0. */
  experiment: number;
  /** The lab of this experiment. */
  topology: Topology;
  shown: Shown;
}

export interface Reel {
  frames: readonly Frame[];
  /** Experiments that have begun. */
  experiments: number;
  /** Whether all of the first experiment is known. */
  firstIsOver: boolean;
  over?: Of<"over">;
}

const nowhere: Topology = { lans: {}, routers: {}, hosts: {} };

export function reelOf(events: readonly RunEvent[]): Reel {
  const over = events.find((event) => event.type === "over");
  const parts = partsOf(events);
  const frames = parts.flatMap((part, experiment) => framesOf(part, experiment, over !== undefined));
  return {
    frames,
    experiments: parts.length,
    firstIsOver: over !== undefined || (parts[0] ? isOver(parts[0]) : false),
    ...(over ? { over } : {}),
  };
}

interface Part {
  topology: Topology;
  events: RunEvent[];
}

function partsOf(events: readonly RunEvent[]): Part[] {
  const parts: Part[] = [];
  let topology = nowhere;
  for (const event of events) {
    if (event.type === "lab") topology = event.topology;
    else if (event.type === "experiment") parts.push({ topology, events: [] });
    else if (event.type !== "over") parts.at(-1)?.events.push(event);
  }
  return parts;
}

function isOver({ events }: Part): boolean {
  return events.at(-1)?.type === "experiment-over";
}

/** Of an experiment that goes on nothing is shown after the question who gets in: what its answer is, is known when it is over. */
function framesOf(part: Part, experiment: number, ended: boolean): Frame[] {
  const complete = ended || isOver(part);
  const { topology, events } = part;
  const halt = complete ? -1 : events.findIndex(({ type }) => type === "asked" || type === "served");
  const until = halt === -1 ? events : events.slice(0, halt + 1);
  const probed = lastProbes(events);
  // Probes that say what the ones just before them said are told once.
  const told = new Set<string>();
  return until
    .flatMap((event, at): Shown[] => {
      if (event.type === "cells") return probesOf(event, told, probed.get(event.id) === at);
      told.clear();
      if (event.type === "lab" || event.type === "experiment" || event.type === "over") return [];
      const asks = (event.type === "asked" || event.type === "served") && probed.has(event.id);
      return asks ? [event, { type: "predict", id: event.id }] : [event];
    })
    .map((shown) => ({ experiment, topology, shown }));
}

function probesOf({ id, cells }: Of<"cells">, told: Set<string>, last: boolean): Shown[] {
  const news = alike(cells).filter((group) => group.some((cell) => !told.has(keyOf(cell))));
  for (const cell of cells) told.add(keyOf(cell));
  return [...news.map((group) => ({ type: "probe" as const, id, cells: group })), ...(last ? [{ type: "compared" as const, id }] : [])];
}

/** Where the last probes of each forward stand. */
function lastProbes(events: readonly RunEvent[]): Map<number, number> {
  return new Map(events.flatMap((event, at) => (event.type === "cells" && event.cells.length > 0 ? [[event.id, at] as const] : [])));
}

function keyOf({ forward, vantage, as, via, target, observed, decidedBy }: ResultCell): string {
  return JSON.stringify([forward, vantage, as, via, target, observed, decidedBy?.code, decidedBy?.rule]);
}

/** In the order of the probes: those that have the same visitor, verdict and decider. */
function alike(cells: readonly ResultCell[]): (readonly [ResultCell, ...ResultCell[]])[] {
  const groups = Map.groupBy(cells, ({ vantage, as, observed, decidedBy }) =>
    JSON.stringify([vantage, as, observed, decidedBy?.code, decidedBy?.rule, decidedBy?.file, decidedBy?.line]),
  );
  return [...groups.values()] as [ResultCell, ...ResultCell[]][];
}

/** What there is once the frames up to `at` have been shown. */
export interface Scene {
  topology: Topology;
  server?: Of<"server">;
  /** Forwards that are open, by id. */
  open: ReadonlyMap<number, ResultForward>;
  /** The forward that is being told of. */
  asked?: Of<"asked" | "served">;
  /** What has been probed of it. */
  probed: readonly ResultCell[];
}

export function sceneAt(frames: readonly Frame[], at: number): Scene {
  const now = frames[at];
  const open = new Map<number, ResultForward>();
  const scene: { -readonly [Key in keyof Scene]: Scene[Key] } = { topology: now?.topology ?? nowhere, open, probed: [] };
  for (const { experiment, shown } of frames.slice(0, at + 1)) {
    if (experiment !== now?.experiment) continue;
    if (shown.type === "server") scene.server = shown;
    if (shown.type === "asked" || shown.type === "served") Object.assign(scene, { asked: shown, probed: [] });
    if (shown.type === "opened" || shown.type === "served") open.set(shown.id, shown.forward);
    if (shown.type === "closed") open.delete(shown.id);
    if (shown.type === "probe") scene.probed = [...scene.probed, ...shown.cells];
  }
  return scene;
}

/** The forward with this id, once it is known what became of it. */
export function forwardOf(frames: readonly Frame[], id: number): ResultForward | undefined {
  for (const { shown } of frames) if ((shown.type === "opened" || shown.type === "served") && shown.id === id) return shown.forward;
  return undefined;
}

/** The first probe of a forward at each address: what a prediction is of. Later ones see what was changed meanwhile. */
export function firstCellsOf(frames: readonly Frame[], id: number): ResultCell[] {
  const first = new Map<string, ResultCell>();
  for (const { shown } of frames) {
    if (shown.type !== "probe" || shown.id !== id) continue;
    for (const cell of shown.cells) {
      const key = JSON.stringify([cell.vantage, cell.as, cell.via, cell.target]);
      if (!first.has(key)) first.set(key, cell);
    }
  }
  return [...first.values()];
}

/** Lines of the server's files that decided something in an experiment: `firewall:11`. */
export function linesThatMatter(frames: readonly Frame[], experiment: number): Set<string> {
  const causes = frames.flatMap((frame) => {
    if (frame.experiment !== experiment) return [];
    const { shown } = frame;
    if (shown.type === "probe") return shown.cells.map(({ decidedBy }) => decidedBy);
    return shown.type === "opened" ? [shown.forward.decidedBy, ...gatesOf(shown.forward)] : [];
  });
  return new Set(causes.flatMap((cause) => (cause?.file === undefined || cause.line === undefined ? [] : [`${cause.file}:${cause.line}`])));
}

/** Settings that say where a forward may listen. */
function gatesOf({ settings }: ResultForward) {
  return settings.filter(({ keyword }) =>
    ["gatewayports", "permitlisten", "permitopen", "allowtcpforwarding"].includes(keyword.toLowerCase()),
  );
}
