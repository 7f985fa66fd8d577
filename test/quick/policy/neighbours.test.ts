/** Each network of a server has somebody on it: a neighbour that the lab adds where the policy places nobody. */
import { describe, expect, test } from "vitest";
import type { LabSpec } from "../../../harness/core/lab-spec.ts";
import { unvisitedInterfaces } from "../../../harness/lab/unvisited-interfaces.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import { vantagesOf } from "../../../harness/policy/network-plan.ts";
import { type Policy, policySchema, statedVantages } from "../../../harness/policy/policy.ts";
import { PolicyErrors } from "../../../harness/policy/policy-errors.ts";
import { policyOf } from "../judgement/sample.ts";

const forwards = { rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [] } };
const withNetwork = (network: Policy["network"], more: Partial<Policy> = {}): Policy => {
  const policy = { ...policyOf(forwards, { network }), ...more };
  policySchema.parse(policy);
  return policy;
};

/** Host, LAN and addresses of what the lab adds. */
function added(policy: Policy): Record<string, { lan: string; addresses: string[] }> {
  const spec = labSpecOf(policy);
  const names = vantagesOf(policy).filter((name) => !statedVantages(policy).includes(name));
  expect(Object.keys(spec.hosts).sort()).toEqual(vantagesOf(policy).sort());
  expect(Object.keys(spec.hosts).filter((name) => spec.hosts[name]?.added)).toEqual(names);
  return Object.fromEntries(names.map((name) => [name, onLan(spec, name)]));
}

function onLan({ hosts }: LabSpec, name: string): { lan: string; addresses: string[] } {
  const [wire, ...more] = hosts[name]?.interfaces ?? [];
  expect([hosts[name]?.kind, hosts[name]?.added, more]).toEqual(["namespace", true, []]);
  return { lan: wire && "lan" in wire.link ? wire.link.lan : "", addresses: wire?.addresses ?? [] };
}

const front = { interface: "eth0", address: ["198.51.100.10/24", "2001:db8:100::10/64"] };
const back = { interface: "eth1", address: ["10.20.0.5/16"], ipv6: false as const };

