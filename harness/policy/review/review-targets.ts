/** What a review asks the server to dial: its own services, its addresses, its neighbours, the cloud's metadata service, the internet. Pure. */
import { parseAddress, parseTarget, withoutPrefix } from "../../core/address.ts";
import { type LabSpec, lansOf } from "../../core/lab-spec.ts";
import type { DialAsk } from "../../core/review-facts.ts";

/** A socket that every account of the server may open, as some services have them. */
const openSocket = "/run/forwardlab-review/open.sock";

/** Where cloud providers answer with credentials of the machine. Source: RFC 3927 (link-local), and the providers' documentation. */
export const metadataAddress = "169.254.169.254";
/** Host of the lab that has that address: nobody is reached from there. */
export const metadataHost = "metadata";

export function withMetadataHost(spec: LabSpec): LabSpec {
  const core = Object.keys(spec.routers).find((name) => !spec.routers[name]?.uplink) ?? "core";
  const interfaces = [{ name: "eth0", link: { router: core }, addresses: [metadataAddress] }];
  return { ...spec, hosts: { ...spec.hosts, [metadataHost]: { kind: "namespace", families: [], interfaces } } };
}

export interface TargetFacts {
  spec: LabSpec;
  /** Ports of the server's own services that the policy states. */
  services: readonly number[];
  /** Entries of PermitOpen and permitopen: `host:port`. */
  permitted: readonly string[];
  /** A port that no list and no rule names. */
  port: number;
}

export function reviewTargets({ spec, services, permitted, port }: TargetFacts): DialAsk[] {
  const own = plainAddresses(spec, "server");
  const lans = lansOf(spec, "server");
  const neighbours = Object.keys(spec.hosts).filter((name) => name !== "server" && lansOf(spec, name).some((lan) => lans.includes(lan)));
  const beside = plainAddresses(spec, neighbours.find((name) => name === "campus") ?? neighbours[0] ?? "", lans);
  const all: DialAsk[] = [
    ...["localhost", "127.0.0.1", "::1"].map((host): DialAsk => ({ kind: "loopback", host, port })),
    { kind: "socket", host: openSocket, port: 0 },
    ...services.map((each): DialAsk => ({ kind: "loopback", host: "localhost", port: each })),
    ...own.map((host): DialAsk => ({ kind: "own", host, port })),
    ...beside.map((host): DialAsk => ({ kind: "lan", host, port })),
    { kind: "metadata", host: metadataAddress, port: 80 },
    ...plainAddresses(spec, "internet").map((host): DialAsk => ({ kind: "internet", host, port })),
    ...permitted.flatMap((entry) => named(entry, port)),
  ];
  return all.filter(({ host, port: at }, index) => all.findIndex((other) => other.host === host && other.port === at) === index);
}

/** One host that the entry lets through; none for a list of all or of nothing. */
function named(entry: string, port: number): DialAsk[] {
  if (/^(any|none)$/i.test(entry)) return [];
  const parts = parseTarget(entry.replace(/:\*$/, `:${port}`));
  if (!parts) return [];
  return [{ kind: "listed", host: parts.address === "*" ? "localhost" : parts.address, port: parts.port }];
}

/** @param lans limits the addresses to those on these LANs */
function plainAddresses(spec: LabSpec, host: string, lans?: readonly string[]): string[] {
  return (spec.hosts[host]?.interfaces ?? [])
    .filter(({ link }) => !lans || ("lan" in link && lans.includes(link.lan)))
    .flatMap(({ addresses }) => addresses.flatMap((text) => parseAddress(withoutPrefix(text))?.text ?? []));
}
