import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { articleLab, type LabSpec } from "../../../harness/core/lab-spec.ts";
import { expectedInterfaces, planWiring, type WiringPlan } from "../../../harness/lab/wiring.ts";

/** All `ip` lines, each with the namespace it runs in. */
function lines({ gear, containers }: WiringPlan): { namespace: string; line: string }[] {
  return [...gear.steps, ...containers.steps].flatMap(({ namespace, ip = [] }) => ip.map((line) => ({ namespace, line })));
}

/** Interfaces that the plan makes, by namespace; loopback not counted. */
function made(plan: WiringPlan): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (namespace: string, name: string) => found.set(namespace, [...(found.get(namespace) ?? []), name]);
  for (const { namespace, line } of lines(plan)) {
    const parts = /^link add name (\S+)(?: netns \{ns:([^}]+)\})? type (\S+)(?: peer name (\S+) netns \{ns:([^}]+)\})?/.exec(line);
    if (!parts) continue;
    add(parts[2] ?? namespace, parts[1] as string);
    if (parts[4]) add(parts[5] as string, parts[4]);
  }
  return found;
}

const name = fc
  .tuple(fc.constantFrom("a", "to-office", "headquarters-of-the-company", "headquarters-of-the-compound"), fc.nat({ max: 30 }))
  .map(([stem, number]) => `${stem}-${number}`);

/** Specs of any size: one core, routers below it in any depth, LANs and single hosts on any of them. Names are long and alike. */
const specs = fc
  .record({
    routers: fc.uniqueArray(name, { maxLength: 5 }),
    lans: fc.uniqueArray(name, { minLength: 1, maxLength: 5 }),
    hosts: fc.uniqueArray(name, { maxLength: 5 }),
    picks: fc.infiniteStream(fc.nat()),
  })
  .map(({ routers, lans, hosts, picks }): LabSpec => {
    const pick = <Item>(items: readonly Item[]) => items[(picks.next().value as number) % items.length] as Item;
    const routerNames = routers.map((each) => `r-${each}`);
    const spec: LabSpec = { lans: {}, routers: { core: { lans: {} } }, hosts: {} };
    for (const [at, router] of routerNames.entries()) {
      spec.routers[router] = {
        uplink: { router: pick(["core", ...routerNames.slice(0, at)]), address: `203.0.113.${at + 1}` },
        lans: {},
        nat: pick(["none", "masquerade"] as const),
        inbound: pick(["drop", "accept"] as const),
      };
    }
    for (const [at, lan] of lans.entries()) {
      spec.lans[lan] = { ipv4: `10.${at}.0.0/24`, ipv6: `2001:db8:${at}::/64` };
      (spec.routers[pick(["core", ...routerNames])] as { lans: Record<string, string[]> }).lans[lan] = [
        `10.${at}.0.1/24`,
        `2001:db8:${at}::1/64`,
      ];
    }
    for (const [at, host] of hosts.entries()) {
      const lan = pick(lans);
      const number = lans.indexOf(lan);
      const alone = pick([true, false]);
      spec.hosts[`h-${host}`] = {
        kind: pick(["container", "namespace"] as const),
        interfaces: [
          alone
            ? {
                name: "eth0",
                link: { router: pick(["core", ...routerNames]) },
                addresses: [`192.0.2.${at + 1}`, `2001:db8:ffff::${at + 1}`],
              }
            : { name: "eth0", link: { lan }, addresses: [`10.${number}.0.${at + 10}/24`, `2001:db8:${number}::${at + 10}/64`] },
          { name: "a-long-name-15b", link: { lan: pick(lans) }, addresses: [] },
        ],
      };
    }
    return spec;
  });

