/** The lab's own controls: run before any verdict is given. A lab that fails one gives none. */

import { BlockList } from "node:net";
import { targetsOf } from "../core/cells.ts";
import { type LabSpec, lansOf, leadsTo } from "../core/lab-spec.ts";
import type { Check } from "../core/self-check.ts";
import { hostSysctls } from "../lab/host-sysctls.ts";
import type { Lab } from "../lab/lab.ts";
import { expectedInterfaces, isIpv6 } from "../lab/wiring.ts";
import type { Prober } from "./probe.ts";

/** TCP "discard": what is asked of it does not matter, only where its SYN is seen. */
const controlPort = 9;
/** Milliseconds: kernels on one wire find each other, and deliver a SYN, in less than one. */
const unansweredMs = 50;
/** Addresses kept for documentation and benchmarks (RFC 5737, 2544, 3849, 9637, 5180); the first of each family that is not the lab's shows that there is no way out. */
const outside = {
  4: ["192.0.2.254", "198.18.255.254", "203.0.113.254", "198.51.100.254"],
  6: ["2001:db8:ffff::1", "3fff:ffff::1", "2001:2::1"],
} as const;

/** All controls of a lab around the hosts that run sshd. */
export async function selfCheck(lab: Lab, prober: Prober, servers: readonly string[] = ["server"]): Promise<Check[]> {
  const checks = await Promise.all([
    sidePathChecks(lab, prober),
    ...servers.map((server) => ingressChecks(lab, prober, server)),
    wireChecks(lab),
    sysctlChecks(lab),
  ]);
  return checks.flat();
}

/** The SYN of every other host arrives at the server's ingress, for each address that it can be reached by. */
async function ingressChecks(lab: Lab, prober: Prober, server: string): Promise<Check[]> {
  const hosts = Object.keys(lab.spec.hosts).filter((name) => name !== server);
  return Promise.all(
    hosts.flatMap((vantage) =>
      targetsOf(lab.spec, vantage, server)
        .filter(({ routed, via }) => routed && via === undefined)
        .flatMap((target) => controlPortOf(lab, target, server).map((port) => ({ ...target, port })))
        .map(async ({ address, port }): Promise<Check> => {
          const raw = await prober.raw({ vantage, address, port, targetHost: server, identity: "" }, "control");
          const ok = raw.sightings.some(({ at, way, flags }) => at === server && way === "in" && flags === "S");
          const seen = raw.sightings.filter(({ flags }) => flags === "S").map(({ at, way }) => `${way} ${at}`);
          return {
            name: `${vantage} reaches ${server}'s ingress at ${address}`,
            ok,
            code: "ingress-reached",
            params: { vantage, server, address, ...(ok ? {} : { seen }) },
            ...(ok ? {} : { detail: `SYN seen: ${seen.join(", ") || "nowhere"}` }),
          };
        }),
    ),
  );
}

/** A port by which the server can be reached at an address; none where a NAT publishes nothing. */
function controlPortOf(lab: Lab, { nat }: { nat?: string }, server: string): number[] {
  if (nat === undefined) return [controlPort];
  const router = lab.spec.routers[nat];
  const own = lab.host(server).addresses.map(({ address }) => address);
  const outside = [...(router?.portForwards ?? []).map(({ port }) => port), controlPort];
  return outside.filter((port) => own.includes(leadsTo(router, port)?.address ?? "")).slice(0, 1);
}

/** No host reaches anything outside, and hosts behind routers that let nothing in do not reach each other. */
async function sidePathChecks(lab: Lab, prober: Prober): Promise<Check[]> {
  const hosts = Object.entries(lab.spec.hosts);
  const closed = hosts
    .flatMap(([vantage]) =>
      hosts
        .filter(([other]) => other !== vantage && guarded(lab, other) && !shareLan(lab, vantage, other))
        .flatMap(([other]) =>
          lab
            .host(other)
            .addresses.filter(({ family }) => lab.host(vantage).addresses.some((own) => own.family === family))
            // Nobody answers for an address that looks like a neighbour's and is none: the SYN never leaves, and nothing more comes of it.
            .map(({ address }) => ({ vantage, other, address, neighbour: looksOnLink(lab, vantage, address) })),
        ),
    )
    // What waits for its whole deadline begins first.
    .sort((one, next) => Number(next.neighbour) - Number(one.neighbour))
    .map(async ({ vantage, other, address, neighbour }): Promise<Check> => {
      const deadlineMs = neighbour ? unansweredMs : 2_000;
      const raw = await prober.raw({ vantage, address, port: controlPort, targetHost: other, identity: "", deadlineMs }, "control");
      const ok = !raw.sightings.some(({ at, way, flags }) => at === other && at !== vantage && way === "in" && flags === "S");
      return {
        name: `${vantage} has no side path to ${other} at ${address}`,
        ok,
        code: "no-side-path",
        params: { vantage, other, address },
      };
    });
  const out = hosts.flatMap(([vantage]) =>
    outsideOf(lab.spec)
      .filter((address) => lab.host(vantage).addresses.some(({ family }) => (family === 6) === isIpv6(address)))
      .map(async (address): Promise<Check> => {
        const raw = await prober.raw({ vantage, address, port: controlPort, targetHost: "", identity: "" }, "control");
        const ok = raw.connect !== "connected" && raw.sightings.some(({ icmp }) => icmp !== undefined);
        return {
          name: `${vantage} cannot leave the lab (${address})`,
          ok,
          code: "cannot-leave",
          params: { vantage, address, ...(ok ? {} : { connect: raw.connect }) },
          ...(ok ? {} : { detail: `connect: ${raw.connect}` }),
        };
      }),
  );
  return Promise.all([...closed, ...out]);
}

