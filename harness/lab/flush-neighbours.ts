/** ARP and neighbour discovery start anew around a host: with the rules that hold now, not with what was learnt before. */
import { type LabSpec, lansOf } from "../core/lab-spec.ts";
import type { Lab } from "./lab.ts";

export async function flushNeighbours(lab: Lab, host: string): Promise<void> {
  await lab.fabric.request("flush_neighbours", { namespaces: namespacesAround(lab.spec, host) });
}

/** The host, everybody on its LANs, and the routers that it hangs on. */
export function namespacesAround(spec: LabSpec, host: string): string[] {
  const lans = lansOf(spec, host);
  const wired = new Set((spec.hosts[host]?.interfaces ?? []).flatMap(({ link }) => ("router" in link ? [link.router] : [])));
  const neighbours = Object.keys(spec.hosts).filter((other) => other === host || lansOf(spec, other).some((lan) => lans.includes(lan)));
  const routers = Object.entries(spec.routers).flatMap(([name, router]) =>
    wired.has(name) || lans.some((lan) => lan in router.lans) ? [name] : [],
  );
  return [...neighbours, ...routers];
}
