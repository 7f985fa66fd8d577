/** The borders between the folders of harness/: data flows one way, later stages never reach back. */
import type { Module } from "./imports.ts";

/** What a stage may import besides itself and the shared modules. */
const allowed: Record<string, readonly string[]> = {
  engine: [],
  lab: ["engine"],
  ssh: ["lab"],
  probe: ["lab"],
  exposure: [],
  report: ["exposure"],
  vitest: ["engine", "lab", "ssh", "probe", "exposure", "report"],
  cli: ["engine", "lab", "ssh", "probe", "exposure", "report"],
};

const outermost = ["vitest", "cli"];

/** Words that every stage shares: plain data and pure functions. */
const shared = [
  "harness/errors.ts",
  "harness/lab/host.ts",
  "harness/lab/spec.ts",
  "harness/probe/verdict.ts",
  "harness/ssh/outcome.ts",
  "harness/ssh/forward-arguments.ts",
];

/** Stages that judge and tell, and the shared modules: they must run where there is no engine, no network, no process. */
const pureStages = ["exposure", "report"];
const impure = ["testcontainers", "dockerode", "ssh2", "node:child_process", "node:net", "child_process", "net"];

/** One line for each import that crosses a border; empty when all is well. */
export function crossings(modules: readonly Module[]): string[] {
  return [...foreignImports(modules), ...impureReach(modules)];
}

function foreignImports(modules: readonly Module[]): string[] {
  return modules.flatMap((module) => {
    const from = stageOf(module.path);
    return module.imports
      .filter(({ own }) => own)
      .flatMap(({ target, line }) => {
        if (!target.startsWith("harness/")) return target === "package.json" ? [] : [`${module.path}:${line} leaves harness/: ${target}`];
        const to = stageOf(target);
        // What stands beside the stages joins them: it may use them all, and only the outermost may use it.
        if (from === undefined || from === to || shared.includes(target)) return [];
        if (to === undefined ? outermost.includes(from) : allowed[from]?.includes(to)) return [];
        return [`${module.path}:${line} ${from} must not import ${target}`];
      });
  });
}

function impureReach(modules: readonly Module[]): string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const starts = modules.filter(({ path }) => shared.includes(path) || pureStages.includes(stageOf(path) ?? ""));
  return starts.flatMap(({ path }) => {
    const way = wayToImpure(path, byPath, new Set());
    return way ? [`${path} must stay pure, but reaches ${way.join(" -> ")}`] : [];
  });
}

function wayToImpure(path: string, modules: ReadonlyMap<string, Module>, seen: Set<string>): string[] | undefined {
  seen.add(path);
  for (const { target, own, typeOnly } of modules.get(path)?.imports ?? []) {
    if (typeOnly || seen.has(target)) continue;
    if (!own && impure.includes(target)) return [target];
    const way = own ? wayToImpure(target, modules, seen) : undefined;
    if (way) return [target, ...way];
  }
  return undefined;
}

/** `harness/lab/firewall/x.ts` -> `lab`; undefined for files directly in harness/. */
function stageOf(path: string): string | undefined {
  return /^harness\/([^/]+)\//.exec(path)?.[1];
}
