/** What a review of a server asks for, from where, and in which lab. Pure: made of the user's files alone. */
import { parseAddress, withoutPrefix } from "../../core/address.ts";
import { holds } from "../../core/interval.ts";
import { type LabSpec, mainServer } from "../../core/lab-spec.ts";
import { type PortRange, portClassesOf } from "../../core/port-range.ts";
import type { DialAsk, ListenAsk, LoginEnd } from "../../core/review-facts.ts";
import { namedAddresses } from "../../firewall/named-addresses.ts";
import { type NamedPorts, namedPorts } from "../../firewall/named-ports.ts";
import { keyOptionValues } from "../../openssh/authorized-keys.ts";
import { namedSources, type SourceText } from "../../openssh/named-sources.ts";
import { hostAndPort } from "../../openssh/permit-list.ts";
import { portOf } from "../../openssh/services.ts";
import type { LoadedPolicy } from "../load-policy.ts";
import { defaultFrom } from "../policy.ts";
import { usableLogins } from "../run-inputs.ts";
import { type SourceClasses, withSourceClasses } from "../source-classes.ts";
import { loginEnds } from "./login-ends.ts";
import { type LoginOrigin, loginOrigins } from "./login-origins.ts";
import { mostElements } from "./most-elements.ts";
import { largestClass, type ReviewedPorts, reviewedPorts } from "./port-plan.ts";
import { reviewTargets, withMetadataHost } from "./review-targets.ts";
import type { ReviewedServer } from "./reviewed-server.ts";
import { type TargetHosts, withTargetHosts } from "./target-hosts.ts";

export interface ReviewPlan {
  spec: LabSpec;
  sources: SourceClasses;
  ports: ReviewedPorts[];
  accounts: string[];
  origins: LoginOrigin[];
  /** Ends of the server that sshd's config distinguishes; none: it distinguishes none. */
  ends: LoginEnd[];
  listens: ListenAsk[];
  dials: DialAsk[];
  /** What the lab had to assume about targets that lists permit. */
  targets: Omit<TargetHosts, "spec">;
  /** Lists of clients that no address tells, and rules that no port tells: what lies behind them is not known throughout. */
  inexact: { clients: SourceText[]; ports: NamedPorts["inexact"] };
}

/** Where a requested listener leads; nothing runs there. */
const nowhere = "localhost:9";
/** Binds of which every server has the same: none (on the wire `localhost`), empty (`*` is the same), all of a family, each loopback. */
const commonBinds = ["", ":", "0.0.0.0:", "[::]:", "127.0.0.1:", "[::1]:"];
/** A port for targets that hardly any rule names. */
const usualTargetPort = 8080;

/** @param apart elements of a list are distinguished, too: one of them is to be taken out */
export function reviewPlan({ loaded, spec: own }: ReviewedServer, { apart = false } = {}): ReviewPlan {
  const { policy, inputs } = loaded;
  const { sshdConfig, firewall } = inputs;
  const logins = inputs.accounts.flatMap((account) => usableLogins(account));
  const clients = namedSources(sshdConfig, logins);
  const named = firewall ? namedAddresses(firewall, policy.server.names) : { groups: [], inexact: [] };
  const plain = withMetadataHost(own);
  const groups = [...each(named.groups, apart), ...clients.groups];
  // From where clients are told apart, clients come, private addresses included.
  const { spec: classed, sources } = withSourceClasses(plain, { ...named, groups }, [], {}, [mainServer], clients.groups);
  const lists = (keyword: string) => [
    ...sshdConfig.lines.filter((line) => line.keyword === keyword).flatMap(({ args }) => args),
    ...logins.flatMap(({ options }) => keyOptionValues(options, keyword)),
  ];
  const portsOfRules = firewall ? namedPorts(firewall) : { groups: [], inexact: [] };
  const services = Object.keys(policy.server.services ?? {}).flatMap(servicePort);
  const listed = lists("permitlisten").flatMap(listedListener);
  const portGroups = [
    ...each(portsOfRules.groups, apart),
    ...listed.flatMap(({ port }) => (port === undefined ? [] : [onePort(port)])),
    ...translatedPorts(plain).map(onePort),
  ];
  const targetPort = usualTarget(portGroups);
  const taken = new Set([22, ...statedSshdPorts(loaded), ...services, targetPort]);
  const binds = bindForms(plain, listed);
  const ports = reviewedPorts({ groups: portGroups, unprivileged: unprivilegedPort(policy.server.sysctl), taken, most: binds.length });
  const dials = reviewTargets({ spec: plain, services, permitted: lists("permitopen"), port: targetPort });
  const { spec, ...targets } = withTargetHosts(classed, dials);
  return {
    spec,
    sources,
    ports,
    accounts: inputs.accounts.map(({ name }) => name),
    ends: loginEnds(plain, sshdConfig.lines, statedSshdPorts(loaded)),
    origins: loginOrigins(spec, sources.classes, clients.groups, defaultFrom),
    listens: listenAsks(ports, binds),
    dials,
    targets,
    inexact: { clients: clients.inexact, ports: portsOfRules.inexact },
  };
}

