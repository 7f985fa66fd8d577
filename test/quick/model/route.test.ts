/** The way through routers: NAT, port forwards, filters, networks that are routed nowhere. */
import { describe, expect, test } from "vitest";
import { targetsOf } from "../../../harness/core/cells.ts";
import { articleLab, type LabSpec } from "../../../harness/core/lab-spec.ts";
import { planWiring } from "../../../harness/lab/wiring.ts";
import { reach } from "../../../harness/openssh/model/reach.ts";
import { wayTo } from "../../../harness/openssh/model/route.ts";
import { labSpecOf } from "../../../harness/policy/network.ts";
import { policyOf } from "../judgement/sample.ts";

const spec = articleLab();
const server4 = { host: "server", address: "198.51.100.10", port: 43234, family: 4 as const };
const server6 = { host: "server", address: "2001:db8:100::10", port: 43234, family: 6 as const };
const any4 = { address: "0.0.0.0", port: 3389, family: 4 as const };
const any6 = { address: "::", port: 3389, family: 6 as const };

describe("source as the server sees it", () => {
  test.each([
    ["campus", "198.51.100.20", "2001:db8:100::20"],
    ["internet", "192.0.2.66", "2001:db8:66::66"],
    ["other-lan", "203.0.113.50", "2001:db8:50::10"],
    ["home", "203.0.113.7", "2001:db8:7::10"],
    ["home-lan", "203.0.113.7", "2001:db8:7::20"],
  ])("%s", (vantage, ipv4, ipv6) => {
    expect(wayTo(spec, vantage, server4)).toMatchObject({ arrives: true, source: ipv4 });
    expect(wayTo(spec, vantage, server6)).toMatchObject({ arrives: true, source: ipv6 });
  });
});

describe("out of a server's private network", () => {
  const withNetwork = (address: string) =>
    labSpecOf(
      policyOf(
        { rdp: { ssh: "-R :43234:localhost:3389", reachable_from: [] } },
        {
          network: {
            server: [
              { interface: "wg0", address: [address], ipv6: false },
              { interface: "eth0", address: ["198.51.100.10/24", "2001:db8:100::10/64"] },
            ],
            vantages: { peer: { lan: "wg0" } },
          },
        },
      ),
    );
  const ways = (lab: LabSpec, vantage: string) =>
    targetsOf(lab, vantage, "server").map(({ address, via, routed }) => {
      const way = wayTo(lab, vantage, { host: "server", address, port: 1, family: address.includes(":") ? 6 : 4, ...(via ? { via } : {}) });
      return [via ? `${address} via ${via}` : address, routed, way.arrives ? `${way.source} by ${way.by}` : `${way.because} at ${way.at}`];
    });

  test("there is no way but the server's own address there, and the server as next hop", () => {
    const [, own = ""] = /^(.*)\/24$/.exec(withNetwork("10.8.0.1/24").hosts.peer?.interfaces[0]?.addresses[0] ?? "") ?? [];
    expect(ways(withNetwork("10.8.0.1/24"), "peer")).toEqual([
      ["10.8.0.1", true, `${own} by wg0`],
      ["198.51.100.10", false, "no-route at core"],
      ["2001:db8:100::10", false, "no-address at peer"],
      ["198.51.100.10 via 10.8.0.1", true, `${own} by wg0`],
    ]);
  });

  test("control: a public network leads on", () => {
    const lab = withNetwork("198.18.5.1/24");
    expect(ways(lab, "peer").map(([address, routed]) => [address, routed])).toContainEqual(["198.51.100.10", true]);
    expect(ways(lab, "internet").map(([address, routed]) => [address, routed])).toContainEqual(["198.18.5.1", true]);
  });

  test("a server with a private first interface leaves by the other", () => {
    const { steps } = planWiring(withNetwork("10.8.0.1/24")).containers;
    expect(
      steps.flatMap(({ namespace, ip = [] }) => (namespace === "server" ? ip.filter((line) => line.includes("default")) : [])),
    ).toEqual(["route add default via 198.51.100.1 dev eth0", "route add default via 2001:db8:100::1 dev eth0"]);
  });
});

describe("towards home", () => {
  const verdict = (lab: LabSpec, vantage: string, family: 4 | 6, port = 3389) =>
    reach({ spec: lab, host: "home", port, listeners: [any4, any6], vantages: [vantage] }).find((cell) => cell.family === family)?.verdict;

  test("NAT and home router let nobody in", () => {
    for (const vantage of ["server", "campus", "internet", "other-lan"])
      for (const family of [4, 6] as const) expect(verdict(spec, vantage, family)).toBe("filtered");
    expect(verdict(spec, "home-lan", 4)).toBe("reached");
  });

  test("a port forward on the only NAT leads in; behind CG-NAT it does not", () => {
    const to = { address: "192.168.1.10", port: 3389 };
    const forwarding = (lab: LabSpec): LabSpec => ({
      ...lab,
      routers: {
        ...lab.routers,
        "home-router": { ...lab.routers["home-router"], lans: lab.routers["home-router"]?.lans ?? {}, portForwards: [{ port: 43389, to }] },
      },
    });
    const single = labSpecOf(policyOf({}, { network: { home: { behind: "nat", port_forward: { 43389: 3389 } } } }));
    expect(verdict(single, "internet", 4, 43389)).toBe("reached");
    expect(verdict(single, "internet", 4, 43390)).toBe("filtered");
    expect(verdict(forwarding(spec), "internet", 4, 43389)).toBe("filtered");
  });

  test("without NAT everybody gets there", () => {
    const open = labSpecOf(policyOf({}, { network: { home: { behind: "none", public: "203.0.113.7" } } }));
    expect(verdict(open, "internet", 4)).toBe("reached");
  });
});

