/** Ports that a server's rules lead to a listener (redirect, destination NAT): each that answers for it is a way in like its own port. */
import type { Cell } from "../core/cells.ts";
import type { ProbeResult } from "../core/verdict.ts";
import type { Probeable } from "./forward-handle.ts";
import type { ForwardLab } from "./forward-lab.ts";

interface Moved<T> {
  handle: T;
  cell: Cell;
  probe: ProbeResult;
}

/** Ports of a server that its rules may lead to this one; a host that runs no sshd has none. */
export function portsLeadingTo(lab: ForwardLab, host: string, port: number): readonly number[] {
  return lab.servers.find(host)?.rules.movedPorts(port) ?? [];
}

/**
 * Of listeners that stand, what is seen at the ports that answer for them, or may; of the others nothing is to be told.
 * @param cellsAt cells of a listener as if it listened on this port
 */
export async function observeMoved<T extends Probeable>(
  lab: ForwardLab,
  standing: readonly T[],
  cellsAt: (handle: T, port: number) => readonly Cell[],
): Promise<Moved<T>[]> {
  const planned = standing
    .filter(({ port }) => port > 0)
    .flatMap((handle) =>
      portsLeadingTo(lab, handle.listensOn, handle.port).flatMap((port) =>
        cellsAt(handle, port).map((cell) => ({ handle, cell: { ...cell, moved: true as const } })),
      ),
    );
  const probes = await lab.probeCells(planned);
  const seen = planned.map((each, index) => ({ ...each, probe: probes[index] as ProbeResult }));
  const answering = new Set(seen.filter(({ probe }) => mayAnswer(probe)).map(({ cell }) => `${cell.forward} ${cell.port}`));
  return seen.filter(({ cell }) => answering.has(`${cell.forward} ${cell.port}`));
}

/** Somebody gets to the forward, or it is not proven that they do not. */
function mayAnswer({ verdict, unsettledBy = [] }: ProbeResult): boolean {
  return verdict === "reached" || verdict === "inconclusive" || unsettledBy.length > 0;
}
