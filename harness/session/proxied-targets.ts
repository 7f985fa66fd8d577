/** Targets that a SOCKS forward is asked for, each with a service of the lab where it leads. */
import { type Cell, proxiedTarget } from "../core/cells.ts";
import { UserError } from "../core/errors.ts";
import { listensOnServer, type SocksTarget, serverOf } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import { targetHost } from "../policy/forward-target.ts";
import type { Service } from "../probe/services.ts";
import type { ForwardToOpen, ProxiedTarget } from "./forward-handle.ts";
import { type LabServices, nobodyAt } from "./lab-services.ts";

/** A port that something else holds there needs no service: whoever reaches it is answered all the same. */
export async function prepareTargets(
  spec: LabSpec,
  services: LabServices,
  { from, server, ssh, onlyGivenServices }: ForwardToOpen,
  targets: readonly SocksTarget[],
): Promise<ProxiedTarget[]> {
  const dialler = listensOnServer(ssh.request.kind) ? from : serverOf(server === undefined ? {} : { server });
  const service = (host: string, port: number) =>
    onlyGivenServices === "anywhere" ? (services.find(host, port) ?? nobodyAt({ host, at: port })) : serviceAt(services, host, port);
  const prepared: ProxiedTarget[] = [];
  for (const target of targets) {
    const host = targetHost(spec, dialler, target.host);
    prepared.push({ target, service: host === undefined ? undefined : await service(host, target.port) });
  }
  return prepared;
}

function serviceAt(services: LabServices, host: string, port: number): Promise<Service> {
  return services.onDemand(host, port).catch((error: unknown) => {
    if (!(error instanceof UserError && error.code === "service-port")) throw error;
    return nobodyAt({ host, at: port });
  });
}

/** Each way to the proxy once for each target; as they are where no list of targets limits the proxy. */
export function cellsThroughProxy(cells: readonly Cell[], targets: readonly ProxiedTarget[]): Cell[] {
  if (targets.length === 0) return [...cells];
  return cells.flatMap((cell) =>
    targets.map(({ target, service }) => ({
      ...cell,
      target: proxiedTarget(cell.target, target),
      socks: { ...target, inLab: service !== undefined },
    })),
  );
}
