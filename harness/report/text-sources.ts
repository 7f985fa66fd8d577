/** The whole source address space on a terminal: rows are classes of addresses, columns are forwards. */
import type { Result } from "../core/result.ts";
import { classStatus, classText, type SourceRow, sourceRows, uncoveredLines } from "./sources.ts";
import { type Paint, statusColors } from "./text-style.ts";
import { familyWord } from "./words.ts";
import { wrap } from "./wrap.ts";

/** Empty where only the policy's vantage points were asked for. */
export function sourcesBlock(result: Result, paint: Paint, width: number): string {
  const rows = sourceRows(result);
  if (rows.length === 0) return "";
  const title = "Every source address";
  const left = Math.max(title.length - 6, ...rows.map(({ addresses }) => addresses.length));
  const stands = Math.max(...rows.map(({ standsFor }) => standsFor.length));
  const names = Object.keys(rows[0]?.cells ?? {});
  const columns = names.map((name) => ({
    name,
    width: Math.max(name.length, ...rows.map(({ cells }) => classText(cells[name] ?? []).length)),
  }));
  const head = `${title.padEnd(left + 8)}  ${"from".padEnd(stands)}${columns.map((each) => `  ${each.name.padEnd(each.width)}`).join("")}`;
  const lines = rows.map((row, at) => {
    const family = rows[at - 1]?.family === row.family ? "" : familyWord(row.family);
    const cells = columns.map((each) => painted(row, each.name, each.width, paint)).join("");
    return `  ${family.padEnd(4)}  ${row.addresses.padEnd(left)}  ${row.standsFor.padEnd(stands)}${cells}`.trimEnd();
  });
  return [
    paint("bold", head.trimEnd()),
    ...lines,
    ...uncoveredLines(result).flatMap((line) => wrap(line, width - 2).map((each) => `  ${each}`)),
  ].join("\n");
}

function painted({ cells }: SourceRow, name: string, width: number, paint: Paint): string {
  const own = cells[name] ?? [];
  const text = classText(own);
  const status = classStatus(own);
  return `  ${status ? paint(statusColors[status], text) : text}${" ".repeat(width - text.length)}`;
}
