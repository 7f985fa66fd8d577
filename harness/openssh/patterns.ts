/** OpenSSH's patterns and pattern lists (ssh_config(5), PATTERNS), and address lists with CIDR. */
import ipaddr from "ipaddr.js";
import { starPattern } from "../core/wildcard.ts";

/** `*` is any run of characters, `?` exactly one. Source: OpenSSH `match.c` `match_pattern`. */
export function matchPattern(text: string, pattern: string): boolean {
  const literal = (part: string) => part.replace(/[\\^$.*+?()[\]{}|/]/g, (c) => (c === "?" ? "." : `\\${c}`));
  return starPattern(pattern.split("*").map(literal)).test(text);
}

/** Comma-separated patterns; a matching pattern with `!` decides against. Source: OpenSSH `match.c` `match_pattern_list`. */
export function matchPatternList(text: string, list: string): boolean {
  let found = false;
  for (const entry of list.split(",")) {
    const negated = entry.startsWith("!");
    if (!matchPattern(text, negated ? entry.slice(1) : entry)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/** Comma-separated addresses: CIDR where it parses as such, else wildcard patterns. Source: OpenSSH `addrmatch.c` `addr_match_list`. */
export function matchAddressList(address: string, list: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  let found = false;
  for (const entry of list.split(",")) {
    const negated = entry.startsWith("!");
    const body = negated ? entry.slice(1) : entry;
    if (!matchAddress(parsed, address, body)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

function matchAddress(parsed: ipaddr.IPv4 | ipaddr.IPv6, text: string, entry: string): boolean {
  if (ipaddr.isValidCIDR(entry)) {
    const [network, bits] = ipaddr.parseCIDR(entry);
    return network.kind() === parsed.kind() && parsed.match([network, bits] as never);
  }
  if (ipaddr.isValid(entry) && /[.:].*[.:]/.test(entry)) return ipaddr.parse(entry).toNormalizedString() === parsed.toNormalizedString();
  return matchPattern(text.toLowerCase(), entry.toLowerCase());
}