describe("a plan of any lab", () => {
  test("names each interface in at most 15 bytes, once in its namespace, and as the self-check expects", () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const expected = expectedInterfaces(spec);
        for (const [namespace, names] of made(planWiring(spec))) {
          for (const each of names) expect(Buffer.byteLength(each), `${each} in ${namespace}`).toBeLessThanOrEqual(15);
          expect(new Set(names).size, `${namespace}: ${names.join(" ")}`).toBe(names.length);
          if (namespace !== "switch") expect(["lo", ...names].sort()).toEqual(expected[namespace]);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("gives each router an address of its own on the wires below it, and repeats no line", () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const all = lines(planWiring(spec));
        const uppers = new Map<string, Set<string>>();
        for (const { namespace, line } of all) {
          const upper = /^addr add (192\.0\.0\.\d+) peer (?!192\.0\.0\.)/.exec(line)?.[1];
          if (upper) uppers.set(upper, (uppers.get(upper) ?? new Set()).add(namespace));
        }
        for (const owners of uppers.values()) expect(owners.size).toBe(1);
        const keys = all.map(({ namespace, line }) => `${namespace} ${line}`);
        expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test("uses nothing before it is there: namespaces, then wires, then addresses on them", () => {
    fc.assert(
      fc.property(specs, (spec) => {
        const plan = planWiring(spec);
        const known = new Set([...plan.gear.namespaces, ...Object.keys(spec.hosts)]);
        const there = new Set<string>();
        for (const { namespace, line } of lines(plan)) {
          expect(known.has(namespace), namespace).toBe(true);
          const link = /^link add name (\S+)(?: netns \{ns:([^}]+)\})? type \S+(?: peer name (\S+) netns \{ns:([^}]+)\})?/.exec(line);
          if (link) {
            there.add(`${link[2] ?? namespace} ${link[1]}`);
            if (link[3]) there.add(`${link[4]} ${link[3]}`);
          } else {
            const device = / dev (\S+)/.exec(line)?.[1];
            if (device && device !== "lo") expect(there.has(`${namespace} ${device}`), `${namespace}: ${line}`).toBe(true);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});

test("the article's lab: two LANs with the same subnet, and no wire between them", () => {
  const spec = articleLab();
  expect(spec.lans["home-lan"]?.ipv4).toBe(spec.lans["other-lan"]?.ipv4);
  const masters = lines(planWiring(spec)).flatMap(({ line }) => /^link set dev (\S+) master (\S+)$/.exec(line)?.slice(1) ?? []);
  expect(masters.length / 2).toBe(8);
  expect(expectedInterfaces(spec)).toMatchObject({
    core: ["lo", "server-lan", "to-internet", "to-isp", "to-other-router"],
    home: ["eth0", "lo"],
    "home-router": ["home-lan", "lo", "uplink"],
  });
});

test("a router with an address outside of a LAN is told the way there, and its hosts the way to it", () => {
  const article = articleLab();
  const routes = (gateway: string, address: string, ipv4: string, isolated: LabSpec["lans"][string]["isolated"] = []) => {
    const back: LabSpec = {
      lans: { ...article.lans, back: { ipv4, isolated } },
      routers: { ...article.routers, core: { lans: { ...article.routers.core?.lans, back: [gateway] } } },
      hosts: { ...article.hosts, peer: { kind: "namespace", interfaces: [{ name: "eth0", link: { lan: "back" }, addresses: [address] }] } },
    };
    const found = lines(planWiring(back)).filter(({ namespace, line }) => namespace === "peer" || line.includes(` ${ipv4} `));
    return found.flatMap(({ namespace, line }) => (line.startsWith("route ") ? [`${namespace}: ${line}`] : []));
  };
  const [way] = routes("192.0.0.254/32", "10.8.0.1/30", "10.8.0.0/30");
  expect(way).toMatch(/^core: route add 10\.8\.0\.0\/30 dev \S+$/);
  expect(routes("192.0.0.254/32", "10.8.0.1/30", "10.8.0.0/30").slice(1)).toEqual([
    "peer: route add default via 192.0.0.254 dev eth0 onlink",
  ]);
  expect(routes("10.8.0.2/30", "10.8.0.1/32", "10.8.0.0/30")).toEqual(["peer: route add default via 10.8.0.2 dev eth0 onlink"]);
  expect(routes("10.8.0.2/30", "10.8.0.1/30", "10.8.0.0/30")).toEqual(["peer: route add default via 10.8.0.2 dev eth0"]);
  // As a VPN has it: nothing but that interface leads to its peers.
  expect(routes("10.8.0.2/30", "10.8.0.1/32", "10.8.0.0/30", [4])).toEqual([
    "peer: route add 10.8.0.0/30 dev eth0",
    "peer: route add default via 10.8.0.2 dev eth0 onlink",
  ]);
  expect(routes("10.8.0.2/30", "10.8.0.1/30", "10.8.0.0/30", [4])).toEqual(["peer: route add default via 10.8.0.2 dev eth0"]);
});
