/** What a review of a server asks for, from where, and in which lab. Pure: made of the user's files alone. */
import { parseAddress } from "../../core/address.ts";
import type { LabSpec } from "../../core/lab-spec.ts";
import { type PortRange, portClassesOf } from "../../core/port-range.ts";
import type { DialAsk, ListenAsk } from "../../core/review-facts.ts";
import { namedAddresses } from "../../firewall/named-addresses.ts";
import { namedPorts } from "../../firewall/named-ports.ts";
import { keyOptionValues } from "../../openssh/authorized-keys.ts";
import { namedSources, type SourceText } from "../../openssh/named-sources.ts";
import { hostAndPort } from "../../openssh/permit-list.ts";
import { portOf } from "../../openssh/services.ts";
import type { LoadedPolicy } from "../load-policy.ts";
import { labSpecOf } from "../network.ts";
import { defaultFrom } from "../policy.ts";
import { usableLogins } from "../run-inputs.ts";
import { type SourceClasses, withSourceClasses } from "../source-classes.ts";
import { type LoginOrigin, loginOrigins } from "./login-origins.ts";
import { largestClass, type ReviewedPorts, reviewedPorts } from "./port-plan.ts";
import { reviewTargets, withMetadataHost } from "./review-targets.ts";

export interface ReviewPlan {
  spec: LabSpec;
  sources: SourceClasses;
  ports: ReviewedPorts[];
  accounts: string[];
  origins: LoginOrigin[];
  listens: ListenAsk[];
  dials: DialAsk[];
  /** Lists of clients that no address tells, and rules that no port tells: what lies behind them is not known throughout. */
  inexact: { clients: SourceText[]; ports: { file: string; line: number; rule: string }[] };
}

/** Where a requested listener leads; nothing runs there. */
const nowhere = "localhost:9";
/** Binds of which every server has the same: none (on the wire `localhost`), empty (`*` is the same), all of a family, each loopback. */
const commonBinds = ["", ":", "0.0.0.0:", "[::]:", "127.0.0.1:", "[::1]:"];
/** A port for targets that hardly any rule names. */
const usualTargetPort = 8080;

export function reviewPlan(loaded: LoadedPolicy): ReviewPlan {
  const { policy, inputs } = loaded;
  const { sshdConfig, firewall } = inputs;
  const logins = inputs.accounts.flatMap((account) => usableLogins(account));
  const clients = namedSources(sshdConfig, logins);
  const named = firewall ? namedAddresses(firewall, policy.server.names) : { groups: [], inexact: [] };
  const plain = withMetadataHost(labSpecOf(policy, { place: (keys) => loaded.place(keys) }));
  const { spec, sources } = withSourceClasses(plain, { ...named, groups: [...named.groups, ...clients.groups] }, []);
  const lists = (keyword: string) => [
    ...sshdConfig.lines.filter((line) => line.keyword === keyword).flatMap(({ args }) => args),
    ...logins.flatMap(({ options }) => keyOptionValues(options, keyword)),
  ];
  const portsOfRules = firewall ? namedPorts(firewall) : { groups: [], inexact: [] };
  const services = Object.keys(policy.server.services ?? {}).flatMap(servicePort);
  const groups = [...portsOfRules.groups, ...lists("permitlisten").flatMap(listedPort)];
  const targetPort = usualTarget(groups);
  const taken = new Set([...sshdPorts(loaded), ...services, targetPort]);
  const binds = bindForms(plain);
  const ports = reviewedPorts({ groups, unprivileged: unprivilegedPort(policy.server.sysctl), taken, most: binds.length });
  return {
    spec,
    sources,
    ports,
    accounts: inputs.accounts.map(({ name }) => name),
    origins: loginOrigins(spec, sources.classes, clients.groups, defaultFrom),
    listens: listenAsks(ports, binds),
    dials: reviewTargets({ spec: plain, services, permitted: lists("permitopen"), port: targetPort }),
    inexact: { clients: clients.inexact, ports: portsOfRules.inexact },
  };
}

/** One request for each bind form and class, with different ports where the class has enough. */
function listenAsks(ports: readonly ReviewedPorts[], binds: readonly string[]): ListenAsk[] {
  return binds.flatMap((bind, index) =>
    ports.flatMap(({ asked }, portClass): ListenAsk[] => {
      const port = asked[index % Math.max(1, asked.length)];
      return port === undefined ? [] : [{ bind, portClass, port, ssh: `-R ${bind}${port}:${nowhere}` }];
    }),
  );
}

/** Those that differ for the server, and one for each of its addresses. */
function bindForms(spec: LabSpec): string[] {
  const own = (spec.hosts.server?.interfaces ?? []).flatMap(({ addresses }) =>
    addresses.flatMap((text) => {
      const address = parseAddress(text.split("/")[0] ?? "");
      if (!address) return [];
      return [address.family === 6 ? `[${address.text}]:` : `${address.text}:`];
    }),
  );
  return [...new Set([...commonBinds, ...own])];
}

function listedPort(entry: string): PortRange[][] {
  if (/^(any|none)$/i.test(entry)) return [];
  const port = portOf(hostAndPort(entry, "*").port);
  return port > 0 ? [[{ first: port, last: port }]] : [];
}

function servicePort(at: string): number[] {
  const port = Number(at.slice(at.lastIndexOf(":") + 1));
  return at.startsWith("/") || !Number.isInteger(port) ? [] : [port];
}

/** Ports that the config makes sshd listen on. */
function sshdPorts({ inputs }: LoadedPolicy): number[] {
  const { lines } = inputs.sshdConfig;
  const stated = lines.flatMap(({ keyword, args: [value = ""] }) => {
    if (keyword === "port") return [Number(value)];
    const port = keyword === "listenaddress" ? /^(?:\[.*\]|[^:]*):(\d+)$/.exec(value)?.[1] : undefined;
    return port === undefined ? [] : [Number(port)];
  });
  const options = inputs.sshdOptions.flatMap((option) => /^port[= ](\d+)$/i.exec(option)?.[1] ?? []).map(Number);
  return [22, ...stated, ...options];
}

/** Linux lets only root listen below it. */
function unprivilegedPort(sysctl: Readonly<Record<string, string | number>> | undefined): number {
  return Number(sysctl?.["net.ipv4.ip_unprivileged_port_start"] ?? 1024);
}

/** The usual port, unless something names it. */
function usualTarget(groups: readonly (readonly PortRange[])[]): number {
  const classes = portClassesOf(groups).map(({ ranges }) => ({ ranges, asked: [] }));
  const { ranges } = largestClass(classes) ?? { ranges: [] };
  const has = (port: number) => ranges.some(({ first, last }) => first <= port && port <= last);
  return has(usualTargetPort) ? usualTargetPort : (ranges.at(-1)?.last ?? usualTargetPort);
}
