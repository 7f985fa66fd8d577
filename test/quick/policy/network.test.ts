import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Address,
  contains,
  type Interface,
  isHostAddress,
  networkOf,
  overlaps,
  parseAddress,
  parseInterface,
  toNumber,
} from "../../../harness/core/address.ts";
import { articleLab, type InterfaceSpec, type LabSpec } from "../../../harness/core/lab-spec.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import { vantagesOf } from "../../../harness/policy/network-plan.ts";
import { type Policy, policySchema } from "../../../harness/policy/policy.ts";
import { PolicyErrors } from "../../../harness/policy/policy-errors.ts";
import { policyOf } from "../judgement/sample.ts";

const forwards = { rdp: { ssh: "-R :43234:localhost:3389", reachable_from: ["campus"] } };
const withNetwork = (network: Policy["network"]) => policyOf(forwards, { network });

function messages(network: Policy["network"]): string[] {
  try {
    labSpecOf(withNetwork(network));
    return [];
  } catch (error) {
    if (error instanceof PolicyErrors) return error.errors.map((one) => one.message);
    throw error;
  }
}

const addresses = (spec: LabSpec, host: string) => spec.hosts[host]?.interfaces.flatMap((wire) => wire.addresses);

describe("the lab of a policy", () => {
  test("is the article's without `network:`", () => {
    const where = (unsaid: object) => {
      const spec = articleLab();
      Object.assign(spec.hosts.server.interfaces[0] ?? {}, unsaid);
      return spec;
    };
    // What it is called and what addresses it has, the policy does not say.
    expect(labSpecOf(policyOf(forwards))).toEqual(where({ assumed: true, assumedAddresses: true }));
    expect(labSpecOf(withNetwork({ server: { interface: "eth0" } }))).toEqual(where({ assumedAddresses: true }));
  });

  test("has the user's addresses and interface name, and neighbours that fit", () => {
    const spec = labSpecOf(withNetwork({ server: { interface: "ens3", address: ["133.1.17.5/24", "2001:db8:17::5/64"] } }));
    expect(spec.hosts.server?.interfaces).toEqual([
      { name: "ens3", link: { lan: "server-lan" }, addresses: ["133.1.17.5/24", "2001:db8:17::5/64"] },
    ]);
    expect(addresses(spec, "campus")).toEqual(["133.1.17.20/24", "2001:db8:17::20/64"]);
    expect(spec.routers.core?.lans["server-lan"]).toEqual(["133.1.17.1/24", "2001:db8:17::1/64"]);
    expect(addresses(spec, "home")).toEqual(["192.168.1.10/24", "2001:db8:7::10/64"]);
  });

  test("has one LAN per server interface; a private back network is routed to nobody", () => {
    const spec = labSpecOf(
      withNetwork({
        server: [
          { interface: "eth0", address: ["133.1.17.5/24", "133.1.17.6/24", "2001:db8:17::5/64"] },
          { interface: "eth1", address: ["10.20.0.5/16"], ipv6: false },
        ],
        vantages: { backup: { lan: "eth1" }, nas: { lan: "eth1", address: ["10.20.0.1/16"] } },
      }),
    );
    expect(spec.lans["server-lan-eth1"]).toEqual({ ipv4: "10.20.0.0/16", isolated: [4] });
    expect(spec.lans["server-lan"]?.isolated).toBeUndefined();
    expect(addresses(spec, "server")).toEqual(["133.1.17.5/24", "133.1.17.6/24", "2001:db8:17::5/64", "10.20.0.5/16"]);
    expect(addresses(spec, "backup")?.length).toBe(1);
    // .1 is the nas's, so the gateway moves.
    expect(spec.routers.core?.lans["server-lan-eth1"]).toEqual(["10.20.0.2/16"]);
  });

  test("an interface that is only named gets private addresses of both families", () => {
    const spec = labSpecOf(withNetwork({ server: [{ interface: "eth0" }, { interface: "wg0" }, { interface: "wg1", ipv6: false }] }));
    expect(spec.hosts.server?.interfaces.map(({ addresses: each }) => each.length)).toEqual([2, 2, 1]);
    expect(spec.lans["server-lan-wg0"]?.isolated).toEqual([4, 6]);
  });

  test("a single address of a VPN has its peers around it, however far apart in the range", () => {
    const lanOf = (peer: string) =>
      labSpecOf(
        withNetwork({
          server: [
            { interface: "eth0", address: ["133.1.17.5/24"], ipv6: false },
            { interface: "wg0", address: ["10.66.1.2/32"], ipv6: false },
          ],
          vantages: { laptop: { lan: "wg0", ...(peer === "" ? {} : { address: [peer] }) } },
        }),
      ).lans["server-lan-wg0"];
    expect(lanOf("")).toEqual({ ipv4: "10.66.1.0/29", isolated: [4] });
    expect(lanOf("10.66.7.7/32")).toEqual({ ipv4: "10.66.0.0/21", isolated: [4] });
    expect(() => lanOf("172.16.0.1/32")).toThrow();
  });

  test.each([
    ["net.ipv6.conf.all.disable_ipv6", ["133.1.17.5/24", "10.20.0.5/16"]],
    ["net/ipv6/conf/default/disable_ipv6", ["133.1.17.5/24", "10.20.0.5/16"]],
    ["net.ipv6.conf.eth0.disable_ipv6", ["133.1.17.5/24", "10.20.0.5/16", "2001:db8:20::5/64"]],
    ["net/ipv6/conf/eth0.100/disable_ipv6", ["133.1.17.5/24", "2001:db8:17::5/64", "10.20.0.5/16", "2001:db8:20::5/64"]],
    ["net.ipv6.conf.lo.disable_ipv6", ["133.1.17.5/24", "2001:db8:17::5/64", "10.20.0.5/16", "2001:db8:20::5/64"]],
  ])("%s switches IPv6 off where it says so: there is no address, and none is missed", (key, expected) => {
    const six = (address: string) => (expected.includes(address) ? [address] : []);
    const policy = policyOf(forwards, {
      network: {
        server: [
          { interface: "eth0", address: ["133.1.17.5/24", ...six("2001:db8:17::5/64")] },
          { interface: "eth1", address: ["10.20.0.5/16", ...six("2001:db8:20::5/64")] },
        ],
      },
    });
    policy.server.sysctl = { [key]: 1 };
    expect(addresses(labSpecOf(policy), "server")).toEqual(expected);
    policy.server.sysctl = { [key]: 0 };
    if (expected.length < 4) expect(() => labSpecOf(policy)).toThrow(/lists no IPv6 address|2 errors/);
  });

  test("an IPv6 address of an interface without IPv6 is an error; without any address, none is chosen", () => {
    const policy = withNetwork({ server: { address: ["133.1.17.5/24", "2001:db8:17::5/64"] } });
    policy.server.sysctl = { "net.ipv6.conf.all.disable_ipv6": 1 };
    expect(() => labSpecOf(policy)).toThrow("has an IPv6 address, and its kernel settings switch IPv6 off");
    const chosen = policyOf(forwards);
    chosen.server.sysctl = { "net.ipv6.conf.all.disable_ipv6": "1" };
    expect(addresses(labSpecOf(chosen), "server")).toEqual(["198.51.100.10/24"]);
  });

  test("puts the gateway elsewhere when the server has .1", () => {
    const spec = labSpecOf(withNetwork({ server: { address: ["133.1.17.1/24", "2001:db8:17::1/64"] } }));
    expect(spec.routers.core?.lans["server-lan"]).toEqual(["133.1.17.2/24", "2001:db8:17::2/64"]);
  });

  test("connects home as told: nat, none, port forward", () => {
    const nat = labSpecOf(withNetwork({ home: { behind: "nat", public: "203.0.113.9", port_forward: { 3389: 3390 } } }));
    expect(nat.routers.isp).toBeUndefined();
    expect(nat.routers["home-router"]).toEqual({
      uplink: { router: "core", address: "203.0.113.9" },
      lans: { "home-lan": ["192.168.1.1/24", "2001:db8:7::1/64"] },
      nat: "masquerade",
      inbound: "drop",
      portForwards: [{ port: 3389, to: { address: "192.168.1.10", port: 3390 } }],
    });
    const none = labSpecOf(withNetwork({ home: { behind: "none", public: "203.0.113.9" } }));
    expect(none.routers["home-router"]).toMatchObject({ uplink: { router: "core" }, nat: "none", inbound: "accept" });
    expect(addresses(none, "home")?.[0]).toMatch(/^203\.0\.113\.9\//);
  });

  test("places further vantage points", () => {
    const spec = labSpecOf(
      withNetwork({
        vantages: {
          cafe: { behind: ["nat", "cgnat"], public: "203.0.113.60" },
          stranger: { address: ["198.18.5.5"] },
          printer: { lan: "cafe" },
          campus: { address: ["198.18.9.9", "2001:db8:999::1"] },
        },
      }),
    );
    expect(spec.routers["cafe-isp"]?.uplink).toEqual({ router: "core", address: "203.0.113.60" });
    expect(spec.hosts.printer?.interfaces[0]?.link).toEqual({ lan: "cafe-lan" });
    expect(spec.hosts.stranger?.interfaces[0]).toMatchObject({
      link: { router: "core" },
      addresses: ["198.18.5.5", expect.stringMatching(/^2001:db8:66::6\d$/)],
    });
    expect(addresses(spec, "campus")).toEqual(["198.18.9.9", "2001:db8:999::1"]);
  });

  test("runs containers where ssh runs, and the server from the user's image", () => {
    const policy = policyOf({ a: { from: "campus", ssh: "-R 1:localhost:1" } });
    policy.server.image = "registry/name:tag";
    const spec = labSpecOf(policy, { listening: [{ forward: "a", host: "server", port: 43234 }] });
    expect(spec.hosts.campus?.kind).toBe("container");
    expect(spec.hosts.server).toMatchObject({ kind: "container", image: "registry/name:tag", reservedPorts: [43234] });
    expect(spec.hosts.internet?.kind).toBe("namespace");
  });

  test("moves defaults out of the way of what the user has", () => {
    const spec = labSpecOf(withNetwork({ server: { address: ["192.0.2.66/24", "2001:db8:66::5/64"] } }));
    expect(addresses(spec, "internet")).toEqual(["198.18.66.66", "2001:db8:66:100::66"]);
  });
});

test.each<[string, Policy["network"], string]>([
  ["no IPv6 and no word of it", { server: { address: ["133.1.17.5/24"] } }, "the server's eth0 lists no IPv6 address"],
  [
    "IPv6 and ipv6: false",
    { server: { address: ["133.1.17.5/24", "2001:db8::5/64"], ipv6: false } },
    "has an IPv6 address and `ipv6: false`",
  ],
  ["no room", { server: { address: ["133.1.17.5/31", "2001:db8::5/64"] } }, "has no room for a router"],
  ["no room for campus", { server: { address: ["133.1.17.5/30", "2001:db8::5/64"] } }, "has no free address for campus"],
  ["network address", { server: { address: ["133.1.17.0/24", "2001:db8::5/64"] } }, "cannot be a host's address"],
  ["broadcast address", { server: { address: ["133.1.17.255/24", "2001:db8::5/64"] } }, "cannot be a host's address"],
  [
    "an address twice",
    { server: { address: ["133.1.17.5/24", "2001:db8::5/64"] }, vantages: { campus: { lan: "server", address: ["133.1.17.5/24"] } } },
    "two hosts of server-lan have the address 133.1.17.5",
  ],
  [
    "a neighbour elsewhere",
    {
      vantages: { campus: { lan: "server", address: ["10.0.0.5/24"] } } as never,
      server: { address: ["133.1.17.5/24", "2001:db8::5/64"] },
    },
    "campus's address is not on server-lan",
  ],
  ["unknown LAN", { vantages: { campus: { lan: "eth7" } } }, "unknown LAN `eth7`"],
  [
    "overlapping networks",
    { server: { address: ["203.0.113.20/24", "2001:db8::5/64"] }, home: { public: "203.0.113.7" } },
    "the public address 203.0.113.7 overlaps server-lan",
  ],
  [
    "overlapping hosts",
    { vantages: { a: { address: ["198.18.0.1"] }, b: { address: ["198.18.0.1"] } } },
    "b's address overlaps a (198.18.0.1)",
  ],
  [
    "overlapping interfaces",
    {
      server: [
        { address: ["10.1.0.5/16"], ipv6: false },
        { address: ["10.1.2.5/24"], ipv6: false },
      ],
    },
    "overlaps server-lan",
  ],
  [
    "home's network at the server",
    { server: { address: ["192.168.1.5/24", "2001:db8::5/64"] }, home: { address: ["192.168.1.10/24"] } },
    "overlaps",
  ],
  [
    "the same interface twice",
    {
      server: [
        { interface: "eth0", address: ["133.1.17.5/24"], ipv6: false },
        { interface: "eth0", address: ["10.1.2.5/24"], ipv6: false },
      ],
    },
    "duplicate interface eth0",
  ],
  ["server as vantage", { vantages: { server: { address: ["198.18.0.1"] } } }, "server does not belong under `vantages`"],
  ["home-lan elsewhere", { vantages: { "home-lan": { lan: "server" } } }, "home-lan is on home's LAN by definition"],
  ["a router's name", { vantages: { "home-router": { address: ["198.18.0.1"] } } }, "home-router is the name of one of the lab's routers"],
])("network fault: %s", (_, network, message) => {
  expect(messages(network)).toEqual(expect.arrayContaining([expect.stringContaining(message)]));
});

// Small ranges, so that drawn networks often meet.
const octet = fc.integer({ min: 1, max: 12 });
const cidr4 = fc
  .tuple(fc.constantFrom("10.0", "192.168", "203.0.113", "198.51"), octet, octet, fc.constantFrom(16, 24, 28, 29))
  .map(([start, three, four, prefix]) => {
    const parts = start.split(".").length === 3 ? `${start}.${four}` : `${start}.${three}.${four}`;
    return `${parts}/${prefix}`;
  });
const cidr6 = fc
  .tuple(fc.constantFrom("7", "50", "66", "17", "100"), octet)
  .map(([net, host]) => `2001:db8:${net}::${host.toString(16)}/64`);
const host4 = fc.tuple(octet, octet).map(([three, four]) => `198.18.${three}.${four}`);
const serverInterface = fc.record({
  address: fc
    .tuple(fc.array(cidr4, { minLength: 1, maxLength: 2 }), fc.array(cidr6, { minLength: 1, maxLength: 2 }))
    .map((both) => both.flat()),
});
const vantage = fc.oneof(
  fc.constantFrom("server", "home", "other-lan").map((lan) => ({ lan })),
  fc.tuple(fc.constantFrom("server", "home"), cidr4).map(([lan, address]) => ({ lan, address: [address] })),
  fc.tuple(fc.constantFrom("none" as const, "nat" as const), host4).map(([behind, address]) => ({ behind, public: address })),
  host4.map((address) => ({ behind: ["nat", "cgnat"] as ["nat", "cgnat"], public: address })),
  host4.map((address) => ({ address: [address] })),
  fc.tuple(host4, octet).map(([address, last]) => ({ address: [address, `2001:db8:66::${last.toString(16)}`] })),
);
const network = fc.record(
  {
    server: fc.oneof(serverInterface, fc.array(serverInterface, { minLength: 1, maxLength: 3 })),
    vantages: fc.dictionary(fc.constantFrom("campus", "internet", "other-lan", "home-lan", "cafe", "office", "z-lan"), vantage, {
      maxKeys: 4,
    }),
    home: fc.record({ behind: fc.constantFrom("nat" as const, "none" as const), public: host4 }, { requiredKeys: [] }),
  },
  { requiredKeys: [] },
);

test("public addresses that the policy leaves open keep out of the way of its networks", () => {
  const publics = (network: Policy["network"]) => {
    const { routers } = labSpecOf(withNetwork(network));
    return [routers.isp, routers["other-router"]].map((router) => router?.uplink?.address);
  };
  const server = { address: ["203.0.113.130/24", "2001:db8:100::10/64"] };
  expect(publics({ server: { address: ["133.1.17.5/24", "2001:db8:100::10/64"] } })).toEqual(["203.0.113.7", "203.0.113.50"]);
  expect(publics({ server })).toEqual(["192.0.2.7", "192.0.2.50"]);
  expect(publics({ server: { address: ["203.0.113.130/25", "2001:db8:100::10/64"] } })).toEqual(["203.0.113.7", "203.0.113.50"]);
  expect(publics({ server, vantages: { internet: { address: ["192.0.2.7"] } } })).toEqual(["198.18.0.7", "192.0.2.50"]);
  expect(publics({ server, home: { public: "45.13.7.9" } })).toEqual(["45.13.7.9", "192.0.2.50"]);
});

test("whatever the network: faults, or a lab in which every address is one host's and fits its wire", { timeout: 120_000 }, () => {
  let built = 0;
  fc.assert(
    fc.property(network, (drawn) => {
      const policy = withNetwork(drawn as Policy["network"]);
      policySchema.parse(policy);
      const spec = specUnlessFaulty(policy);
      if (!spec) return;
      built++;
      expect(Object.keys(spec.hosts).sort()).toEqual(vantagesOf(policy).sort());
      for (const [name, host] of Object.entries(spec.hosts)) {
        for (const wire of host.interfaces) expectOnWire(spec, name, wire);
        const families = new Set(host.interfaces.flatMap((wire) => wire.addresses.map((address) => address.includes(":"))));
        expect(families, `${name} has both families`).toEqual(new Set([true, false]));
      }
      expectUniqueOnLans(spec);
      expectUniqueOnInternet(spec);
    }),
    { numRuns: 1500 },
  );
  expect(built).toBeGreaterThan(100);
});

function specUnlessFaulty(policy: Policy): LabSpec | undefined {
  try {
    return labSpecOf(policy);
  } catch (error) {
    if (error instanceof PolicyErrors) return undefined;
    throw error;
  }
}

function expectOnWire(spec: LabSpec, host: string, { link, addresses }: InterfaceSpec): void {
  expect(addresses.length, host).toBeGreaterThan(0);
  if ("router" in link) {
    for (const address of addresses) expect(parseAddress(address), address).toBeDefined();
    expect(addresses.some((address) => address.includes(":"))).toBe(true);
    return;
  }
  const { lan } = link;
  const { ipv4 = "", isolated } = spec.lans[lan] ?? {};
  // Where a private network has no room for its router, the network itself says what is on it.
  const gateways = Object.values(spec.routers).flatMap(({ lans }) =>
    (lans[lan] ?? []).map((address) => parseInterface(isolated?.includes(4) && address.endsWith("/32") ? ipv4 : address) as Interface),
  );
  for (const address of addresses) {
    const parsed = parseInterface(address) as Interface;
    const gateway = gateways.find((one) => networkOf(one) === networkOf(parsed));
    expect(gateway, `${address} on ${lan}`).toBeDefined();
    expect(isHostAddress(gateway as Interface, toNumber(parsed))).toBe(true);
    expect(contains(gateway as Interface, parsed)).toBe(true);
  }
}

/** No two hosts of a LAN, its routers among them, have the same address. */
function expectUniqueOnLans(spec: LabSpec): void {
  const ofHosts = Object.values(spec.hosts).flatMap(({ interfaces }) =>
    interfaces.flatMap(({ link, addresses }) => ("lan" in link ? addresses.map((address) => ({ lan: link.lan, address })) : [])),
  );
  const ofRouters = Object.values(spec.routers).flatMap(({ lans }) =>
    Object.entries(lans).flatMap(([lan, addresses]) => addresses.map((address) => ({ lan, address }))),
  );
  for (const [lan, found] of Map.groupBy([...ofHosts, ...ofRouters], (one) => one.lan)) {
    const addresses = found.map(({ address }) => address.split("/")[0]);
    expect(new Set(addresses).size, `${lan}: ${addresses}`).toBe(addresses.length);
  }
}

/** Nothing that is routed stands twice. */
function expectUniqueOnInternet(spec: LabSpec): void {
  const singles = Object.values(spec.hosts).flatMap(({ interfaces }) =>
    interfaces.flatMap(({ link, addresses }) => ("router" in link ? addresses : [])),
  );
  const publics = Object.values(spec.routers).flatMap(({ uplink }) => (uplink?.address ? [uplink.address] : []));
  const all = [...singles, ...publics];
  expect(new Set(all).size).toBe(all.length);
  const networks = Object.entries(spec.lans).flatMap(([lan, { ipv4, ipv6 }]) =>
    [ipv4, ipv6].flatMap((text) => (text === undefined ? [] : [{ lan, network: parseInterface(text) as Interface }])),
  );
  for (const one of networks) {
    for (const address of all) expect(contains(one.network, parseAddress(address) as Address), `${address} in ${one.lan}`).toBe(false);
    for (const other of networks.filter((each) => each !== one && !mayShare(one, each)))
      expect(overlaps(one.network, other.network), `${one.lan} and ${other.lan}`).toBe(false);
  }
}

interface LanNetwork {
  lan: string;
  network: Interface;
}

/** Two home LANs may well have the same private network. */
function mayShare(one: LanNetwork, other: LanNetwork): boolean {
  const homes = ["home-lan", "other-lan"];
  return one.network.family === 4 && homes.includes(one.lan) && homes.includes(other.lan);
}
