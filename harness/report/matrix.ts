/** The matrix: rows are vantage points and the addresses they dial, columns are forwards. */
import { parseTarget } from "../core/address.ts";
import { compareCells, splitTarget } from "../core/cells.ts";
import { listensOnServer, serverOf } from "../core/forward-outcome.ts";
import type { Result, ResultCell, ResultForward } from "../core/result.ts";
import type { Language } from "./sentences.ts";
import { madeForClass, sourceWords } from "./sources.ts";

export interface MatrixRow {
  /** The vantage point; with `as`, the account there. */
  visitor: string;
  /** Null: a Unix socket. */
  family: 4 | 6 | null;
  /**
   * Without port where it is the forward's own: that is the column's. With the next hop that a neighbour chose. Of a Unix socket its path and the
   * account that opens it.
   */
  address: string;
  /** By forward; a forward without a cell here is missing. */
  cells: Record<string, ResultCell>;
}

/** One matrix for the forwards that listen on one host. */
export interface Matrix {
  listensOn: string;
  forwards: ResultForward[];
  rows: MatrixRow[];
}

/** The matrices of a result: forwards on the server first. Forwards without cells appear in none. */
export function matrices(result: Result, language: Language = "en"): Matrix[] {
  const hosts = [...new Set(result.forwards.map(listeningHost))].sort(
    (one, other) => Number(other === "server") - Number(one === "server"),
  );
  return hosts
    .map((listensOn) => matrixOf(listensOn, result, sourceWords[language].visitor))
    .filter((matrix) => matrix.forwards.length > 0);
}

function matrixOf(listensOn: string, result: Result, visitor: typeof sourceWords.en.visitor): Matrix {
  const forwards = result.forwards.filter(
    (forward) => listeningHost(forward) === listensOn && result.cells.some((cell) => cell.forward === forward.name),
  );
  const ports = new Map(forwards.map((forward) => [forward.name, portsOf(forward)]));
  // Rows in the order of cells, whichever forward has them.
  const cells = result.cells
    .filter((cell) => ports.has(cell.forward) && !madeForClass(cell))
    .sort((one, other) => compareCells({ ...one, forward: "" }, { ...other, forward: "" }));
  const rows = new Map<string, MatrixRow>();
  for (const cell of cells) {
    const address = addressOf(cell, ports.get(cell.forward));
    const key = JSON.stringify([visitor(cell), address]);
    const row = rows.get(key) ?? { visitor: visitor(cell), family: cell.family, address, cells: {} };
    row.cells[cell.forward] = cell;
    rows.set(key, row);
  }
  // An account's rows follow those of its host.
  return { listensOn, forwards, rows: [...Map.groupBy(rows.values(), (row) => row.visitor).values()].flat() };
}

/** Ports that the forward listens on, or was to listen on. */
function portsOf({ listeners, requested }: ResultForward): Set<number> {
  const asked = /(?:^|:)(\d+)$/.exec(requested ?? "")?.[1];
  return new Set([...listeners.flatMap((listener) => parseTarget(listener)?.port ?? []), ...(asked === undefined ? [] : [Number(asked)])]);
}

function addressOf({ target, via }: ResultCell, ports: ReadonlySet<number> | undefined): string {
  const { listener, socks } = splitTarget(target);
  const parts = parseTarget(listener);
  const own = parts && (ports?.has(parts.port) || ports?.size === 0);
  const address = parts && own ? parts.address : listener;
  return `${address}${via === undefined ? "" : ` via ${via}`}${socks === undefined ? "" : ` → ${socks}`}`;
}

function listeningHost(forward: ResultForward): string {
  return forward.listensOn ?? (forward.kind === null || listensOnServer(forward.kind) ? serverOf(forward) : forward.from);
}
