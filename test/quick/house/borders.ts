/** The borders between the rooms of harness/: data flows one way, a later room never reaches back. docs/architecture.md has the map. */
import type { Module } from "./imports.ts";

/** What the pipelines join, and those that show their result. */
const joined = ["openssh", "files", "firewall", "policy", "engine", "lab", "ssh", "probe", "session", "judgement", "report"];

/** The rooms in the order of the data, each with the earlier ones that it may use besides `core`. */
export const rooms: Record<string, readonly string[]> = {
  core: [],
  openssh: [],
  files: [],
  systemd: [],
  engine: ["files"],
  firewall: ["openssh", "files", "engine"],
  policy: ["openssh", "files", "systemd", "firewall"],
  lab: ["firewall", "engine"],
  ssh: ["openssh", "lab"],
  probe: ["lab"],
  session: ["openssh", "files", "firewall", "policy", "engine", "lab", "ssh", "probe"],
  judgement: ["openssh", "policy"],
  report: ["judgement"],
  pipelines: ["openssh", "files", "firewall", "policy", "lab", "session", "judgement", "report"],
  vitest: ["openssh", "firewall", "policy", "engine", "lab", "ssh", "probe", "session", "judgement", "report"],
  web: ["openssh", "firewall", "session", "report"],
  learn: [...joined, "pipelines", "vitest", "web"],
  cli: [...joined, "pipelines", "web", "learn"],
};

/** Rooms that know without looking: they must run where there is no engine, no network, no process. */
const pureRooms = ["core", "openssh", "systemd", "judgement", "report"];
const impure = ["testcontainers", "dockerode", "ssh2", "node:child_process", "node:net", "child_process", "net"];

/** One line for each import that crosses a border; empty when all is well. */
export function crossings(modules: readonly Module[]): string[] {
  return [...foreignImports(modules), ...impureReach(modules)];
}

function foreignImports(modules: readonly Module[]): string[] {
  return modules.flatMap((module) => {
    const from = roomOf(module.path);
    return module.imports
      .filter(({ own }) => own)
      .flatMap(({ target, line }) => {
        if (!target.startsWith("harness/"))
          return target === "package.json" || target.startsWith("dist/") ? [] : [`${module.path}:${line} leaves harness/: ${target}`];
        const to = roomOf(target);
        if (from === undefined || from === to || to === "core") return [];
        if (to !== undefined && rooms[from]?.includes(to)) return [];
        return [`${module.path}:${line} ${from} must not import ${target}`];
      });
  });
}

function impureReach(modules: readonly Module[]): string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const starts = modules.filter(({ path }) => pureRooms.includes(roomOf(path) ?? ""));
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

/** `harness/lab/wiring.ts` -> `lab`; undefined for `harness/index.ts`, the library's entry, which joins them all. */
function roomOf(path: string): string | undefined {
  return /^harness\/([^/]+)\//.exec(path)?.[1];
}
