/** The server's files as a config's Include lines and settings name them, however they are stored here. */
import { starPattern } from "../core/wildcard.ts";

/** What stands at a path of the server. */
export type TreeEntry =
  | { kind: "file"; content: Uint8Array; display: string }
  | { kind: "folder"; names: readonly string[]; display: string }
  /** A folder that was given, or the whole tree, has nothing there. */
  | { kind: "missing" }
  /** Nobody gave what stands at `path`. `link`: the symbolic link that leads there, as the user's file. */
  | { kind: "not-given"; path: string; link?: string };

export interface FileTree {
  /** `path`: absolute, on the server. */
  look(path: string): Promise<TreeEntry>;
}

/** A tree in which one file exists, and nothing else. */
export function singleFile(path: string, content: Uint8Array, display: string): FileTree {
  return { look: async (asked) => (asked === path ? { kind: "file", content, display } : { kind: "missing" }) };
}

/** Paths that a pattern matches, and places that nobody gave, of which it is not known whether it matches anything. */
export interface Expanded {
  paths: string[];
  notGiven: { path: string; link?: string }[];
}

const wildcard = /[*?[]/;

/** glob(3) without flags: names sorted by bytes; `*`, `?` and `[…]` cross no slash and match no leading dot. */
export async function expandPattern(tree: FileTree, pattern: string): Promise<Expanded> {
  const notGiven: Expanded["notGiven"] = [];
  const parts = pattern.split("/").filter(Boolean);
  let paths = [""];
  for (const [at, part] of parts.entries()) {
    if (!wildcard.test(part)) {
      paths = paths.map((path) => `${path}/${part}`);
      continue;
    }
    const rest = parts.slice(at).join("/");
    const next: string[] = [];
    for (const path of paths) {
      const entry = await tree.look(path || "/");
      if (entry.kind === "not-given") notGiven.push({ ...entry, path: `${entry.path.replace(/\/$/, "")}/${rest}` });
      const names = entry.kind === "folder" ? [...entry.names].sort(byBytes) : [];
      next.push(...names.filter((name) => matchesName(name, part)).map((name) => `${path}/${name}`));
    }
    paths = next;
  }
  return { paths, notGiven };
}

export function byBytes(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => new TextEncoder().encode(text)) as [Uint8Array, Uint8Array];
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at < 0 ? a.length - b.length : (a[at] as number) - (b[at] ?? -1);
}

function matchesName(name: string, pattern: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  const pieces = [""];
  for (const [token, not, set] of pattern.matchAll(/\[(!|\^)?([^\]]+)\]|[\s\S]/gu)) {
    if (token === "*") pieces.push("");
    else pieces[pieces.length - 1] += setOrLiteral(token, not, set);
  }
  return starPattern(pieces).test(name);
}

function setOrLiteral(token: string, not: string | undefined, set: string | undefined): string {
  if (set !== undefined) return `[${not ? "^" : ""}${set.replace(/[\\^[]/g, "\\$&")}]`;
  return token === "?" ? "." : token.replace(/[\\^$.+(){}|[\]/]/, "\\$&");
}
