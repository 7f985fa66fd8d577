/** What each NAT of the lab really does, measured: documentation of a NAT and its behaviour have disagreed before. */

import { randomBytes } from "node:crypto";
import { withoutPrefix } from "../core/address.ts";
import { enumerated } from "../core/enumerated.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { NatFact } from "../core/self-check.ts";
import type { Lab } from "../lab/lab.ts";
import type { Prober } from "./probe.ts";
import { startService } from "./services.ts";

/** Any port that the article lab does not use; the observers answer on it. */
const observerPort = 3478;
/**
 * One source port for each NAT from here on: two NATs in a row have the same host behind them. Outside
 * ip_local_port_range (32768 to 60999, ip(7)), whose ports the self-check's connections take at the same time.
 */
const firstSourcePort = 61_001;

/** Two observers in the open internet (hosts that no NAT hides) see one source port from behind each NAT; then one of them calls back. */
export async function measureNats(lab: Lab, prober: Prober): Promise<NatFact[]> {
  const nats = Object.entries(lab.spec.routers).filter(([, router]) => router.nat === "masquerade");
  const observers = Object.keys(lab.spec.hosts).filter((name) => openIpv4(lab.spec, name) !== undefined);
  if (observers.length === 0) return [];
  await using stack = new AsyncDisposableStack();
  const services = await Promise.all(
    observers.slice(0, 2).map(async (name) => stack.use(await startService(lab, name, observerPort, openIpv4(lab.spec, name)))),
  );
  // Awaited here: the services end with this block.
  return await Promise.all(
    nats.map(async ([name, router], index): Promise<NatFact> => {
      const sourcePort = firstSourcePort + index;
      const behindNat = router.uplink !== undefined && lab.spec.routers[router.uplink.router]?.nat === "masquerade";
      const kind = `masquerade${behindNat ? ", behind another NAT" : ""}`;
      const vantage = Object.keys(lab.spec.hosts).find((host) => behind(lab.spec, host, name));
      if (!vantage) return { router: name, kind, measured: "no host is behind it", params: { behindNat } };
      const peers: string[] = [];
      for (const service of services) {
        const nonce = randomBytes(8).toString("hex");
        const address = openIpv4(lab.spec, service.host) as string;
        const raw = await prober.raw(
          { vantage, address, port: observerPort, targetHost: service.host, identity: service.identity, sourcePort },
          nonce,
        );
        peers.push(Buffer.from(raw.received, "base64").toString().trim().split(" ")[3] ?? "nothing");
      }
      const outside = outermost(lab.spec, name);
      const back = await prober.raw(
        { vantage: observers[0] as string, address: outside, port: sourcePort, targetHost: name, identity: "", deadlineMs: 500 },
        "callback",
      );
      const dropped = back.decisions.find(({ verdict }) => verdict === "drop");
      const callback = dropped ? `dropped at ${dropped.at}` : back.connect;
      const seenAs = [...new Set(peers)];
      const mapping = seenAs.length === 1 ? "the same for each destination" : "another for each destination";
      return {
        router: name,
        kind,
        measured: `${vantage} port ${sourcePort} is seen as ${enumerated(seenAs)} (${mapping}); an unsolicited connection to ${outside}: ${callback}`,
        params: {
          behindNat,
          vantage,
          port: sourcePort,
          seenAs,
          outside,
          ...(dropped ? { droppedAt: dropped.at } : { connect: back.connect }),
        },
      };
    }),
  );
}

/** The host's IPv4 address when nothing translates it. */
function openIpv4(spec: LabSpec, host: string): string | undefined {
  const each = spec.hosts[host]?.interfaces[0];
  if (!each) return undefined;
  const link = each.link;
  const hidden = "lan" in link && Object.values(spec.routers).some((router) => link.lan in router.lans && router.nat === "masquerade");
  return hidden ? undefined : each.addresses.map(withoutPrefix).find((address) => !address.includes(":"));
}

function behind(spec: LabSpec, host: string, router: string): boolean {
  const link = spec.hosts[host]?.interfaces[0]?.link;
  if (!link) return false;
  let name = "lan" in link ? Object.keys(spec.routers).find((each) => link.lan in (spec.routers[each]?.lans ?? {})) : link.router;
  while (name && name !== router) name = spec.routers[name]?.uplink?.router;
  return name === router;
}

/** The address by which what is behind this router is seen in the internet. */
function outermost(spec: LabSpec, router: string): string {
  let address = "";
  for (let name: string | undefined = router; name; name = spec.routers[name]?.uplink?.router) {
    if (spec.routers[name]?.nat === "masquerade") address = spec.routers[name]?.uplink?.address ?? address;
  }
  return address;
}
