/** Modules that import each other in a circle: neither can be read, or changed, without the other. */
import type { Module } from "./imports.ts";

/** One line for each circle that is found first; empty when there is none. */
export function circles(modules: readonly Module[]): string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, way: readonly string[]) => {
    const begin = way.indexOf(path);
    if (begin >= 0) found.push([...way.slice(begin), path].join(" -> "));
    if (begin >= 0 || done.has(path)) return;
    for (const target of new Set(byPath.get(path)?.imports.flatMap((each) => (each.own ? [each.target] : []))))
      visit(target, [...way, path]);
    done.add(path);
  };
  for (const { path } of modules) visit(path, []);
  return found;
}
