/** From lines that a program of the server's writes to the user's lines that it does so for. */
import type { FirewallFile } from "./firewall-files.ts";

/** Of anything that stands in one of the files. What stands in the user's own is left as it is. */
export function toldOf(files: Readonly<Record<string, FirewallFile>>): <At extends { file: string; line: number }>(at: At) => At {
  const origins = new Map(Object.values(files).flatMap(({ display, origins: lines }) => (lines ? [[display, lines] as const] : [])));
  return (at) => {
    const origin = origins.get(at.file)?.[at.line - 1];
    return origin ? { ...at, file: origin.file, line: origin.line ?? 1, ...("column" in at ? { column: origin.column ?? 1 } : {}) } : at;
  };
}
