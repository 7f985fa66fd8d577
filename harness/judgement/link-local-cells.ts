/** Cells of link-local addresses: they are there only where rules may let more in by them than by the host's other addresses of IPv6. Pure. */
import type { CellName } from "../core/cells.ts";
import { isLinkLocal } from "../core/link-local.ts";

/** Is `other` the same way in by another address? Where there is no cell of the link-local one, it lets in no more than those do. */
export function isOtherAddress(linkLocal: CellName, other: CellName): boolean {
  const same = (["forward", "vantage", "family", "as"] as const).every((key) => linkLocal[key] === other[key]);
  return same && !isLinkLocal(other.target) && portOf(linkLocal.target) === portOf(other.target);
}

/** And what the SOCKS proxy there is asked for. */
function portOf(target: string): string {
  return target.replace(/^\[.*?\]/, "");
}
