/** File name patterns as glob(3) reads them, because nft does: no `**`, no braces, hidden files only when named, bytewise order. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const wildcard = /[*?[]/;

export function isGlob(pattern: string): boolean {
  return wildcard.test(pattern);
}

/** Paths below `root` (absolute) that match `pattern` (relative to it), sorted. */
export function glob(root: string, pattern: string): string[] {
  let found = [root];
  for (const segment of pattern.split("/").filter(Boolean)) {
    if (!isGlob(segment)) {
      found = found.map((folder) => join(folder, segment)).filter((path) => existsSync(path));
      continue;
    }
    const matches = segmentPattern(segment);
    found = found.flatMap((folder) =>
      namesIn(folder)
        .filter((name) => matches.test(name) && (!name.startsWith(".") || segment.startsWith(".")))
        .map((name) => join(folder, name)),
    );
  }
  return found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function segmentPattern(segment: string): RegExp {
  const source = segment.replaceAll(/\[([!^]?)(\]?[^\]]*)\]|\\(.)|[\s\S]/g, (part, not: string, set?: string, escaped?: string) => {
    if (set !== undefined) return `[${not ? "^" : ""}${set.replaceAll(/[\\\][^]/g, "\\$&")}]`;
    if (escaped !== undefined) return literally(escaped);
    if (part === "*") return ".*";
    return part === "?" ? "." : literally(part);
  });
  return new RegExp(`^${source}$`, "su");
}

function literally(text: string): string {
  return text.replaceAll(/[\^$\\.*+?()[\]{}|/]/g, "\\$&");
}