/** The groups, and with `apart` the first members of each on their own. */
function each<Range>(groups: readonly Range[][], apart: boolean): Range[][] {
  return groups.flatMap((group) => [group, ...(apart && group.length > 1 ? group.slice(0, mostElements).map((one) => [one]) : [])]);
}

/** One request for each bind form and class, with different ports where the class has enough. */
function listenAsks(ports: readonly ReviewedPorts[], binds: readonly BindForm[]): ListenAsk[] {
  return binds.flatMap(({ bind, only }, index) =>
    ports.flatMap(({ asked, ranges }, portClass): ListenAsk[] => {
      const port = asked[index % Math.max(1, asked.length)];
      const of = only === undefined || only.some((each) => holds(ranges, each));
      return port === undefined || !of ? [] : [{ bind, portClass, port, ssh: `-R ${bind}${port}:${nowhere}` }];
    }),
  );
}

interface BindForm {
  /** As typed before the port. */
  bind: string;
  /** Ports with which a list names it; undefined: it is asked for with all. */
  only?: number[];
}

/** An entry of PermitListen or permitlisten. */
interface ListedListener {
  /** One that its pattern matches; undefined: any. */
  host: string | undefined;
  /** Undefined: any. */
  port: number | undefined;
}

/** Those that differ for the server, one for each of its addresses, and hosts that a list permits: sshd need not bind to what it compares. */
function bindForms(spec: LabSpec, listed: readonly ListedListener[]): BindForm[] {
  const own = (spec.hosts.server?.interfaces ?? []).flatMap(({ addresses }) =>
    addresses.flatMap((text) => {
      const address = parseAddress(withoutPrefix(text));
      return address ? [bindOf(address.text)] : [];
    }),
  );
  const usual = [...new Set([...commonBinds, ...own])];
  const others = Map.groupBy(
    listed.filter(({ host = "localhost" }) => host !== "localhost" && !usual.includes(bindOf(host))),
    ({ host }) => host ?? "",
  );
  return [
    ...usual.map((bind) => ({ bind })),
    ...[...others].map(([host, entries]): BindForm => {
      const only = entries.flatMap(({ port }) => port ?? []);
      return { bind: bindOf(host), ...(only.length === entries.length ? { only } : {}) };
    }),
  ];
}

function bindOf(host: string): string {
  return host.includes(":") ? `[${host}]:` : `${host}:`;
}

/** Nothing for a list of all or of nothing. */
function listedListener(entry: string): ListedListener[] {
  if (/^(any|none)$/i.test(entry)) return [];
  const { host, port: text } = hostAndPort(entry, "*");
  const port = portOf(text);
  return [{ host: /^\*+$/.test(host) ? undefined : host.toLowerCase().replaceAll(/[*?]/g, "x"), port: port > 0 ? port : undefined }];
}

/** Ports that routers lead elsewhere than all others. */
function translatedPorts({ routers }: LabSpec): number[] {
  return Object.values(routers).flatMap(({ portForwards = [] }) => portForwards.flatMap(({ port, to }) => [port, to.port]));
}

function onePort(port: number): PortRange[] {
  return [{ first: port, last: port }];
}

function servicePort(at: string): number[] {
  const port = Number(at.slice(at.lastIndexOf(":") + 1));
  return at.startsWith("/") || !Number.isInteger(port) ? [] : [port];
}

/** Ports that the config makes sshd listen on. */
function statedSshdPorts(loaded: LoadedPolicy): number[] {
  const ports = statedPorts(loaded);
  return ports.length > 0 ? ports : [22];
}

function statedPorts({ inputs }: LoadedPolicy): number[] {
  const { lines } = inputs.sshdConfig;
  const stated = lines.flatMap(({ keyword, args: [value = ""] }) => {
    if (keyword === "port") return [Number(value)];
    const port = keyword === "listenaddress" ? /^(?:\[.*\]|[^:]*):(\d+)$/.exec(value)?.[1] : undefined;
    return port === undefined ? [] : [Number(port)];
  });
  const options = inputs.sshdOptions.flatMap((option) => /^port[= ](\d+)$/i.exec(option)?.[1] ?? []).map(Number);
  return [...stated, ...options];
}

/** Linux lets only root listen below it. */
function unprivilegedPort(sysctl: Readonly<Record<string, string | number>> | undefined): number {
  return Number(sysctl?.["net.ipv4.ip_unprivileged_port_start"] ?? 1024);
}

/** The usual port, unless something names it. */
function usualTarget(groups: readonly (readonly PortRange[])[]): number {
  const classes = portClassesOf(groups).map(({ ranges }) => ({ ranges, asked: [] }));
  const { ranges } = largestClass(classes) ?? { ranges: [] };
  return holds(ranges, usualTargetPort) ? usualTargetPort : (ranges.at(-1)?.last ?? usualTargetPort);
}
