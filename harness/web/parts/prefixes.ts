/** Is an address among these prefixes? */
import { parseAddress } from "../../core/address.ts";
import { holdsAddress, parseRange } from "../../core/address-range.ts";

/** `invalid`: no address was typed. */
export type Membership = "in" | "out" | "invalid";

export function membership(typed: string, prefixes: readonly string[]): Membership {
  const address = parseAddress(typed.trim());
  if (!address) return "invalid";
  const ranges = prefixes.flatMap((text) => parseRange(text) ?? []);
  return holdsAddress(ranges, address) ? "in" : "out";
}