describe("a neighbour where the policy places nobody", () => {
  test("a network with a host has none; one that the host leaves has one again", () => {
    expect(added(policyOf(forwards))).toEqual({});
    expect(added(withNetwork({ server: [front, back], vantages: { db: { lan: "eth1" } } }))).toEqual({});
    expect(added(withNetwork({ server: [front, back], vantages: { db: { lan: "server" } } }))).toEqual({
      "server-lan-eth1": { lan: "server-lan-eth1", addresses: ["10.20.0.20/16"] },
    });
  });

  test("stands on the server's first network, too, if campus is elsewhere", () => {
    expect(added(withNetwork({ server: front, vantages: { campus: { address: ["192.0.2.80"] } } }))).toEqual({
      "server-lan": { lan: "server-lan", addresses: ["198.51.100.20/24", "2001:db8:100::20/64"] },
    });
  });

  test("a routed network, one without addresses of its own and one with its gateway elsewhere", () => {
    const server = [
      front,
      { interface: "eno2", address: ["133.1.18.5/24", "2001:db8:18::5/64"] },
      { interface: "wg0" },
      { interface: "tailscale0", address: ["10.9.0.1/32"], ipv6: false as const },
    ];
    expect(added(withNetwork({ server }))).toMatchObject({
      "server-lan-eno2": { addresses: ["133.1.18.20/24", "2001:db8:18::20/64"] },
      "server-lan-wg0": { addresses: [expect.stringMatching(/\.20\/16$/), expect.stringMatching(/::20\/64$/)] },
      "server-lan-tailscale0": { addresses: [expect.stringMatching(/^10\.9\.0\.\d\/29$/)] },
    });
  });

  test("as far as there is room beside the server and the gateway", () => {
    const second = (...address: string[]) => {
      const six = address.some((each) => each.includes(":")) ? {} : { ipv6: false as const };
      return withNetwork({ server: [front, { interface: "eno2", address, ...six }] });
    };
    expect(added(second("133.1.18.2/30"))).toEqual({});
    expect(added(second("133.1.18.2/30", "2001:db8:18::2/64"))["server-lan-eno2"]?.addresses).toEqual(["2001:db8:18::20/64"]);
    expect(added(second("133.1.18.2/29"))["server-lan-eno2"]?.addresses).toEqual(["133.1.18.3/29"]);
    const four = ["133.1.18.2/29", "133.1.18.3/29", "133.1.18.4/29", "133.1.18.5/29"];
    expect(added(second(...four))["server-lan-eno2"]?.addresses).toEqual(["133.1.18.6/29"]);
    expect(added(second(...four, "133.1.18.6/29"))).toEqual({});
  });

  test("a private network for the server and its peer alone: the lab's router has an address of another network", () => {
    const wg = (...address: string[]) => ({ interface: "wg0", address, ipv6: false as const });
    const alone = withNetwork({ server: [front, wg("10.8.0.2/30"), { ...wg("10.8.0.5/30"), interface: "wg1" }] });
    expect(added(alone)).toMatchObject({
      "server-lan-wg0": { addresses: ["10.8.0.1/30"] },
      "server-lan-wg1": { addresses: ["10.8.0.6/30"] },
    });
    const lans = (policy: Policy) => labSpecOf(policy).routers.core?.lans;
    expect(lans(alone)).toMatchObject({ "server-lan-wg0": ["192.0.0.254/32"], "server-lan-wg1": ["192.0.0.254/32"] });
    const peer = withNetwork({ server: [front, wg("10.8.0.2/30")], vantages: { peer: { lan: "wg0", address: ["10.8.0.1/30"] } } });
    expect(lans(peer)?.["server-lan-wg0"]).toEqual(["192.0.0.254/32"]);
    // The control: one more has room, and the router is one of them.
    expect(lans(withNetwork({ server: [front, wg("10.8.0.2/29")] }))?.["server-lan-wg0"]).toEqual(["10.8.0.1/29"]);
    const third = withNetwork({ server: [front, wg("10.8.0.2/30")], vantages: { one: { lan: "wg0" }, two: { lan: "wg0" } } });
    expect(errorsOf(third)[0]).toContain("the network 10.8.0.0/30 of server-lan-wg0 has no free address for ");
  });

  test("not among the server's own containers and guests", () => {
    const own = ["docker0", "br-0123456789ab", "virbr0"].map((name, at) => ({
      interface: name,
      address: [`172.1${at}.0.1/16`],
      ipv6: false as const,
    }));
    expect(added(withNetwork({ server: [front, ...own] }))).toEqual({});
    expect(Object.keys(added(withNetwork({ server: [front, { ...back, interface: "br-lan" }] })))).toEqual(["server-lan-br-lan"]);
  });

  test("of every server; two servers on one network are each other's neighbours", () => {
    const servers = { inner: { sshd_config: "inner" }, cloud: { sshd_config: "cloud" } };
    const network = {
      server: [front, back],
      servers: {
        inner: [
          { interface: "eth0", lan: "eth1", address: ["10.20.0.7/16"], ipv6: false as const },
          { interface: "eth1", address: ["10.30.0.7/24"], ipv6: false as const },
        ],
        cloud: { address: ["172.31.5.10/20"], ipv6: false as const, behind: "nat" as const, public: "203.0.113.150" },
      },
    };
    expect(added(withNetwork(network, { servers }))).toMatchObject({
      "inner-lan-eth1": { lan: "inner-lan-eth1" },
      "cloud-lan": { lan: "cloud-lan" },
    });
    const behind = {
      servers: { inner: servers.inner },
      network: { vantages: { inner: { behind: "nat" as const, public: "203.0.113.60" } } },
    };
    expect(Object.keys(added({ ...policyOf(forwards), ...behind }))).toEqual(["inner-lan"]);
  });

  test("is named by a host name, whatever the interface is called", () => {
    const named = (...names: string[]) =>
      Object.keys(
        added(withNetwork({ server: [front, ...names.map((name, at) => ({ ...back, interface: name, address: [`10.2${at}.0.5/24`] }))] })),
      );
    expect(named("eth0.100", "Vlan_7-", "wg0")).toEqual(["server-lan-eth0-100", "server-lan-vlan-7", "server-lan-wg0"]);
  });

  test("can be expected and waived like any vantage point; its name is nobody else's", () => {
    const named = { rdp: { ssh: "-R :43234:localhost:3389", reachable_from: ["server-lan-eth1"] } };
    expect(() => labSpecOf(policyOf(named, { network: { server: [front, back] } }))).not.toThrow();
    const placed = withNetwork({ server: [front, back], vantages: { "server-lan-eth1": { lan: "eth1", address: ["10.20.9.9/16"] } } });
    expect(added(placed)).toEqual({});
    const elsewhere = withNetwork({ server: [front, back], vantages: { "server-lan-eth1": { address: ["192.0.2.80"] } } });
    expect(errorsOf(elsewhere)).toEqual(["server-lan-eth1 is the lab's own neighbour on the network of server's eth1"]);
  });
});

test("unvisited are the server's own containers, unless their network is routed, and a network that is the server's alone", () => {
  const unvisited = (...more: { interface: string; address: string[] }[]) =>
    unvisitedInterfaces(labSpecOf(withNetwork({ server: [front, ...more.map((each) => ({ ...each, ipv6: false as const }))] })), "server");
  const more = [
    { interface: "wg0", address: ["10.8.0.1/30"] },
    { interface: "wg1", address: ["10.8.1.1/30", "10.8.1.2/30"] },
    { interface: "docker0", address: ["172.17.0.1/16"] },
  ];
  expect(unvisited(back, ...more)).toEqual(["wg1", "docker0"]);
  expect(unvisited({ interface: "eno2", address: ["133.1.18.2/30"] })).toEqual([]);
});

function errorsOf(policy: Policy): string[] {
  try {
    labSpecOf(policy);
    return [];
  } catch (error) {
    if (error instanceof PolicyErrors) return error.errors.map(({ message }) => message);
    throw error;
  }
}
