/** Ranges of addresses: read as people write them, cut into classes, told as prefixes. */
import { type Address, bits, type Family, fromNumber, parseAddress, parseInterface, range, toNumber } from "./address.ts";
import { cut, holds, type Interval, merged } from "./interval.ts";

export interface AddressRange extends Interval<bigint> {
  family: Family;
}

/** `10.0.0.1`, `10.0.0.0/8`, `10.0.0.0/255.0.0.0`, `10.0.0.1-10.0.0.9`; undefined for anything else, a mask with gaps included. */
export function parseRange(text: string): AddressRange | undefined {
  const address = parseAddress(text);
  if (address) return { family: address.family, first: toNumber(address), last: toNumber(address) };
  const network = parseInterface(text) ?? masked(text);
  if (network) return { family: network.family, ...range(network) };
  const [from, to, more] = text.split("-").map(parseAddress);
  if (!from || !to || more || from.family !== to.family || toNumber(from) > toNumber(to)) return undefined;
  return { family: from.family, first: toNumber(from), last: toNumber(to) };
}

/** An address with a mask written as an address. */
function masked(text: string) {
  const [address, mask] = text.split("/").map(parseAddress);
  const ones = mask && toNumber(mask).toString(2).padStart(bits(mask.family), "0");
  if (!address || !mask || address.family !== mask.family || !/^1*0*$/.test(ones ?? "")) return undefined;
  return { ...address, prefix: ones?.indexOf("0") === -1 ? bits(mask.family) : (ones?.indexOf("0") as number) };
}

export function holdsAddress(ranges: readonly AddressRange[], address: Address): boolean {
  return holds(
    ranges.filter(({ family }) => family === address.family),
    toNumber(address),
  );
}

/** How many addresses. @param ranges none of them overlap */
export function sizeOf(ranges: readonly AddressRange[]): bigint {
  return ranges.reduce((sum, { first, last }) => sum + last - first + 1n, 0n);
}

/** A family's whole address space. */
export function everyAddress(family: Family): AddressRange {
  return { family, first: 0n, last: (1n << BigInt(bits(family))) - 1n };
}

/** The fewest prefixes that together are exactly these addresses. A single address has no length. */
export function prefixesOf(ranges: readonly AddressRange[]): string[] {
  return merged(ranges).flatMap(({ family, first, last }) => {
    const found: string[] = [];
    for (let at = first; at <= last; ) {
      let size = 1n;
      while (at % (size * 2n) === 0n && at + size * 2n - 1n <= last) size *= 2n;
      const length = bits(family) - (size.toString(2).length - 1);
      found.push(length === bits(family) ? fromNumber(at, family).text : `${fromNumber(at, family).text}/${length}`);
      at += size;
    }
    return found;
  });
}

/** The smallest network that holds them all, and what of it they leave out. */
export function hullOf(ranges: readonly AddressRange[]): { network: AddressRange; without: AddressRange[] } | undefined {
  const all = merged(ranges);
  const [begin, end] = [all[0], all.at(-1)];
  if (!begin || !end) return undefined;
  const { family } = begin;
  const differing = (begin.first ^ end.last).toString(2).length;
  const size = 1n << BigInt(begin.first === end.last ? 0 : differing);
  const first = (begin.first / size) * size;
  const edges = [first - 1n, ...all.flatMap((each) => [each.first, each.last]), first + size];
  const without = Array.from({ length: all.length + 1 }, (_, at) => ({
    family,
    first: (edges[2 * at] as bigint) + 1n,
    last: (edges[2 * at + 1] as bigint) - 1n,
  }));
  return { network: { family, first, last: first + size - 1n }, without: without.filter((each) => each.first <= each.last) };
}

/** Addresses that lie in the same sets. */
export interface AddressClass {
  ranges: AddressRange[];
  /** Indices of the sets that they lie in, in order. */
  sets: number[];
}

/** Cuts a family's address space into the fewest classes such that each set holds all of a class or none. */
export function classesOf(family: Family, sets: readonly (readonly AddressRange[])[]): AddressClass[] {
  const own = sets.map((ranges) => ranges.filter((each) => each.family === family));
  return cut<bigint>(everyAddress(family), own).map(({ ranges, sets: of }) => ({
    ranges: ranges.map((each) => ({ family, ...each })),
    sets: of,
  }));
}
