/** The whole source address space on a terminal: rows are classes of addresses, columns are forwards. */
import type { Result } from "../core/result.ts";
import { resultWords } from "./result-words.ts";
import type { Language } from "./sentences.ts";
import { classStatus, classText, type SourceRow, sourceRows, uncoveredLines } from "./sources.ts";
import { type Paint, statusColors } from "./text-style.ts";
import { columnsOf, padColumns, wrap } from "./wrap.ts";

/** Empty where only the policy's vantage points were asked for. */
export function sourcesBlock(result: Result, language: Language, paint: Paint, width: number): string {
  const rows = sourceRows(result, language);
  const words = resultWords[language];
  if (rows.length === 0) return "";
  const { title, from } = { title: words.sources.title, from: language === "en" ? "from" : words.sources.from };
  const left = Math.max(columnsOf(title) - 6, ...rows.map(({ addresses }) => columnsOf(addresses)));
  const stands = Math.max(columnsOf(from), ...rows.map(({ standsFor }) => standsFor.length));
  const names = Object.keys(rows[0]?.cells ?? {});
  const columns = names.map((name) => ({
    name,
    width: Math.max(name.length, ...rows.map(({ cells }) => classText(cells[name] ?? []).length)),
  }));
  const head = `${padColumns(title, left + 8)}  ${padColumns(from, stands)}${columns.map((each) => `  ${each.name.padEnd(each.width)}`).join("")}`;
  const lines = rows.map((row, at) => {
    const family = rows[at - 1]?.family === row.family ? "" : words.family(row.family);
    const cells = columns.map((each) => painted(row, each.name, each.width, paint)).join("");
    return `  ${family.padEnd(4)}  ${padColumns(row.addresses, left)}  ${row.standsFor.padEnd(stands)}${cells}`.trimEnd();
  });
  return [
    paint("bold", head.trimEnd()),
    ...lines,
    ...uncoveredLines(result, language).flatMap((line) => wrap(line, width - 2).map((each) => `  ${each}`)),
  ].join("\n");
}

function painted({ cells }: SourceRow, name: string, width: number, paint: Paint): string {
  const own = cells[name] ?? [];
  const text = classText(own);
  const status = classStatus(own);
  return `  ${status ? paint(statusColors[status], text) : text}${" ".repeat(width - text.length)}`;
}
