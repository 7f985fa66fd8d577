/** What a policy's `network:` says, sorted into LANs, their members and single hosts; nothing chosen yet. */

import { type Address, type Interface, parseAddress, parseInterface } from "../core/address.ts";
import { type Place, UserError } from "../core/errors.ts";
import type { Policy, PolicyVantage } from "./policy.ts";
import { serverLans } from "./server-lans.ts";
import { didYouMean } from "./suggestion.ts";
import type { KeyPath } from "./yaml-source.ts";

/** A host on a LAN. */
export interface Member {
  host: string;
  interface: string;
  given: { address: Interface; path: KeyPath }[];
  /** Families for which an address is chosen when none is given. */
  derive: readonly (4 | 6)[];
  /** Host part of a chosen address. */
  preferred: number;
  path: KeyPath;
}

/** A LAN, its router and its members. The first member owns it: the networks it names are the LAN's. */
export interface LanPlan {
  name: string;
  router: string;
  members: Member[];
  /** Networks to choose from when no member names one. */
  candidates: Record<4 | 6, string[]>;
  /** LANs of one group may share their IPv4 network. */
  group?: string;
  behind?: BehindPlan;
}

/** The router between a LAN and the internet core. */
export interface BehindPlan {
  nat: "none" | "nat" | "cgnat";
  publicAddress: Address;
  publicPath: KeyPath;
  /** Name of the provider's router, and the CG-NAT address of the home router. */
  isp: string;
  cgnatHost: number;
  /** What becomes of connections from outside that no port forward takes, over both families. */
  inbound: "drop" | "accept";
  portForwards: { port: number; to: number }[];
  /** Every port of the public address leads to the LAN's owner. */
  exposesAll: boolean;
}

/** A host straight on the internet. */
export interface SinglePlan {
  host: string;
  given: { address: Address; path: KeyPath }[];
  derive6: string[];
}

export interface NetworkPlan {
  lans: LanPlan[];
  singles: SinglePlan[];
  errors: UserError[];
}

type Placing = (path: KeyPath) => Place | undefined;

/** Article's values, by position of the vantage among those that share a kind. */
const article = {
  home: { public: "203.0.113.7", cgnatHost: 7 },
  "other-lan": { public: "203.0.113.50", cgnatHost: 50 },
};

/** Reads `network:`. Faults that make a plan impossible (an unknown LAN, a reserved name) are in `errors`. */
export function planNetwork(policy: Policy, place: Placing): NetworkPlan {
  const errors: UserError[] = [];
  const vantages = policy.network?.vantages ?? {};
  const fail = (path: KeyPath, message: string, details: { found?: string; expected?: string; todo?: string }) =>
    errors.push(new UserError("policy-network", message, { place: place(path), ...details }));

  for (const reserved of ["server", "home"]) {
    if (vantages[reserved]) {
      fail(["network", "vantages", reserved], `${reserved} does not belong under \`vantages\``, {
        found: `network.vantages.${reserved}`,
        expected: `network.${reserved}`,
        todo: `move it to network.${reserved}`,
      });
    }
  }
  const lans = serverLans(policy, fail);
  const interfaces = Object.fromEntries(lans.map((lan) => [lan.members[0]?.interface ?? "", lan]));
  lans.push(homeLan(policy));

  const standard: Record<string, PolicyVantage | undefined> = {
    campus: { lan: "server" },
    "home-lan": { lan: "home" },
    "other-lan": undefined,
    internet: undefined,
  };
  const placed = { ...standard, ...vantages };
  const byOwner: Record<string, LanPlan> = { home: lans[lans.length - 1] as LanPlan };
  let extra = 0;
  for (const [host, where] of Object.entries(placed)) {
    if (host === "server" || host === "home") continue;
    if ((where && "behind" in where) || (host === "other-lan" && !where)) {
      if (host === "home-lan") {
        fail(["network", "vantages", host], "home-lan is on home's LAN by definition", {
          found: "`behind`",
          expected: "{ lan: home, address: […] }",
          todo: "use another name for this vantage point",
        });
        continue;
      }
      const lan = routedLan(host, where, host === "other-lan" ? 0 : ++extra);
      byOwner[host] = lan;
      lans.push(lan);
    }
  }

  const singles: SinglePlan[] = [];
  let single = 0;
  let neighbour = 0;
  for (const [host, where] of Object.entries(placed)) {
    const path: KeyPath = ["network", "vantages", host];
    if (host === "server" || host === "home" || (where && "behind" in where) || (host === "other-lan" && !where)) continue;
    if (where && "lan" in where) {
      const lan = where.lan === "server" ? lans[0] : (interfaces[where.lan] ?? byOwner[where.lan]);
      if (!lan || (host === "home-lan" && where.lan !== "home")) {
        const known = host === "home-lan" ? ["home"] : ["server", ...Object.keys(interfaces), ...Object.keys(byOwner)];
        const meant = didYouMean(where.lan, known);
        fail([...path, "lan"], host === "home-lan" ? "home-lan is on home's LAN by definition" : `unknown LAN \`${where.lan}\``, {
          found: where.lan,
          expected: known.join(", "),
          todo: meant ? `did you mean \`${meant}\`?` : undefined,
        });
        continue;
      }
      const given = (where.address ?? []).flatMap((text, index) => withPath(parseInterface(text), [...path, "address", index]));
      const preferred = host === "campus" || host === "home-lan" ? 20 : 30 + neighbour++;
      lan.members.push({ host, interface: "eth0", given, derive: derivable(given, where.address !== undefined), preferred, path });
    } else {
      if (host === "home-lan") {
        fail(path, "home-lan is on home's LAN by definition", {
          found: "addresses of its own",
          expected: "{ lan: home, address: […] }",
          todo: "use another name for this vantage point",
        });
        continue;
      }
      const texts = where && "address" in where ? where.address : undefined;
      const given = (texts ?? ["192.0.2.66"]).flatMap((text, index) => withPath(parseAddress(text ?? ""), [...path, "address", index]));
      const number = host === "internet" ? 0 : ++single;
      singles.push({
        host,
        given: texts ? given : [],
        derive6: Array.from({ length: 16 }, (_, attempt) => `2001:db8:66:${(attempt * 0x100).toString(16)}::${66 + number}`),
      });
    }
  }
  return { lans, singles, errors };
}

/** A list without IPv6 gets one; a list of IPv6 only stays so; no list gets both. */
function derivable(given: readonly { address: Address }[], listed: boolean): (4 | 6)[] {
  return listed ? (given.some(({ address }) => address.family === 6) ? [] : [6]) : [4, 6];
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
  return typeof behind === "string" ? (behind as "none" | "nat") : behind.includes("cgnat") ? "cgnat" : "nat";
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
