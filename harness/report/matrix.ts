/** The matrix: rows are vantage points and the addresses they dial, columns are forwards. */
import { compareCells } from "../core/cells.ts";
import type { Result, ResultCell, ResultForward } from "../core/result.ts";

export interface MatrixRow {
  vantage: string;
  /** Null: a Unix socket. */
  family: 4 | 6 | null;
  /** Without port: the port is the column's. Of a Unix socket its path and the account that opens it. */
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
export function matrices(result: Result): Matrix[] {
  const hosts = [...new Set(result.forwards.map(listeningHost))].sort(
    (one, other) => Number(other === "server") - Number(one === "server"),
  );
  return hosts
    .map((listensOn): Matrix => {
      const forwards = result.forwards.filter(
        (forward) => listeningHost(forward) === listensOn && result.cells.some((cell) => cell.forward === forward.name),
      );
      const rows = new Map<string, MatrixRow>();
      const names = new Set(forwards.map((forward) => forward.name));
      // Rows in the order of cells, whichever forward has them.
      const cells = result.cells
        .filter((cell) => names.has(cell.forward))
        .sort((one, other) => compareCells({ ...one, forward: "" }, { ...other, forward: "" }));
      for (const cell of cells) {
        const address = addressOf(cell.target);
        const key = `${cell.vantage} ${address}`;
        const row = rows.get(key) ?? { vantage: cell.vantage, family: cell.family, address, cells: {} };
        row.cells[cell.forward] = cell;
        rows.set(key, row);
      }
      return { listensOn, forwards, rows: [...rows.values()] };
    })
    .filter((matrix) => matrix.forwards.length > 0);
}

function listeningHost(forward: ResultForward): string {
  return forward.listensOn ?? (forward.kind === "local" || forward.kind === "dynamic" ? forward.from : "server");
}

/** The address of `address:port`, brackets stripped; what a SOCKS proxy is asked for stays whole. */
export function addressOf(target: string): string {
  const [proxy = "", asked] = target.split(/(?= → )/);
  if (asked !== undefined) return `${addressOf(proxy)}${asked}`;
  return target.startsWith("/") ? target : target.replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
}
