/** From lines that a program of the server's writes to the user's lines that it does so for. */
import type { FirewallFile } from "./firewall-files.ts";

/** Of anything that stands in one of the files. What stands in the user's own is left as it is. */
export function toldOf(files: Readonly<Record<string, FirewallFile>>): <At extends Told>(at: At) => At {
  const origins = new Map(Object.values(files).flatMap(({ display, origins: lines }) => (lines ? [[display, lines] as const] : [])));
  return (at) => {
    const origin = origins.get(at.file)?.[(at.line ?? 0) - 1];
    if (!origin) return at;
    const { line: _, column: __, ...rest } = at;
    return { ...rest, ...origin } as typeof at;
  };
}

/** Without a line: made of no line of the user's, but because a file is missing from the folder. */
interface Told {
  file: string;
  line?: number;
  column?: number;
}
