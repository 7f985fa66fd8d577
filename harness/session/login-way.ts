/** How an ssh of the lab gets to its server: where it connects itself, through which jump hosts, and what all their rules may see. */
import { serverOf } from "../core/forward-outcome.ts";
import type { Lab } from "../lab/lab.ts";
import { isIpv6 } from "../lab/wiring.ts";
import type { Prober } from "../probe/probe.ts";
import type { JumpServer } from "../ssh/jump-login.ts";
import type { ForwardToOpen } from "./forward-handle.ts";
import { requireJumpPath } from "./jump-path.ts";
import type { LabServer, LabServers, VisitAt } from "./lab-servers.ts";
import { type SshRoute, sshRoute } from "./login-route.ts";

export interface LoginWay {
  /** The sshd that ssh itself connects to. */
  first: { host: string } & SshRoute;
  /** The last leg. */
  route: SshRoute;
  /** Left out: none. */
  jump?: JumpServer[];
  visits: VisitAt[];
}

interface Surroundings {
  lab: Lab;
  servers: LabServers;
  prober: Prober;
}

/** @throws UserError `sshd-address` where a leg leads nowhere */
export function loginWay({ lab, servers, prober }: Surroundings, forward: ForwardToOpen): LoginWay {
  const { from, ssh, to, jump: through = [] } = forward;
  const target = servers.at(serverOf(forward));
  if (through.length === 0) {
    const route = sshRoute(lab, target.sshd, from, { ...ssh, ...(to ? { to } : {}) });
    return { first: { host: target.host, ...route }, route, visits: [visitAt(target.host, route)] };
  }
  const hops = ssh.jump?.hops ?? [];
  const stops = [...through.map(({ server }) => servers.at(server)), target];
  const legs = stops.map((stop, at) => {
    const origin = stops[at - 1]?.host ?? from;
    const port = at < hops.length ? hops[at]?.port : ssh.serverPort;
    return { origin, stop, route: sshRoute(lab, stop.sshd, origin, port === undefined ? {} : { serverPort: port }) };
  });
  const jump = through.map(({ account, keyIndex }, at): JumpServer => {
    const { stop, route } = legs[at] as Leg;
    const next = legs[at + 1] as Leg;
    const named = hops[at + 1] ?? { name: ssh.jump?.destination ?? next.route.address };
    const asked = { host: named.hostName ?? named.name, port: next.route.port };
    return {
      hop: hops[at] ?? { name: stop.host },
      sshd: stop.sshd,
      account,
      ...(keyIndex === undefined ? {} : { keyIndex }),
      ...route,
      target: asked,
      findObstacle: () => requireJumpPath(prober, lab.spec, { from: stop.host, as: account, host: next.stop.host, target: asked }),
    };
  });
  const [first, last] = [legs[0] as Leg, legs.at(-1) as Leg];
  // What a jump host dials passes its own rules as well.
  const visits = legs.flatMap(({ origin, stop, route }, at) => [visitAt(stop.host, route), ...(at > 0 ? [visitAt(origin, route)] : [])]);
  return { first: { host: first.stop.host, ...first.route }, route: last.route, jump, visits };
}

interface Leg {
  origin: string;
  stop: LabServer;
  route: SshRoute;
}

function visitAt(host: string, { address, local }: SshRoute): VisitAt {
  return { host, port: local.port, family: isIpv6(address) ? 6 : 4 };
}
