/** Ports and ranges of them: read as firewalls write them, cut into classes, told as people write them. */
import { cut, type Interval, type IntervalClass, merged } from "./interval.ts";
import { servicePort } from "./service-names.ts";

export type PortRange = Interval<number>;

/** Port 0 is nobody's. */
export const everyPort: PortRange = { first: 1, last: 65535 };

/** `22`, `0x16`, `026`, `ssh`: decimal, hexadecimal, octal as C reads it, or a service; 0 is one, too. Undefined for anything else. */
export function parsePort(text: string): number | undefined {
  if (!/^\d/.test(text)) return servicePort(text);
  if (!/^(?:0x[\da-f]+|\d+)$/i.test(text)) return undefined;
  const value = /^0[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number(text);
  return value <= everyPort.last ? value : undefined;
}

/** A port; `80-90`, `80:90`, `ssh:http`; `1024:` and `:1023`, which are open to one side. Undefined for anything else. */
export function parsePorts(text: string): PortRange | undefined {
  const port = parsePort(text);
  if (port !== undefined) return { first: port, last: port };
  // A service's name may have hyphens of its own.
  for (const { index } of text.matchAll(/[:-]/g)) {
    const [from, to] = [text.slice(0, index), text.slice(index + 1)];
    const open = text[index] === ":" && from !== to;
    const first = open && from === "" ? 0 : parsePort(from);
    const last = open && to === "" ? everyPort.last : parsePort(to);
    if (first !== undefined && last !== undefined) return first <= last ? { first, last } : undefined;
  }
  return undefined;
}

/** Cuts all ports into the fewest classes such that each set holds all of a class or none. */
export function portClassesOf(sets: readonly (readonly PortRange[])[]): IntervalClass<number>[] {
  return cut<number>(everyPort, sets);
}

/** What `portsText` has written. */
export function portsFrom(text: string): PortRange[] {
  return text.split(", ").flatMap((each) => parsePorts(each) ?? []);
}

/** `43234`; `1024-2999, 3001-65535`. */
export function portsText(ranges: readonly PortRange[]): string {
  return merged(ranges)
    .map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`))
    .join(", ");
}
