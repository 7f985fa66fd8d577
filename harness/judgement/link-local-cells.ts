/** Cells of link-local addresses: they are there only where rules may let more in by them than by the host's other addresses. Pure. */
import { parseTarget } from "../core/address.ts";
import { type CellName, splitTarget } from "../core/cells.ts";
import { isLinkLocal } from "../core/link-local.ts";

/**
 * The same way in by the host's other addresses: those of IPv6, else those of IPv4. Where there is no cell of the link-local one, it lets in no more than
 * they do.
 */
export function otherAddresses<Named extends CellName>(linkLocal: CellName, all: readonly Named[]): Named[] {
  const others = all.filter(
    (each) =>
      (["forward", "vantage", "as"] as const).every((key) => linkLocal[key] === each[key]) &&
      !isLinkLocal(each.target) &&
      portOf(linkLocal.target) === portOf(each.target),
  );
  const six = others.filter(({ family }) => family === 6);
  return six.length > 0 ? six : others;
}

/** And what the SOCKS proxy there is asked for. */
function portOf(target: string): string {
  const { listener, socks = "" } = splitTarget(target);
  return `${parseTarget(listener)?.port} ${socks}`;
}
