/** How a client of the lab gets to sshd: which address, as whom the server sees it, and whether the way is open. Knows both the lab and sshd. */

import { type Family, isLoopback, withoutPrefix } from "../core/address.ts";
import { natOf, targetsOf } from "../core/cells.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type LabSpec, lansOf, leadsTo, mainServer, publishedPorts, type RouterSpec } from "../core/lab-spec.ts";
import type { Lab } from "../lab/lab.ts";
import type { Prober } from "../probe/probe.ts";
import type { SshServer } from "../ssh/server.ts";
import type { ForwardToOpen } from "./forward-handle.ts";

/** Host of the lab that runs sshd. */
export const serverHost = mainServer;

/**
 * Client and server addresses of the logins that may come, as the server sees them, for `Match Address` and the like.
 * @param also hosts besides the containers that run ssh
 * @param host the server
 */
export function connectionsOf(spec: LabSpec, also: readonly string[] = [], host = serverHost): { addr: string; laddr: string }[] {
  const server = spec.hosts[host]?.interfaces.flatMap(({ addresses }) => addresses.map((each) => withoutPrefix(each))) ?? [];
  const clients = Object.entries(spec.hosts).filter(([name, { kind }]) => (kind === "container" || also.includes(name)) && name !== host);
  return clients.flatMap(([, { interfaces }]) =>
    interfaces.flatMap(({ link, addresses }) =>
      addresses.flatMap((each) => {
        const own = withoutPrefix(each);
        const ipv6 = own.includes(":");
        const beside = "lan" in link && lansOf(spec, host).includes(link.lan);
        const addr = !ipv6 && "lan" in link && !beside ? (natOf(spec, link.lan)?.address ?? own) : own;
        return server.filter((laddr) => laddr.includes(":") === ipv6).map((laddr) => ({ addr, laddr }));
      }),
    ),
  );
}

/** How a client gets to sshd. */
export interface SshRoute {
  /** What ssh is told: the server's own address and sshd's port, or those that the router in front of the server publishes. */
  address: string;
  port: number;
  /** The server's end of the connection, as sshd sees it. */
  local: { address: string; port: number };
  /** The router whose public address it is. */
  nat?: string;
}

interface Typed {
  addressFamily?: Family;
  serverPort?: number;
  to?: ForwardToOpen["to"];
}

/** May a connection end there? Of stated ends, sshd listens on each as it says. */
function endsOf(
  server: SshServer,
  own: readonly { address: string; family: Family }[],
  to: Typed["to"],
): (address: string, port: number) => boolean {
  if (!to) return (address) => own.some((each) => each.address === address);
  const open = ({ address, family }: (typeof own)[number], port: number) =>
    listens(
      server.listening.filter((each) => each.port === port).map((each) => each.address),
      address,
      family,
    );
  return (address, port) =>
    to.ports.includes(port) && own.some((each) => each.address === address && to.addresses.includes(address) && open(each, port));
}

/**
 * The address that ssh connects to: the first of the server's that sshd listens on and the client can name, IPv4 before IPv6; of the family `only` where
 * ssh was told so.
 * @throws UserError `sshd-address` when there is none
 */
