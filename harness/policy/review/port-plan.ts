/** Ports of the server that nothing distinguishes, and which of them stand for all. Pure. */
import { type PortRange, portClassesOf } from "../../core/port-range.ts";

export interface ReviewedPorts {
  ranges: PortRange[];
  /** Different ones, as far as there are: requests that would be in each other's way ask for different ports. Empty: all are taken. */
  asked: number[];
}

export interface PortFacts {
  /** What the firewall and the lists name. */
  groups: readonly (readonly PortRange[])[];
  /** Ports below it are only for root. */
  unprivileged: number;
  /** The server's own. */
  taken: ReadonlySet<number>;
  /** How many of each class are asked for at most. */
  most: number;
}

export function reviewedPorts({ groups, unprivileged, taken, most }: PortFacts): ReviewedPorts[] {
  const privileged = unprivileged > 1 ? [[{ first: 1, last: unprivileged - 1 }]] : [];
  return portClassesOf([...privileged, ...groups])
    .map(({ ranges }) => ({ ranges, asked: freeOf(ranges, taken, most) }))
    .sort((one, other) => (one.ranges[0]?.first ?? 0) - (other.ranges[0]?.first ?? 0));
}

/** The class of ports that a policy or an attacker would take without thinking: the one of most ports. */
export function largestClass(classes: readonly ReviewedPorts[]): ReviewedPorts | undefined {
  const size = ({ ranges }: ReviewedPorts) => ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  return classes.reduce<ReviewedPorts | undefined>((best, each) => (best && size(best) >= size(each) ? best : each), undefined);
}

function freeOf(ranges: readonly PortRange[], taken: ReadonlySet<number>, most: number): number[] {
  const found: number[] = [];
  for (const { first, last } of ranges) {
    for (let port = Math.max(1, first); port <= last && found.length < most; port++) if (!taken.has(port)) found.push(port);
  }
  return found;
}