test("a back network is routed nowhere", () => {
  const lab = labSpecOf(
    policyOf(
      {},
      {
        network: {
          server: [{ address: ["133.1.17.5/24", "2001:db8:17::5/64"] }, { interface: "eth1", address: ["10.20.0.5/16"], ipv6: false }],
          vantages: { backup: { lan: "eth1" } },
        },
      },
    ),
  );
  const cells = reach({ spec: lab, host: "server", port: 3389, listeners: [any4, any6] });
  const at = (vantage: string) => cells.find((cell) => cell.vantage === vantage && cell.address === "10.20.0.5")?.verdict;
  expect(at("internet")).toBe("unreachable");
  expect(at("backup")).toBe("reached");
  expect(at("server")).toBe("reached");
});

test("another service answers where the forward does not listen", () => {
  const cells = reach({
    spec,
    host: "server",
    port: 8080,
    listeners: [{ address: "::", port: 8080, family: 6 }],
    others: [{ address: "0.0.0.0", port: 8080 }],
  });
  expect(new Set(cells.filter(({ family }) => family === 4).map(({ verdict }) => verdict))).toEqual(new Set(["wrong-service"]));
  expect(new Set(cells.filter(({ family }) => family === 6).map(({ verdict }) => verdict))).toEqual(new Set(["reached"]));
});

describe("the link-local address", () => {
  const asked = { spec, host: "server", port: 43234, listeners: [any4, any6].map((each) => ({ ...each, port: 43234 })) };
  const verdicts = (more: Partial<Parameters<typeof reach>[0]>, vantage = "campus") =>
    reach({ ...asked, ...more, vantages: [vantage] }).map(({ target, verdict }) => `${target} ${verdict}`);
  const [global4, global6, linkLocal] = ["198.51.100.10:43234", "[2001:db8:100::10]:43234", "[fe80::10%eth0]:43234"];

  test("is told where it lets a neighbour in further, and is there all the same where it does not", () => {
    expect(verdicts({})).toEqual([`${global4} reached`, `${global6} reached`]);
    expect(verdicts({ everyLinkLocal: true })).toContain(`${linkLocal} reached`);
    const firewall = (source: string) => ({
      firewalls: { server: { rules: [{ source, action: "accept" as const }], default: "drop" as const } },
    });
    expect(verdicts(firewall("fe80::/10"))).toEqual([`${global4} filtered`, `${global6} filtered`, `${linkLocal} reached`]);
    expect(verdicts(firewall("2001:db8:100::/64"))).toEqual([`${global4} filtered`, `${global6} reached`]);
    expect(verdicts({ ...firewall("2001:db8:100::/64"), everyLinkLocal: true })).toContain(`${linkLocal} filtered`);
    expect(verdicts({ everyLinkLocal: true, ...firewall("fe80::10/128") })).toContain(`${linkLocal} filtered`);
    expect(verdicts({ everyLinkLocal: true, ...firewall("fe80::20/128") })).toContain(`${linkLocal} reached`);
  });

  test("is for neighbours, and for listeners on every address", () => {
    const targets = (vantage: string) => verdicts({ everyLinkLocal: true }, vantage).filter((line) => line.includes("%"));
    expect(["server", "internet", "home"].flatMap(targets)).toEqual([]);
    const listeners = [{ address: "2001:db8:100::10", port: 43234, family: 6 as const }];
    expect(verdicts({ everyLinkLocal: true, listeners })).toContain(`${linkLocal} refused`);
  });

  test("without another address of IPv6, a listener of IPv6 alone is reached there", () => {
    const network = { server: { address: ["198.51.100.10/24"], ipv6: false as const } };
    const only4 = labSpecOf(policyOf({}, { network }));
    const listeners = [{ ...any6, port: 43234 }];
    expect(verdicts({ spec: only4, listeners })).toEqual([`${global4} refused`, "[fe80::fd:1%eth0]:43234 reached"]);
  });

  test("a port that is led elsewhere stays at it", () => {
    const redirections = [{ port: 443, to: { port: 43234 } }];
    const led = { tried: 443, everyLinkLocal: true, firewalls: { server: { redirections, rules: [], default: "accept" as const } } };
    expect(verdicts(led)).toContain("[fe80::10%eth0]:443 reached");
  });
});
