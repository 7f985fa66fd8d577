/** IP addresses and prefixes as the policy, the network and the judgement need them. */
import ipaddr from "ipaddr.js";
import { remembered } from "./remembered.ts";

/** Address family as people write it. */
export type Family = 4 | 6;

/** An address, canonical: IPv6 compressed and lower-case, no zone, no brackets. */
export interface Address {
  text: string;
  family: Family;
  bytes: readonly number[];
}

/** An address with the length of its network's prefix. */
export interface Interface extends Address {
  prefix: number;
}

/** The few addresses of a lab are asked for thousands of times. */
const knownAddress = remembered(10_000, readAddress);

/** Undefined when `text` is not a plain IPv4 (four decimal parts) or IPv6 address. */
export function parseAddress(text: string): Address | undefined {
  return knownAddress(text);
}

function readAddress(text: string): Address | undefined {
  // Asked of names, too: the library takes long to say no.
  if (/^[\d.]+$/.test(text) && ipaddr.IPv4.isValidFourPartDecimal(text)) return { text, family: 4, bytes: ipaddr.IPv4.parse(text).octets };
  if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
  const parsed = ipaddr.IPv6.parse(text);
  return { text: parsed.toRFC5952String(), family: 6, bytes: parsed.toByteArray() };
}

/** `198.51.100.10/24` -> `198.51.100.10`. */
export function withoutPrefix(cidr: string): string {
  return cidr.split("/", 1)[0] as string;
}

/** `address/prefix`; undefined when it is not one. */
export function parseInterface(text: string): Interface | undefined {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text);
  const address = match?.[1] === undefined ? undefined : parseAddress(match[1]);
  const prefix = Number(match?.[2]);
  return address && prefix <= bits(address.family) ? { ...address, prefix } : undefined;
}

/** 32 or 128. */
export function bits(family: Family): number {
  return family === 4 ? 32 : 128;
}

/** The address as a number. */
export function toNumber(address: Pick<Address, "bytes">): bigint {
  return address.bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}

/** The address with this number. */
export function fromNumber(value: bigint, family: Family): Address {
  const bytes = Array.from({ length: bits(family) / 8 }, (_, index) => Number((value >> BigInt(bits(family) - 8 * (index + 1))) & 0xffn));
  return { text: family === 4 ? bytes.join(".") : new ipaddr.IPv6(bytes).toRFC5952String(), family, bytes };
}

/** First and last number of a network. */
export function range(network: Interface): { first: bigint; last: bigint } {
  const size = 1n << BigInt(bits(network.family) - network.prefix);
  const first = (toNumber(network) / size) * size;
  return { first, last: first + size - 1n };
}

/** The network of an interface address, e.g. `198.51.100.10/24` -> `198.51.100.0/24`. */
export function networkOf(address: Interface): string {
  return `${fromNumber(range(address).first, address.family).text}/${address.prefix}`;
}

export function overlaps(one: Interface, other: Interface): boolean {
  if (one.family !== other.family) return false;
  const a = range(one);
  const b = range(other);
  return a.first <= b.last && b.first <= a.last;
}

export function contains(network: Interface, address: Address): boolean {
  return overlaps(network, { ...address, prefix: bits(address.family) });
}

/** Can a host on this network have this address? (Not the network's own, not the IPv4 broadcast address.) */
export function isHostAddress(network: Interface, value: bigint): boolean {
  const { first, last } = range(network);
  if (network.prefix === bits(network.family)) return value === first;
  return value > first && (network.family === 6 ? value <= last : value < last);
}

/** Networks to which only a site's own routers lead: RFC 1918, CG-NAT (RFC 6598), ULA (RFC 4193). */
export const privateNetworks = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"];

/** Addresses that only a local network can name: those, link-local and loopback. Documentation ranges count as public. */
const localOnly = [...privateNetworks, "169.254.0.0/16", "127.0.0.0/8", "fe80::/10", "::1/128"].map(
  (text) => parseInterface(text) as Interface,
);

export function isPrivate(address: Address): boolean {
  return localOnly.some((network) => contains(network, address));
}

/** 127.0.0.0/8 and ::1. A name is none. */
export function isLoopback(text: string): boolean {
  const { family, bytes = [], text: canonical } = parseAddress(text) ?? {};
  return family === 4 ? bytes[0] === 127 : canonical === "::1";
}

/** Neither multicast, nor unspecified, nor loopback, nor (IPv4) reserved: an address a host can have. */
export function isUnicast(address: Address): boolean {
  const kind = address.family === 4 ? new ipaddr.IPv4([...address.bytes]).range() : new ipaddr.IPv6([...address.bytes]).range();
  if (address.family === 4) return address.bytes[0] !== 0 && address.bytes[0] !== 127 && (address.bytes[0] ?? 0) < 224;
  return !["unspecified", "multicast", "loopback", "ipv4Mapped", "linkLocal"].includes(kind);
}

export function isMulticast({ family, bytes: [first = 0] }: Address): boolean {
  return family === 4 ? first >= 224 && first < 240 : first === 0xff;
}

/** `address:port`, IPv6 in brackets. */
export function formatTarget(address: string, port: number): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The parts of `address:port`; undefined when it is not one. */
export function parseTarget(text: string): { address: string; port: number } | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d+)$/.exec(text);
  return match ? { address: match[1] ?? match[2] ?? "", port: Number(match[3]) } : undefined;
}
