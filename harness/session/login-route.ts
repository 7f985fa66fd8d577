/** How a client of the lab gets to sshd: which address, as whom the server sees it, and whether the way is open. Knows both the lab and sshd. */

import type { Family } from "../core/address.ts";
import { natOf } from "../core/cells.ts";
import { UserError } from "../core/errors.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import type { Lab } from "../lab/lab.ts";
import { withoutPrefix } from "../lab/wiring.ts";
import type { Prober } from "../probe/probe.ts";
import type { SshServer } from "../ssh/server.ts";

/** Host of the lab that runs sshd. */
export const serverHost = "server";

/** Client and server addresses of the logins that may come, as the server sees them, for `Match Address` and the like. */
export function connectionsOf(spec: LabSpec): { addr: string; laddr: string }[] {
  const server = spec.hosts[serverHost]?.interfaces.flatMap(({ addresses }) => addresses.map((each) => withoutPrefix(each))) ?? [];
  const clients = Object.entries(spec.hosts).filter(([name, { kind }]) => kind === "container" && name !== serverHost);
  return clients.flatMap(([, { interfaces }]) =>
    interfaces.flatMap(({ link, addresses }) =>
      addresses.flatMap((each) => {
        const own = withoutPrefix(each);
        const ipv6 = own.includes(":");
        const addr = !ipv6 && "lan" in link ? (natOf(spec, link.lan)?.address ?? own) : own;
        return server.filter((laddr) => laddr.includes(":") === ipv6).map((laddr) => ({ addr, laddr }));
      }),
    ),
  );
}

/**
 * The address that ssh connects to: the first of the server's that sshd listens on, IPv4 before IPv6; of the family `only` where ssh was told so.
 * @throws UserError `sshd-address` when there is none
 */
export function sshAddress(lab: Lab, server: SshServer, from: string, only?: Family): string {
  const listening = server.listening.map(({ address }) => address);
  const families = new Set(lab.host(from).addresses.map(({ family }) => family));
  const own = lab.host(serverHost).addresses;
  const [first] = own
    .filter(({ family }) => families.has(family) && (only === undefined || family === only))
    .filter(({ address, family }) => listening.includes(address) || listening.includes(family === 6 ? "::" : "0.0.0.0"))
    .sort((one, other) => one.family - other.family);
  if (first) return first.address;
  throw new UserError(
    "sshd-address",
    `sshd listens on none of the server's addresses that ${from} can name${only === undefined ? "" : ` over IPv${only}`}`,
    {
      found: `sshd listens on ${listening.join(", ")}`,
      expected: own.map(({ address }) => address).join(", "),
      todo: "give the server the addresses of the config's ListenAddress lines, under network.server of the policy",
    },
  );
}

/**
 * A client that cannot reach sshd opens no forward, and ssh would only say that it timed out.
 * @param fresh the rules were loaded anew right before: whoever is kept out now is kept out on a first visit
 * @throws UserError `ssh-filtered` with the rule that keeps it out
 */
export async function requireSshPath(prober: Prober, from: string, address: string, port: number, fresh: boolean): Promise<void> {
  const probe = await prober.probe({ vantage: from, address, port, targetHost: serverHost, identity: "", targetSpeaksFirst: true });
  if (probe.verdict !== "filtered" && probe.verdict !== "unreachable") return;
  const { decision } = probe;
  throw new UserError("ssh-filtered", `${from} cannot reach sshd at ${probe.target}: no forward can be opened`, {
    place: decision?.file === undefined ? undefined : { file: decision.file, line: decision.line },
    found: `${decision ? `${decision.at}: ${decision.rule}` : (probe.evidence.note ?? probe.verdict)}${fresh ? " (on freshly loaded rules: no earlier connection counts)" : ""}`,
    expected: `a firewall that lets ${from} in to TCP port ${port}`,
    todo: "let the ssh client in, or give home the address that the rules expect (network.home.public in the policy)",
  });
}
