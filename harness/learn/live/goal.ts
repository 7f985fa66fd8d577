/** What a learner is to bring about, from the recorded run of a lesson: what the first forward of an experiment that led anywhere did. Pure. */
import { parseTarget } from "../../core/address.ts";
import { listensOnServer } from "../../core/forward-outcome.ts";
import type { EditedFile, Goal, RunEvent } from "../../core/lesson.ts";
import type { Result, ResultCell, ResultForward } from "../../core/result.ts";
import { blockedVerdicts } from "../../core/verdict.ts";
import { parseForwardArguments } from "../../openssh/forward-arguments.ts";
import { targetHost } from "../../session/forward-target.ts";
import { serverHost } from "../../session/login-route.ts";

/** A server to work with, and what for. */
export interface LiveSetup {
  files: readonly EditedFile[];
  accounts: readonly string[];
  /** Services of the lab that the lesson has besides. */
  services: readonly { host: string; port: number }[];
  /** As the lesson types them. */
  commands: readonly string[];
  /** Of the lab that the lesson was recorded in. */
  topology?: Result["topology"];
  goal?: Goal;
}

type Event<Type extends RunEvent["type"]> = Extract<RunEvent, { type: Type }>;

/** @param experiment from 0 */
export function goalOf(run: readonly RunEvent[], experiment: number): LiveSetup {
  const events = eventsOf(run, experiment);
  const all = <Type extends RunEvent["type"]>(type: Type) => events.filter((event): event is Event<Type> => event.type === type);
  const [server] = all("server");
  const lab = run.find((event): event is Event<"lab"> => event.type === "lab");
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
    commands: all("asked").map(
      ({ from, account, ssh }) => `${from}$ ssh ${ssh} ${account === server?.accounts[0] ? "" : `${account}@`}server`,
    ),
    ...(lab ? { topology: lab.topology } : {}),
    ...(goal ? { goal } : {}),
  };
}

function eventsOf(run: readonly RunEvent[], experiment: number): readonly RunEvent[] {
  const starts = run.flatMap(({ type }, at) => (type === "experiment" ? [at] : []));
  const start = starts[experiment];
  return start === undefined ? [] : run.slice(start, starts[experiment + 1]);
}

function goalOfForward(forward: ResultForward, cells: readonly ResultCell[], topology: Result["topology"]): Goal | undefined {
  const { kind, granted, listensOn, listeners, from } = forward;
  const port = parseTarget(listeners[0] ?? "")?.port;
  const target = kind === "remote" || kind === "local" ? parseForwardArguments(forward.ssh).request.target : undefined;
  if (!granted || !kind || !target || listensOn === null || port === undefined) return undefined;
  const host = targetHost(asSpec(topology), listensOnServer(kind) ? from : serverHost, target.host);
  const wanted = wantedOf(cells.filter(({ as, via }) => as === undefined && via === undefined));
  // Nobody blocked is no goal: that is so before anything is typed.
  if (host === undefined || !Object.values(wanted).includes(true)) return undefined;
  return { listener: { host: listensOn, port }, service: { host, port: target.port }, wanted };
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
