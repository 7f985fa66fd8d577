import { type LabSpec, lansOf } from "../core/lab-spec.ts";

/** Interfaces of a host by which nobody in the lab comes in: their network is routed to nobody, and no other host is on it. */
export function unvisitedInterfaces(spec: Pick<LabSpec, "hosts" | "lans">, host: string): string[] {
  return (spec.hosts[host]?.interfaces ?? []).flatMap(({ name, link }) => {
    if (!("lan" in link)) return [];
    const { ipv4, ipv6, isolated = [] } = spec.lans[link.lan] ?? {};
    const routed = (ipv4 !== undefined && !isolated.includes(4)) || (ipv6 !== undefined && !isolated.includes(6));
    const alone = Object.keys(spec.hosts).every((other) => other === host || !lansOf(spec, other).includes(link.lan));
    return alone && !routed ? [name] : [];
  });
}