/** One address of each family that belongs to no host, router or LAN of the lab. */
function outsideOf({ hosts, routers, lans }: LabSpec): string[] {
  const taken = new BlockList();
  const own = [
    ...Object.values(hosts).flatMap(({ interfaces }) => interfaces.flatMap(({ addresses }) => addresses)),
    ...Object.values(routers).flatMap((router) => [...Object.values(router.lans).flat(), router.uplink?.address ?? []].flat()),
    ...Object.values(lans).flatMap(({ ipv4, ipv6 }) => [ipv4 ?? [], ipv6 ?? []].flat()),
  ];
  for (const each of own) {
    const [address = "", prefix] = each.split("/");
    taken.addSubnet(address, Number(prefix ?? (isIpv6(each) ? 128 : 32)), isIpv6(each) ? "ipv6" : "ipv4");
  }
  return [outside[4].find((address) => !taken.check(address, "ipv4")), outside[6].find((address) => !taken.check(address, "ipv6"))].filter(
    (address) => address !== undefined,
  );
}

/** Within a network of the vantage point's own, as far as its kernel can tell. */
function looksOnLink(lab: Lab, vantage: string, address: string): boolean {
  const networks = new BlockList();
  for (const each of (lab.spec.hosts[vantage]?.interfaces ?? []).flatMap(({ addresses }) => addresses)) {
    const [own = "", length] = each.split("/");
    if (length !== undefined) networks.addSubnet(own, Number(length), isIpv6(own) ? "ipv6" : "ipv4");
  }
  return networks.check(address, isIpv6(address) ? "ipv6" : "ipv4");
}

/** Behind a router that drops what comes from its uplink. */
function guarded(lab: Lab, host: string): boolean {
  return lansOf(lab.spec, host).some((lan) =>
    Object.values(lab.spec.routers).some((router) => lan in router.lans && router.inbound === "drop"),
  );
}

function shareLan(lab: Lab, one: string, other: string): boolean {
  return lansOf(lab.spec, one).some((lan) => lansOf(lab.spec, other).includes(lan));
}

/** Every namespace has the lab's interfaces and no other; the fabric itself has none but loopback. */
async function wireChecks(lab: Lab): Promise<Check[]> {
  const found = await lab.fabric.request("interfaces");
  const expected = { ...expectedInterfaces(lab.spec), "": ["lo"] };
  return Object.entries(expected).map(([name, interfaces]): Check => {
    const got = (found[name] ?? []).join(" ");
    const wanted = interfaces.join(" ");
    const ok = got === wanted;
    return {
      name: `${name || "the fabric"} has the lab's interfaces and no other`,
      ok,
      code: "own-interfaces",
      params: { ...(name === "" ? {} : { host: name }), ...(ok ? {} : { found: got, expected: wanted }) },
      ...(ok ? {} : { detail: `found ${got}, expected ${wanted}` }),
    };
  });
}

/** Kernel settings are what a host would have, as the kernel says. */
async function sysctlChecks(lab: Lab): Promise<Check[]> {
  return Promise.all(
    Object.entries(lab.spec.hosts).map(async ([name, host]): Promise<Check> => {
      const wanted = hostSysctls(host);
      const got = await lab.fabric.request("settings", { namespace: name, keys: Object.keys(wanted) });
      // The kernel separates several values by tabs.
      const wrong = Object.entries(wanted)
        .filter(([key, value]) => got[key]?.split(/\s+/).join(" ") !== String(value).trim())
        .map(([key, value]) => `${key} is ${got[key]}, not ${value}`);
      return {
        name: `${name} has a host's kernel settings`,
        ok: wrong.length === 0,
        code: "host-settings",
        params: { host: name, ...(wrong.length === 0 ? {} : { wrong }) },
        ...(wrong.length === 0 ? {} : { detail: wrong.join("; ") }),
      };
    }),
  );
}
