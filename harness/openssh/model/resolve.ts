/** getaddrinfo(3), as OpenSSH calls it before it binds or dials: names and numbers to addresses. */
import ipaddr from "ipaddr.js";
import type { Family } from "../../core/address.ts";
import type { AddressFamily, HostFacts } from "./model-input.ts";

export interface Resolved {
  address: string;
  family: Family;
}

const loopbacks: readonly Resolved[] = [
  { address: "127.0.0.1", family: 4 },
  { address: "::1", family: 6 },
];
const wildcards: readonly Resolved[] = [
  { address: "0.0.0.0", family: 4 },
  { address: "::", family: 6 },
];

/** Both loopback addresses, as `getaddrinfo(NULL)` gives them. */
export function resolveLoopback(family: AddressFamily): Resolved[] {
  return loopbacks.filter((each) => wants(family, each.family));
}

/** Both wildcards, as `getaddrinfo(NULL, AI_PASSIVE)` gives them. */
export function resolveWildcard(family: AddressFamily): Resolved[] {
  return wildcards.filter((each) => wants(family, each.family));
}

/**
 * Addresses of a name or number within a family; empty when there is none.
 * Numbers are read as inet_aton(3) and inet_pton(3) do: `127.1` and `2130706433` are 127.0.0.1, `0` is 0.0.0.0.
 * Who asks for IPv4 gets the IPv4 address out of `::ffff:127.0.0.1` (glibc, `getaddrinfo`).
 */
export function resolveName(host: HostFacts, name: string, family: AddressFamily): Resolved[] {
  const number = parseNumber(name);
  const mapped4 = family === "inet" && number ? ipv4Mapped(number.address) : undefined;
  if (mapped4 !== undefined) return [{ address: mapped4, family: 4 }];
  if (number) return wants(family, number.family) ? [number] : [];
  const lower = name.toLowerCase();
  const known = Object.entries(host.names ?? {}).find(([each]) => each.toLowerCase() === lower)?.[1];
  const addresses = known ?? (lower === "localhost" ? loopbacks.map(({ address }) => address) : []);
  const found = addresses.flatMap((each) => parseNumber(each) ?? []);
  // glibc's /etc/hosts reader (nss_files) gives ::1 as 127.0.0.1 to who asks for IPv4.
  const mapped = found.some(({ address }) => address === "::1") && family === "inet" ? [...found, ...loopbacks.slice(0, 1)] : found;
  return unique(mapped.filter((each) => wants(family, each.family)));
}

/**
 * Where connect(2) leads for a number in some spelling; undefined for a name.
 * The unspecified address is the host itself (Linux, `ip_route_connect`, `tcp_v6_connect`), and an IPv4-mapped one is dialled over IPv4.
 */
export function dialledNumber(text: string): string | undefined {
  const number = parseNumber(text);
  return number && dialled(number).address;
}

/** An address as connect(2) takes it. */
export function dialled({ address, family }: Resolved): Resolved {
  const mapped = ipv4Mapped(address);
  if (mapped !== undefined) return dialled({ address: mapped, family: 4 });
  return wildcards.some((each) => each.address === address)
    ? (loopbacks.find((each) => each.family === family) as Resolved)
    : { address, family };
}

/** True when `name` is an address in some spelling, of whatever family. */
export function isNumber(name: string): boolean {
  return parseNumber(name) !== undefined;
}

function parseNumber(text: string): Resolved | undefined {
  if (/^(0x[0-9a-f]+|\d+)(\.(0x[0-9a-f]+|\d+)){0,3}$/i.test(text)) {
    const address = inetAton(text);
    return address === undefined ? undefined : { address, family: 4 };
  }
  const [plain = ""] = text.split("%", 1);
  if (!plain.includes(":") || !ipaddr.IPv6.isValid(plain)) return undefined;
  const parsed = ipaddr.IPv6.parse(plain);
  return { address: parsed.isIPv4MappedAddress() ? plain.toLowerCase() : parsed.toRFC5952String(), family: 6 };
}

/** The IPv4 address in a mapped one (RFC 4291, 2.5.5.2). */
function ipv4Mapped(address: string): string | undefined {
  if (!ipaddr.IPv6.isValid(address)) return undefined;
  const parsed = ipaddr.IPv6.parse(address);
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : undefined;
}

/** inet_aton(3): one to four parts, decimal, octal or hexadecimal; the last one fills what is left. */
function inetAton(text: string): string | undefined {
  const parts = text.split(".").map(inetPart);
  const last = parts.pop() ?? NaN;
  const limit = 256 ** (4 - parts.length);
  if (parts.some((part) => !(part < 256)) || !(last < limit)) return undefined;
  const value = parts.reduce((sum, part, i) => sum + part * 256 ** (3 - i), 0) + last;
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

function inetPart(text: string): number {
  if (/^0[0-7]+$/.test(text)) return Number.parseInt(text, 8);
  return /^0\d/.test(text) ? NaN : Number(text);
}

function wants(wanted: AddressFamily, family: Family): boolean {
  return wanted === "any" || (wanted === "inet") === (family === 4);
}

function unique(found: readonly Resolved[]): Resolved[] {
  return found.filter((one, i) => found.findIndex((other) => other.address === one.address) === i);
}
