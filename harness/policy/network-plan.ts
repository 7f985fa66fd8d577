/** What a policy's `network:` says, sorted into LANs, their members and single hosts; nothing chosen yet. */

import { type Address, parseAddress, parseInterface } from "../core/address.ts";
import { type Place, UserError } from "../core/errors.ts";
import type { BehindPlan, Fail, LanPlan, Member, NetworkPlan, SinglePlan } from "./lan-plan.ts";
import type { Policy, PolicyVantage } from "./policy.ts";
import { serverLans } from "./server-lans.ts";
import { didYouMean } from "./suggestion.ts";
import type { KeyPath } from "./yaml-source.ts";

type Placing = (path: KeyPath) => Place | undefined;

/** Article's values, by position of the vantage among those that share a kind. */
const article = {
  home: { public: "203.0.113.7", cgnatHost: 7 },
  "other-lan": { public: "203.0.113.50", cgnatHost: 50 },
};

/** Reads `network:`. Faults that make a plan impossible (an unknown LAN, a reserved name) are in `errors`. */
export function planNetwork(policy: Policy, place: Placing): NetworkPlan {
  const errors: UserError[] = [];
  const fail: Fail = (path, message, details) => errors.push(new UserError("policy-network", message, { place: place(path), ...details }));
  rejectReserved(policy, fail);
  const atServer = serverLans(policy, fail);
  const placed = placements(policy);
  const owned = new Map([["home", homeLan(policy)], ...routedLans(placed, fail)]);
  const find = lanFinder(atServer, owned, fail);

  const singles: SinglePlan[] = [];
  let neighbour = 0;
  let single = 0;
  for (const [host, where] of placed.filter(([host, where]) => !isRouted(host, where))) {
    if (where && "lan" in where) {
      const members = find(host, where.lan)?.members;
      members?.push(memberOf(host, where, usualNeighbours.has(host) ? 20 : 30 + neighbour++));
    } else if (host === "home-lan") notOnHomesLan(host, "addresses of its own", fail);
    else singles.push(singleOf(host, where, host === "internet" ? 0 : ++single));
  }
  return { lans: [...atServer, ...owned.values()], singles, errors };
}

/** Finds the LAN that a host is placed on, by the name of its owner or of the server's interface. */
function lanFinder(
  atServer: readonly LanPlan[],
  owned: ReadonlyMap<string, LanPlan>,
  fail: Fail,
): (host: string, name: string) => LanPlan | undefined {
  const interfaces = new Map(atServer.map((lan) => [lan.members[0]?.interface ?? "", lan]));
  const named = (name: string) => (name === "server" ? atServer[0] : (interfaces.get(name) ?? owned.get(name)));
  return (host, name) => {
    const lan = host === "home-lan" && name !== "home" ? undefined : named(name);
    if (!lan) unknownLan(host, name, ["server", ...interfaces.keys(), ...owned.keys()], fail);
    return lan;
  };
}

/** They stand on the LAN of the article's picture. */
const usualNeighbours = new Set(["campus", "home-lan"]);

type Placed = readonly (readonly [host: string, where: PolicyVantage | undefined])[];

/** The article's vantage points, as the policy changes them, and its further ones. */
function placements(policy: Policy): Placed {
  const standard: Record<string, PolicyVantage | undefined> = {
    campus: { lan: "server" },
    "home-lan": { lan: "home" },
    "other-lan": undefined,
    internet: undefined,
  };
  // A further server that is put nowhere stands beside the first.
  const servers = Object.fromEntries(Object.keys(policy.servers ?? {}).map((name) => [name, { lan: "server" }]));
  const placed = Object.entries({ ...standard, ...servers, ...policy.network?.vantages });
  return placed.filter(([host]) => host !== "server" && host !== "home");
}

function rejectReserved(policy: Policy, fail: Fail): void {
  for (const reserved of ["server", "home"]) {
    if (!policy.network?.vantages?.[reserved]) continue;
    fail(["network", "vantages", reserved], `${reserved} does not belong under \`vantages\``, {
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
    found,
    expected: "{ lan: home, address: […] }",
    todo: "use another name for this vantage point",
  });
}

function unknownLan(host: string, lan: string, lans: readonly string[], fail: Fail): void {
  const known = host === "home-lan" ? ["home"] : lans;
  const meant = didYouMean(lan, known);
  fail(["network", "vantages", host, "lan"], host === "home-lan" ? "home-lan is on home's LAN by definition" : `unknown LAN \`${lan}\``, {
    found: lan,
    expected: known.join(", "),
    todo: meant ? `did you mean \`${meant}\`?` : undefined,
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
      publicAddress: parseAddress(home?.public ?? article.home.public) as Address,
      publicPath: [...path, "public"],
      isp: "isp",
      cgnatHost: article.home.cgnatHost,
      inbound: "drop",
      exposesAll: false,
      portForwards: Object.entries(home?.port_forward ?? {}).map(([port, to]) => ({ port: Number(port), to })),
    },
  };
}

function routedLan(host: string, where: PolicyVantage | undefined, number: number): LanPlan {
  const stated = where && "behind" in where ? where : { behind: "nat" as const, public: article["other-lan"].public, address: undefined };
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
      publicAddress: parseAddress(stated.public) as Address,
      publicPath: [...path, "public"],
      isp: `${base}-isp`,
      cgnatHost: article["other-lan"].cgnatHost + number,
      inbound: "drop",
      exposesAll: false,
      portForwards: [],
    },
  };
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