export function sshRoute(lab: Lab, server: SshServer, from: string, typed: Typed = {}): SshRoute {
  const { addressFamily: only, to } = typed;
  const listening = server.listening.map(({ address }) => address);
  const own = server.host.addresses.filter(({ address, family }) => listens(listening, address, family));
  const ends = endsOf(server, own, to);
  const routes = targetsOf(lab.spec, from, server.host.name)
    .filter(({ routed, via, family }) => routed && via === undefined && (only === undefined || family === only))
    .flatMap(({ address, nat }): SshRoute[] => {
      const router = nat === undefined ? undefined : lab.spec.routers[nat];
      const inside = to?.ports ?? [server.port];
      const ports = typed.serverPort === undefined ? inside.flatMap((port) => outsidePorts(router, own, port)) : [typed.serverPort];
      return ports.flatMap((port) => {
        const local = router ? leadsTo(router, port) : { address, port };
        return local && ends(local.address, local.port) ? [{ address, port, local, ...(nat === undefined ? {} : { nat }) }] : [];
      });
    })
    .sort((one, other) => Number(one.address.includes(":")) - Number(other.address.includes(":")));
  if (routes[0]) return routes[0];
  const family = only === undefined ? "" : ` over IPv${only}`;
  const way = { server: server.host.name, from, family: only, listening };
  if (own.length > 0)
    throw new UserError("sshd-address", `no address of ${named(server)} that ${from} can use leads to sshd${family}`, {
      fault: faultOf("sshd-address-unroutable", { ...way, port: server.port }),
      found: `sshd listens on ${listening.join(", ")}, port ${server.port}`,
      expected: "an address with a route from there, or a port that the router in front of the server publishes",
      todo: `publish it, e.g. \`ports: { 2222: ${server.port} }\` under \`server\`, or run ssh from a host on the server's LAN (\`from:\`)`,
    });
  const loopback = listening.every(isLoopback) ? server.host.addresses[0]?.address : undefined;
  throw new UserError("sshd-address", `sshd listens on none of ${named(server)}'s addresses that ${from} can use${family}`, {
    fault: faultOf("sshd-address-none", { ...way, loopback }),
    found: `sshd listens on ${listening.join(", ")}`,
    expected: server.host.addresses.map(({ address }) => address).join(", "),
    todo:
      loopback === undefined
        ? "add the addresses of the config's ListenAddress lines under network.server"
        : `the lab has no VPN or proxy on the server that connects clients to it there: add \`sshd_options: ["ListenAddress=${loopback}"]\` under \`server\`; this does not change where forwards listen`,
  });
}

function named({ host: { name } }: SshServer): string {
  return name === serverHost ? "the server" : name;
}

function outsidePorts(router: RouterSpec | undefined, own: readonly { address: string }[], port: number): number[] {
  return router
    ? publishedPorts(
        router,
        own.map(({ address }) => address),
        port,
      )
    : [port];
}

function listens(listening: readonly string[], address: string, family: Family): boolean {
  return listening.includes(address) || listening.includes(family === 6 ? "::" : "0.0.0.0");
}

/**
 * A client that cannot reach sshd opens no forward, and ssh would only say that it timed out.
 * @param host the server
 * @param fresh the rules were loaded anew right before: whoever is kept out now is kept out on a first visit
 * @param explain called where the server's own firewall keeps it out; throws what explains that better
 * @param patienceMs how long sshd may take to send its version line. Left out: silence is no obstacle, as ssh itself waits.
 * @throws UserError `ssh-filtered` with the rule that keeps it out; `ssh-silent`
 */
export async function requireSshPath(
  prober: Prober,
  {
    from,
    host,
    address,
    port,
    fresh,
    explain,
    patienceMs,
  }: { from: string; host: string; address: string; port: number; fresh: boolean; explain?: () => void; patienceMs?: number },
): Promise<void> {
  const deadline = patienceMs === undefined ? {} : { deadlineMs: patienceMs };
  const probe = await prober.probe({ vantage: from, address, port, targetHost: host, identity: "", asSsh: true, ...deadline });
  const { decision, evidence } = probe;
  if (patienceMs !== undefined && probe.verdict === "inconclusive" && evidence.connect === "connected")
    throw new UserError(
      "ssh-silent",
      `sshd at ${probe.target} accepts a connection from ${from} but sends nothing for ${patienceMs / 1000} s`,
      {
        fault: faultOf("ssh-silent", { from, target: probe.target, seconds: patienceMs / 1000 }),
        found: evidence.note,
        expected: "sshd's version line, which it sends first",
        todo: "if the machine is busy, run less beside the lab; otherwise find what stops sshd or its packets",
      },
    );
  if (probe.verdict !== "filtered" && probe.verdict !== "unreachable") return;
  if (decision?.at === host) explain?.();
  const by = decision ? `${decision.at}: ${decision.rule}` : (evidence.note ?? probe.verdict);
  throw new UserError("ssh-filtered", `${from} cannot reach sshd at ${probe.target}: no forward can be opened`, {
    place: decision?.file === undefined ? undefined : { file: decision.file, line: decision.line },
    fault: faultOf("ssh-filtered", { from, target: probe.target, port, by, fresh }),
    found: `${by}${fresh ? " (on freshly loaded rules, so no earlier connection counts)" : ""}`,
    expected: `a firewall that allows ${from} to connect to TCP port ${port}`,
    todo: "allow the ssh client, or give home the address that the rules expect (network.home.public)",
  });
}
