/** File name patterns as glob(3) reads them, because nft does: no `**`, no braces, hidden files only when named, bytewise order. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { starPattern } from "../core/wildcard.ts";

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
  const pieces = [""];
  for (const [part, not, set, escaped] of segment.matchAll(/\[([!^]?)(\]?[^\]]*)\]|\\(.)|[\s\S]/gu)) {
    if (part === "*") pieces.push("");
    else if (set !== undefined) pieces[pieces.length - 1] += `[${not ? "^" : ""}${set.replaceAll(/[\\\][^]/g, "\\$&")}]`;
    else if (escaped === undefined && part === "?") pieces[pieces.length - 1] += ".";
    else pieces[pieces.length - 1] += literally(escaped ?? part);
  }
  return starPattern(pieces);
}

function literally(text: string): string {
  return text.replaceAll(/[\^$\\.*+?()[\]{}|/]/g, "\\$&");
}
