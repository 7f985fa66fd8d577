/** What a learner is to bring about, from the recorded run of a lesson: what the first forward of an experiment that led anywhere did. Pure. */
import { parseTarget } from "../../core/address.ts";
import { splitTarget } from "../../core/cells.ts";
import { isSocks, listensOnServer } from "../../core/forward-outcome.ts";
import type { EditedFile, Endpoint, Goal, RunEvent, StatedLab } from "../../core/lesson.ts";
import { isLinkLocal } from "../../core/link-local.ts";
import type { Result, ResultCell, ResultForward } from "../../core/result.ts";
import { blockedVerdicts } from "../../core/verdict.ts";
import { parseForwardArguments } from "../../openssh/forward-arguments.ts";
import { targetHost } from "../../policy/forward-target.ts";
import { serverHost } from "../../session/login-route.ts";

/** A server to work with, and what for. */
export interface LiveSetup {
  files: readonly EditedFile[];
  accounts: readonly string[];
  /** Services of the lab that the lesson has besides. */
  services: readonly { host: string; port: number }[];
  /** As the lesson types them, each once. */
  commands: readonly string[];
  /** The lab that the lesson was recorded in; left out: the article's. */
  lab?: StatedLab;
  goal?: Goal;
}

type Event<Type extends RunEvent["type"]> = Extract<RunEvent, { type: Type }>;

/** @param experiment from 0 */
export function goalOf(run: readonly RunEvent[], experiment: number): LiveSetup {
  const events = eventsOf(run, experiment);
  const all = <Type extends RunEvent["type"]>(type: Type) => events.filter((event): event is Event<Type> => event.type === type);
  const [server] = all("server");
  const lab = labOf(run, experiment);
  const goals = all("opened").flatMap(({ id, forward }) => {
    const cells = all("cells").flatMap((event) => (event.id === id ? event.cells : []));
    const goal = lab && goalOfForward(forward, cells, lab.topology);
    return goal ? [goal] : [];
  });
  const [goal] = goals;
  return {
    files: server?.files ?? [],
    accounts: server?.accounts ?? [],
    services: all("served").map(({ host, port }) => ({ host, port })),
    commands: [
      ...new Set(
        all("asked").map(({ from, account, ssh }) => `${from}$ ssh ${ssh} ${account === server?.accounts[0] ? "" : `${account}@`}server`),
      ),
    ],
    ...(lab?.stated ? { lab: lab.stated } : {}),
    ...(goal ? { goal } : {}),
  };
}

/** The first with a goal: if everybody is kept out, there is nothing for a learner to achieve. */
export function experimentToTry(run: readonly RunEvent[]): number {
  const first = startsOf(run).findIndex((_, at) => goalOf(run, at).goal !== undefined);
  return Math.max(0, first);
}

function startsOf(run: readonly RunEvent[]): number[] {
  return run.flatMap(({ type }, at) => (type === "experiment" ? [at] : []));
}

function eventsOf(run: readonly RunEvent[], experiment: number): readonly RunEvent[] {
  const starts = startsOf(run);
  const start = starts[experiment];
  return start === undefined ? [] : run.slice(start, starts[experiment + 1]);
}

/** The last that was told before the experiment began. */
function labOf(run: readonly RunEvent[], experiment: number): Event<"lab"> | undefined {
  return run.slice(0, startsOf(run)[experiment]).findLast((event): event is Event<"lab"> => event.type === "lab");
}

/** What a proxy is asked for where the lesson asks for nothing by name. */
const usualTarget = "localhost:80";

function goalOfForward(forward: ResultForward, cells: readonly ResultCell[], topology: Result["topology"]): Goal | undefined {
  const { kind, granted, listensOn, from } = forward;
  if (!granted || !kind || listensOn === null) return undefined;
  const { target: dialled, targetPath, listenPath } = parseForwardArguments(forward.ssh).request;
  const listener = listenerOf(listensOn, listenPath ?? forward.listeners[0] ?? "");
  const far = listensOnServer(kind) ? from : serverHost;
  const asked = isSocks(kind) ? (firstTarget(cells) ?? usualTarget) : undefined;
  const service = serviceOf(asSpec(topology), far, asked === undefined ? (targetPath ?? dialled) : parseTarget(asked));
  const counted = cells.filter(
    ({ as, via, target }) => (as === undefined || as === socketVisitor) && via === undefined && !isLinkLocal(target),
  );
  const wanted = wantedOf(counted.filter(({ target }) => asked === undefined || [undefined, asked].includes(splitTarget(target).socks)));
  // Nobody blocked is no goal: that is so before anything is typed.
  if (!listener || !service || !Object.values(wanted).includes(true)) return undefined;
  return { listener, service, ...(asked === undefined ? {} : { target: asked }), wanted };
}

/** Who opens a Unix socket when its reach is checked: whom no file's mode keeps out. */
const socketVisitor = "root";

function listenerOf(host: string, socket: string): Endpoint | undefined {
  if (socket.startsWith("/")) return { host, path: socket };
  const port = parseTarget(socket)?.port;
  return port === undefined ? undefined : { host, port };
}

/** Of those that a SOCKS proxy was asked for, the first by which somebody got in. */
function firstTarget(cells: readonly ResultCell[]): string | undefined {
  return cells.flatMap(({ observed, target }) => (observed === "reached" ? (splitTarget(target).socks ?? []) : []))[0];
}

/** Where it is, when `far` dials it. */
function serviceOf(
  spec: Parameters<typeof targetHost>[0],
  far: string,
  target: string | { host?: string; address?: string; port: number } | undefined,
): Endpoint | undefined {
  if (target === undefined) return undefined;
  if (typeof target === "string") return { host: far, path: target };
  const host = targetHost(spec, far, target.host ?? target.address ?? "");
  return host === undefined ? undefined : { host, port: target.port };
}

/** Who reached it at any address, and who was proven to be blocked at all of them. */
function wantedOf(cells: readonly ResultCell[]): Record<string, boolean> {
  const byVantage = [...Map.groupBy(cells, ({ vantage }) => vantage)];
  return Object.fromEntries(
    byVantage.flatMap(([vantage, own]): [string, boolean][] => {
      if (own.some(({ observed }) => observed === "reached")) return [[vantage, true]];
      return own.every(({ observed }) => blockedVerdicts.includes(observed)) ? [[vantage, false]] : [];
    }),
  );
}

function asSpec({ lans, routers, hosts }: Result["topology"]): Parameters<typeof targetHost>[0] {
  const own = Object.entries(hosts).map(([name, { interfaces }]) => [name, { kind: "container" as const, interfaces }] as const);
  return { lans, routers, hosts: Object.fromEntries(own) } as Parameters<typeof targetHost>[0];
}
