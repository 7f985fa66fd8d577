/** What a policy's `network:` says, sorted into LANs, their members and single hosts; nothing chosen yet. */

import { type Address, parseAddress, parseInterface } from "../core/address.ts";
import { type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { mainServer } from "../core/lab-spec.ts";
import { didYouMean, suggestionText } from "../core/suggestion.ts";
import type { BehindPlan, Fail, LanPlan, Member, NetworkPlan, SinglePlan } from "./lan-plan.ts";
import { addNeighbours } from "./neighbours.ts";
import { type Policy, type PolicyVantage, statedVantages } from "./policy.ts";
import { choosePublicAddresses, publicChoices } from "./public-addresses.ts";
import { type Published, publishedPorts, type ServerLans, serverLans } from "./server-lans.ts";
import { serversOf } from "./servers.ts";
import type { KeyPath } from "./yaml-source.ts";

type Placing = (path: KeyPath) => Place | undefined;

/** Last number of the article's public and CG-NAT addresses, by position of the vantage among those that share a kind. */
const article = { home: 7, "other-lan": 50 };

/** Reads `network:`. Faults that make a plan impossible (an unknown LAN, a reserved name) are in `errors`. */
export function planNetwork(policy: Policy, place: Placing): NetworkPlan {
  const errors: UserError[] = [];
  const fail: Fail = (path, message, details) => errors.push(new UserError("policy-network", message, { place: place(path), ...details }));
  rejectReserved(policy, fail);
  rejectUnknownServers(policy, fail);
  const servers = new Map(serversOf(policy).map((host) => [host, serverLans(policy, host, fail)]));
  const atServer = servers.get(mainServer)?.own ?? [];
  const further = [...servers].flatMap(([host, lans]) => (host === mainServer ? [] : (lans?.own ?? [])));
  const placed = placements(
    policy,
    [...servers].flatMap(([host, lans]) => (lans ? [host] : [])),
  );
  const firsts = further.filter((lan, at) => further.findIndex((each) => ownerOf(each) === ownerOf(lan)) === at);
  const owned = new Map([["home", homeLan(policy)], ...firsts.map((lan) => [ownerOf(lan), lan] as const), ...routedLans(placed, fail)]);
  const find = lanFinder(atServer, owned, fail);

  const { singles, neighbours } = placeHosts(placed, find, fail);
  const lans = [...new Set([...atServer, ...further, ...owned.values()])];
  joinLans(servers, find, neighbours, fail);
  for (const [host, its] of servers) if (!its) publish(host, lanOf(lans, host), publishedPorts(policy, host, fail), fail);
  rejectSameLan(lans, fail);
  const hosts = [...singles.map(({ host }) => host), ...lans.flatMap(({ members }) => members.map(({ host }) => host))];
  addNeighbours(lans, serversOf(policy), hosts, fail);
  choosePublicAddresses(lans, singles);
  const interfaces = [...servers].flatMap(([host, its]) => (its ? [[host, its.interfaces] as const] : []));
  return { lans, singles, interfaces: Object.fromEntries(interfaces), errors };
}

/** Every vantage point of the policy's lab: those that it states, then the neighbours that the lab adds. */
export function vantagesOf(policy: Policy): string[] {
  const { lans } = planNetwork(policy, () => undefined);
  return [...statedVantages(policy), ...lans.flatMap(({ members }) => members.flatMap(({ host, added }) => (added ? [host] : [])))];
}

type FindLan = (host: string, name: string, path: KeyPath) => LanPlan | undefined;

/** `neighbours`: how many there are in addition to the usual ones. */
function placeHosts(placed: Placed, find: FindLan, fail: Fail): { singles: SinglePlan[]; neighbours: number } {
  const singles: SinglePlan[] = [];
  let neighbours = 0;
  let single = 0;
  for (const [host, where] of placed.filter(([host, where]) => !isRouted(host, where))) {
    if (where && "lan" in where) {
      const lan = find(host, where.lan, ["network", "vantages", host, "lan"]);
      lan?.members.push(memberOf(host, where, usualNeighbours.has(host) ? 20 : 30 + neighbours++));
    } else if (host === "home-lan") notOnHomesLan(host, "addresses of its own", fail);
    else singles.push(singleOf(host, where, host === "internet" ? 0 : ++single));
  }
  return { singles, neighbours };
}

/** Connects servers' interfaces to the LANs of other hosts. */
function joinLans(servers: ReadonlyMap<string, ServerLans | undefined>, find: FindLan, neighbours: number, fail: Fail): void {
  let already = neighbours;
  for (const [host, its] of servers) {
    for (const { lan: name, member, path, published } of its?.joined ?? []) {
      const lan = find(host, name, path);
      lan?.members.push({ ...member, preferred: member.preferred + already++ });
      if (lan) publish(host, lan, published, fail);
    }
  }
}

function ownerOf({ members: [owner] }: LanPlan): string {
  return owner?.host ?? "";
}

function lanOf(lans: readonly LanPlan[], host: string): LanPlan | undefined {
  return lans.find(({ members }) => members.some((member) => member.host === host));
}

/** Publishes ports of a host on the router of its LAN. */
function publish(host: string, lan: LanPlan | undefined, published: readonly Published[], fail: Fail): void {
  for (const { ports, path } of published) {
    if (!lan?.behind || lan.behind.nat === "none") {
      fail(path, `\`ports\` needs a router with NAT in front of ${host}, and there is none`, {
        fault: faultOf("ports-without-router", { host, lan: lan?.name }),
        found: lan ? `${host} on ${lan.name}` : `${host} without a LAN`,
        expected: "a LAN behind NAT, or `behind: nat` with `public`",
        todo: "remove `ports`, or say what is in front of it",
      });
      continue;
    }
    for (const [text, to] of Object.entries(ports)) {
      const port = Number(text);
      const other = lan.behind.portForwards.find((each) => each.port === port);
      if (other)
        fail([...path, text], `port ${port} of ${lan.behind.publicAddress.text} is published twice`, {
          fault: faultOf("port-published-twice", {
            port,
            address: lan.behind.publicAddress.text,
            hosts: [other.host ?? ownerOf(lan), host],
          }),
          found: `${other.host ?? ownerOf(lan)} and ${host}`,
          expected: "each port once",
          todo: "publish one of them on another port",
        });
      else lan.behind.portForwards.push({ port, to, host });
    }
  }
}

/** A LAN's name is made from its owner's. */
function rejectSameLan(lans: readonly LanPlan[], fail: Fail): void {
  for (const [at, lan] of lans.entries()) {
    const other = lans.findIndex(({ name }) => name === lan.name);
    if (other === at) continue;
    const hosts = [ownerOf(lan), ownerOf(lans[other] as LanPlan)];
    fail(lan.members[0]?.path ?? [], `${hosts.join(" and ")} would give their networks the same name`, {
      fault: faultOf("lan-name-twice", { name: lan.name, hosts }),
      found: `${lan.name} twice`,
      expected: "hosts whose names differ by more than `-lan` at the end",
      todo: "rename one of them",
    });
  }
}

function rejectUnknownServers(policy: Policy, fail: Fail): void {
  const known = Object.keys(policy.servers ?? {});
  for (const name of Object.keys(policy.network?.servers ?? {})) {
    const path: KeyPath = ["network", "servers", name];
    if (name === mainServer)
      fail(path, "server does not belong under `network.servers`", {
        fault: faultOf("network-key-misplaced", { key: "network.servers.server", instead: "network.server" }),
        found: "network.servers.server",
        expected: "network.server",
        todo: "move it to network.server",
      });
    else if (!known.includes(name)) {
      const meant = didYouMean(name, known);
      fail(path, `unknown server \`${name}\``, {
        fault: faultOf("policy-name-unknown", { kind: "server", name, known, meant }),
        found: name,
        expected: known.join(", ") || "a policy with `servers:`",
        todo: suggestionText(meant) ?? "describe it under `servers:`",
      });
    } else if (policy.network?.vantages?.[name])
      fail(["network", "vantages", name], `${name} is placed twice`, {
        fault: faultOf("host-placed-twice", { places: [`network.vantages.${name}`, `network.servers.${name}`], move: false }),
        found: `network.vantages.${name} and network.servers.${name}`,
        expected: "only one of them",
        todo: `remove network.vantages.${name}`,
      });
  }
}

/** Finds the LAN that a host is placed on, by the name of its owner or of the server's interface. */
function lanFinder(atServer: readonly LanPlan[], owned: ReadonlyMap<string, LanPlan>, fail: Fail): FindLan {
  const interfaces = new Map(atServer.map((lan) => [lan.members[0]?.interface ?? "", lan]));
  const named = (name: string) => (name === "server" ? atServer[0] : (interfaces.get(name) ?? owned.get(name)));
  return (host, name, path) => {
    const lan = host === "home-lan" && name !== "home" ? undefined : named(name);
    if (!lan || ownerOf(lan) === host) {
      const others = [...owned].filter(([, each]) => ownerOf(each) !== host).map(([each]) => each);
      unknownLan(host, name, { known: ["server", ...interfaces.keys(), ...others], path }, fail);
      return undefined;
    }
    return lan;
  };
}

/** They stand on the LAN of the article's picture. */
const usualNeighbours = new Set(["campus", "home-lan"]);

type Placed = readonly (readonly [host: string, where: PolicyVantage | undefined])[];

/**
 * The article's vantage points, as changed by the policy, and the policy's own.
 * @param wired servers whose interfaces the policy states
 */
function placements(policy: Policy, wired: readonly string[]): Placed {
  const standard: Record<string, PolicyVantage | undefined> = {
    campus: { lan: "server" },
    "home-lan": { lan: "home" },
    "other-lan": undefined,
    internet: undefined,
  };
  // A further server that is put nowhere stands beside the first.
  const servers = Object.fromEntries(Object.keys(policy.servers ?? {}).map((name) => [name, { lan: "server" }]));
  const placed = Object.entries({ ...standard, ...servers, ...policy.network?.vantages });
  return placed.filter(([host]) => host !== "home" && !wired.includes(host));
}

function rejectReserved(policy: Policy, fail: Fail): void {
  for (const reserved of ["server", "home"]) {
    if (!policy.network?.vantages?.[reserved]) continue;
    fail(["network", "vantages", reserved], `${reserved} does not belong under \`vantages\``, {
      fault: faultOf("network-key-misplaced", { key: `network.vantages.${reserved}`, instead: `network.${reserved}` }),
      found: `network.vantages.${reserved}`,
      expected: `network.${reserved}`,
      todo: `move it to network.${reserved}`,
    });
  }
}

/** Has it a router of its own? */
function isRouted(host: string, where: PolicyVantage | undefined): boolean {
  return where ? "behind" in where : host === "other-lan";
}

function routedLans(placed: Placed, fail: Fail): [host: string, lan: LanPlan][] {
  let extra = 0;
  return placed
    .filter(([host, where]) => isRouted(host, where))
    .flatMap(([host, where]): [string, LanPlan][] => {
      if (host !== "home-lan") return [[host, routedLan(host, where, host === "other-lan" ? 0 : ++extra)]];
      notOnHomesLan(host, "`behind`", fail);
      return [];
    });
}

function notOnHomesLan(host: string, found: string, fail: Fail): void {
  fail(["network", "vantages", host], "home-lan is on home's LAN by definition", {
    fault: faultOf("home-lan-elsewhere", {}),
    found,
    expected: "{ lan: home, address: […] }",
    todo: "use another name for this vantage point",
  });
}

function unknownLan(host: string, lan: string, { known, path }: { known: readonly string[]; path: KeyPath }, fail: Fail): void {
  const meant = didYouMean(lan, known);
  if (host === "home-lan")
    fail(path, "home-lan is on home's LAN by definition", {
      fault: faultOf("home-lan-elsewhere", { lan }),
      found: lan,
      expected: "home",
      todo: "use another name for this vantage point",
    });
  else
    fail(path, `unknown LAN \`${lan}\``, {
      fault: faultOf("policy-name-unknown", { kind: "LAN", name: lan, known, meant }),
      found: lan,
      expected: known.join(", "),
      todo: suggestionText(meant) ?? "name one of these, or place the host behind a router of its own",
    });
}

function memberOf(host: string, where: Extract<PolicyVantage, { lan: string }>, preferred: number): Member {
  const path: KeyPath = ["network", "vantages", host];
  const given = (where.address ?? []).flatMap((text, index) => withPath(parseInterface(text), [...path, "address", index]));
  return { host, interface: "eth0", given, derive: derivable(given, where.address !== undefined), preferred, path };
}

function singleOf(host: string, where: PolicyVantage | undefined, number: number): SinglePlan {
  const texts = where && "address" in where ? (where.address ?? []) : [];
  return {
    host,
    given: texts.flatMap((text, index) => withPath(parseAddress(text), ["network", "vantages", host, "address", index])),
    derive6: Array.from({ length: 16 }, (_, attempt) => `2001:db8:66:${(attempt * 0x100).toString(16)}::${66 + number}`),
  };
}

/** A list without IPv6 gets one; a list of IPv6 only stays so; no list gets both. */
function derivable(given: readonly { address: Address }[], listed: boolean): (4 | 6)[] {
  if (!listed) return [4, 6];
  return given.some(({ address }) => address.family === 6) ? [] : [6];
}

function withPath<T>(address: T | undefined, path: KeyPath): { address: T; path: KeyPath }[] {
  return address === undefined ? [] : [{ address, path }];
}

function homeLan(policy: Policy): LanPlan {
  const home = policy.network?.home;
  const path: KeyPath = ["network", "home"];
  const given = (home?.address ?? []).flatMap((text, index) => withPath(parseInterface(text), [...path, "address", index]));
  const nat = natKind(home?.behind ?? ["nat", "cgnat"]);
  return {
    name: "home-lan",
    router: "home-router",
    members: [{ host: "home", interface: "eth0", given, derive: missing(given), preferred: 10, path }],
    candidates: { 4: private4(1), 6: ["2001:db8:7::/64", ...wide6("2001:db8:7")] },
    group: nat === "none" ? undefined : "private",
    behind: {
      nat,
      ...publicOf(home?.public, nat, given, article.home),
      publicPath: [...path, "public"],
      isp: "isp",
      cgnatHost: article.home,
      inbound: "drop",
      exposesAll: false,
      portForwards: Object.entries(home?.port_forward ?? {}).map(([port, to]) => ({ port: Number(port), to })),
    },
  };
}

function routedLan(host: string, where: PolicyVantage | undefined, number: number): LanPlan {
  const stated = where && "behind" in where ? where : { behind: "nat" as const, public: undefined, address: undefined };
  const path: KeyPath = ["network", "vantages", host];
  const base = host.replace(/-lan$/, "");
  const given = (stated.address ?? []).flatMap((text, index) => withPath(parseInterface(text), [...path, "address", index]));
  const nat = natKind(stated.behind);
  return {
    name: `${base}-lan`,
    router: `${base}-router`,
    members: [{ host, interface: "eth0", given, derive: missing(given), preferred: 10, path }],
    candidates: {
      4: private4(number === 0 ? 1 : 10 + number),
      6: [`2001:db8:${(0x50 + number).toString(16)}::/64`, ...wide6(`2001:db8:${(0x50 + number).toString(16)}`)],
    },
    group: host === "other-lan" && nat !== "none" ? "private" : undefined,
    behind: {
      nat,
      ...publicOf(stated.public, nat, given, article["other-lan"]),
      publicPath: [...path, "public"],
      isp: `${base}-isp`,
      cgnatHost: article["other-lan"] + number,
      inbound: "drop",
      exposesAll: false,
      portForwards: [],
    },
  };
}

/** Without NAT, an IPv4 address that is stated has to be the public one. */
function publicOf(
  stated: string | undefined,
  nat: BehindPlan["nat"],
  given: readonly { address: Address }[],
  number: number,
): Pick<BehindPlan, "publicAddress" | "choices"> {
  const choices = publicChoices(number);
  if (stated !== undefined) return { publicAddress: parseAddress(stated) as Address };
  const isOpen = nat !== "none" || given.every(({ address }) => address.family === 6);
  return { publicAddress: choices[0] as Address, ...(isOpen ? { choices } : {}) };
}

function natKind(behind: "none" | "nat" | readonly string[]): BehindPlan["nat"] {
  if (typeof behind === "string") return behind as "none" | "nat";
  return behind.includes("cgnat") ? "cgnat" : "nat";
}

function missing(given: readonly { address: Address }[]): (4 | 6)[] {
  return ([4, 6] as const).filter((family) => !given.some(({ address }) => address.family === family));
}

function private4(first: number): string[] {
  return [
    ...Array.from({ length: 200 }, (_, step) => `192.168.${(first + step) % 256}.0/24`),
    ...Array.from({ length: 200 }, (_, step) => `10.77.${step}.0/24`),
  ];
}

function wide6(start: string): string[] {
  return Array.from({ length: 64 }, (_, step) => `${start}:${(step + 1).toString(16)}::/64`);
}
