/** The matrix on a terminal: rows are vantage points and the addresses they dial, columns are forwards. */
import type { ResultCell } from "../core/result.ts";
import type { Matrix, MatrixRow } from "./matrix.ts";
import type { ResultWords } from "./result-word-table.ts";
import { type Paint, statusColors } from "./text-style.ts";
import { placeText, symbols } from "./words.ts";
import { columnsOf, padColumns } from "./wrap.ts";

interface Column {
  name: string;
  width: number;
}

/** What stands left of the columns. */
interface RowHead {
  visitor: string;
  family: string;
  address: string;
  row: MatrixRow;
}

export interface MatrixOptions {
  /** The listening host is told. */
  named: boolean;
  /** Rows of a vantage point in which every column is the same are one row. */
  short: boolean;
  words: ResultWords;
  paint: Paint;
  width: number;
}

/** One block for each group of columns that the terminal has room for. */
export function matrixBlocks(matrix: Matrix, options: MatrixOptions): string[] {
  const heads = options.short ? mergedHeads(matrix.rows, options.words) : matrix.rows.map((row) => headOf(row, options.words));
  const visitorWidth = Math.max(...heads.map(({ visitor }) => columnsOf(visitor)));
  const familyWidth = Math.max(...heads.map(({ family }) => family.length));
  const addressWidth = Math.max(...heads.map(({ address }) => columnsOf(address)));
  const left = 2 + visitorWidth + 2 + familyWidth + 2 + addressWidth;
  const columns = matrix.forwards.map(({ name }) => ({
    name,
    width: Math.max(name.length, ...heads.map(({ row }) => cellText(row.cells[name]).length)),
  }));
  const title = options.words.matrix(options.named ? matrix.listensOn : undefined);
  return columnGroups(columns, left, options.width).map((group) => {
    const head = `${padColumns(title, left)}${group.map(({ name, width }) => `  ${name.padEnd(width)}`).join("")}`;
    // Sockets' paths are rows of their own; those of another part are not repeated.
    const shown = heads.filter(({ row }) => group.some(({ name }) => row.cells[name]));
    const lines = shown.flatMap((one, index) => {
      const before = shown[index - 1];
      const visitor = before?.visitor === one.visitor ? "" : one.visitor;
      const family = visitor === "" && before?.family === one.family ? "" : one.family;
      const start = `  ${padColumns(visitor, visitorWidth)}  ${family.padEnd(familyWidth)}  ${padColumns(one.address, addressWidth)}`;
      return rowLines(one.row, start, group, options);
    });
    return [options.paint("bold", head.trimEnd()), ...lines].join("\n");
  });
}

function columnGroups(columns: readonly Column[], left: number, width: number): Column[][] {
  const groups: Column[][] = [];
  let used = width;
  for (const column of columns) {
    if (used + 2 + column.width > width) {
      groups.push([]);
      used = left;
    }
    groups.at(-1)?.push(column);
    used += 2 + column.width;
  }
  return groups;
}

/** The row, and what decided each of its failing cells: beside it where there is room, else below. */
function rowLines(row: MatrixRow, start: string, group: readonly Column[], { paint, width }: MatrixOptions): string[] {
  const cells = group.map(({ name, width: columnWidth }) => {
    const cell = row.cells[name];
    const text = cellText(cell);
    return `  ${cell ? paint(statusColors[cell.status], text) : text}${" ".repeat(columnWidth - text.length)}`;
  });
  const line = `${start}${cells.join("")}`;
  const deciders = failingDeciders(row, group);
  if (deciders.length === 0) return [line.trimEnd()];
  const used = columnsOf(start) + group.reduce((sum, column) => sum + 2 + column.width, 0);
  const [only] = deciders;
  if (deciders.length === 1 && only !== undefined && used + 2 + only.length <= width) return [`${line}  ${paint("dim", only)}`];
  return [
    line.trimEnd(),
    ...deciders.map((decider) => paint("dim", ` ${decider}`.padStart(Math.min(width, Math.max(used, decider.length + 5))))),
  ];
}

/** `nftables.conf:12`, where no file is known the layer; after the forward's name where it would stand beside another forward's cell. Each once. */
function failingDeciders(row: MatrixRow, group: readonly Column[]): string[] {
  const failing = group.flatMap(({ name }) => {
    const cell = row.cells[name];
    const by = cell?.decidedBy ?? cell?.unproven;
    const text = by && (placeText(by) || (cell?.decidedBy?.layer ?? ""));
    return (cell?.status === "violated" || cell?.status === "inconclusive") && text ? [{ name, text }] : [];
  });
  const byText = Map.groupBy(failing, ({ text }) => text);
  if (byText.size === 1 && failing.at(-1)?.name === group.at(-1)?.name) return [...byText.keys()].map((text) => `← ${text}`);
  return [...byText].map(([text, of]) => `${of.map(({ name }) => name).join(", ")} ← ${text}`);
}

function headOf(row: MatrixRow, words: ResultWords): RowHead {
  return { visitor: row.visitor, family: words.family(row.family), address: row.address, row };
}

/** Rows of one visitor that say the same in every column. */
function mergedHeads(rows: readonly MatrixRow[], words: ResultWords): RowHead[] {
  return [...Map.groupBy(rows, ({ visitor }) => visitor)].flatMap(([visitor, own]) => {
    const says = ({ cells }: MatrixRow) => JSON.stringify(Object.entries(cells).map(([name, cell]) => [name, cellText(cell)]));
    return [...Map.groupBy(own, says).values()].map((same): RowHead => {
      const [first] = same as [MatrixRow];
      const families = [...new Set(same.map(({ family }) => words.family(family)))];
      return { visitor, family: families.join(", "), address: addressesOf(same, own, words), row: first };
    });
  });
}

/** Room for two short addresses. */
const addressRoom = 18;

function addressesOf(same: readonly MatrixRow[], own: readonly MatrixRow[], words: ResultWords): string {
  const addresses = same.map(({ address }) => address);
  const listed = addresses.join(", ");
  if (addresses.length === 1 || listed.length <= addressRoom) return listed;
  const what = same.every(({ family }) => family === null) ? "account" : "address";
  return words.merged(what, same.length, same.length === own.length);
}

function cellText(cell: ResultCell | undefined): string {
  return cell ? `${symbols[cell.status]} ${cell.observed}` : "";
}
