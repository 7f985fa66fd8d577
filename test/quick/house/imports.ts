/** What each module of the harness imports, by a real parser. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { parseSync } from "oxc-parser";

/** The repository's root. */
export const root = join(import.meta.dirname, "../../..");

interface Import {
  /** As written. */
  specifier: string;
  /** Path from the root for one of our own files; otherwise the package or `node:` module, without a subpath. */
  target: string;
  own: boolean;
  /** `import type` and `export type`: gone at run time. `import { type A }` is not: Node still loads the module. */
  typeOnly: boolean;
  line: number;
}

export interface Module {
  /** From the root, with `/`. */
  path: string;
  imports: Import[];
}

/** All modules below a folder of the root. */
export function modulesBelow(folder: string): Module[] {
  return globSync(`${folder}/**/*.{ts,tsx,mjs}`, { cwd: root })
    .map((path) => path.replaceAll("\\", "/"))
    .sort()
    .map((path) => ({ path, imports: importsOf(path, readFileSync(join(root, path), "utf8")) }));
}

export function importsOf(path: string, source: string): Import[] {
  const { module, errors } = parseSync(path, source);
  if (errors.length > 0) throw new SyntaxError(`${path}: ${errors[0]?.message}`);
  const found: { specifier: string; start: number; typeOnly: boolean }[] = [];
  for (const { moduleRequest, start } of module.staticImports)
    found.push({ specifier: moduleRequest.value, start, typeOnly: /^import\s+type\s+(?!from\b)/.test(source.slice(start)) });
  for (const { entries, start } of module.staticExports)
    for (const specifier of new Set(entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])))
      found.push({ specifier, start, typeOnly: /^export\s+type\b/.test(source.slice(start)) });
  for (const { moduleRequest } of module.dynamicImports) {
    const text = source.slice(moduleRequest.start, moduleRequest.end);
    if (/^["'`][^$]*["'`]$/.test(text)) found.push({ specifier: text.slice(1, -1), start: moduleRequest.start, typeOnly: false });
  }
  return found.map(({ specifier, start, typeOnly }) => ({
    specifier,
    ...targetOf(path, specifier),
    typeOnly,
    line: source.slice(0, start).split("\n").length,
  }));
}

function targetOf(path: string, specifier: string): { target: string; own: boolean } {
  if (specifier.startsWith(".")) return { target: posix.join(dirname(path), specifier), own: true };
  const parts = specifier.split("/");
  return { target: specifier.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? ""), own: false };
}
