/** Ports that no outgoing connection of a host may take, as a forward is going to listen there. */
import { type Adaptation, adapted } from "../core/adaptation.ts";
import { portList } from "../lab/host-sysctls.ts";
import type { Lab } from "../lab/lab.ts";
import { writeSettings } from "../lab/tool.ts";

export class ReservedPorts {
  readonly #lab: Lab;
  /** Of each host, those of the spec included; hosts for which a port was added. */
  readonly #ports = new Map<string, Set<number>>();

  constructor(lab: Lab) {
    this.#lab = lab;
  }

  /** As a spec's `reservedPorts`, for ports that were not known when the lab was built. */
  async add(host: string, ports: readonly number[]): Promise<void> {
    const reserved = this.#ports.get(host) ?? new Set(this.#lab.spec.hosts[host]?.reservedPorts);
    const fresh = ports.filter((port) => port > 0 && !reserved.has(port));
    if (fresh.length === 0) return;
    for (const port of fresh) reserved.add(port);
    this.#ports.set(host, reserved);
    await writeSettings(this.#lab.fabric, host, { "net.ipv4.ip_local_reserved_ports": portList(reserved) });
  }

  get adaptations(): Adaptation[] {
    return [...this.#ports].map(([host, ports]) => ({ host, ...adapted("ports-reserved", { ports: portList(ports) }) }));
  }
}
