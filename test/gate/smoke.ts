/**
 * Packs the built package, lays it beside the dependencies that it declares and nothing else, and uses it as its users do:
 * the command, the library, its types, the test fixtures. Nothing is downloaded: dependencies are links into this checkout.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";

const root = join(import.meta.dirname, "../..");
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
  name: string;
  version: string;
  dependencies: Record<string, string>;
  peerDependencies?: Record<string, string>;
};
const home = mkdtempSync(join(tmpdir(), "forwardlab-package-"));
const modules = join(home, "node_modules");
const installed = join(modules, manifest.name);
const command = join(installed, "harness/cli/bin.mjs");

try {
  step("the tarball holds what it needs and no more", tarball);
  step("forwardlab --version", version);
  step("npx forwardlab in an empty folder: the pages, and a clear word on what the package lacks", npx);
  step("an older Node is told in one sentence, exit code 2", olderNode);
  step('import("forwardlab")', library);
  step("the types, for a strict user", types);
  step('tests with "forwardlab/vitest"', fixtures);
} finally {
  rmSync(home, { recursive: true, force: true });
}

function step(what: string, check: () => void): void {
  check();
  console.log(`ok  ${what}`);
}

function tarball(): void {
  const packed = JSON.parse(run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", home], root)) as
    | { filename: string; files: { path: string }[] }[]
    | Record<string, { filename: string; files: { path: string }[] }>;
  const [pack] = Object.values(packed);
  const paths = pack?.files.map(({ path }) => path) ?? [];
  const needed = [
    "package.json",
    "LICENSE",
    "dist/index.js",
    "dist/cli/main.js",
    "harness/cli/bin.mjs",
    "dist/vitest/index.js",
    "dist/web/report.html",
    "containers/Dockerfile",
  ];
  const missing = needed.filter((path) => !paths.includes(path));
  if (missing.length > 0) throw new Error(`missing from the package: ${missing.join(", ")}`);
  const surplus = paths.filter((path) => /(^|\/)(test|bench|node_modules|__pycache__)\/|(?<!\.d)\.ts$/.test(path));
  if (surplus.length > 0) throw new Error(`not for the package: ${surplus.join(", ")}`);
  mkdirSync(modules);
  run("tar", ["-xzf", pack?.filename ?? "", "-C", home], home);
  cpSync(join(home, "package"), installed, { recursive: true });
  for (const name of Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })) link(name);
  writeFileSync(join(home, "package.json"), '{ "type": "module", "private": true }\n');
}

function version(): void {
  const printed = run(process.execPath, [command, "--version"], home).trim();
  if (!printed.includes(manifest.version)) throw new Error(`printed ${JSON.stringify(printed)}, not ${manifest.version}`);
}

function npx(): void {
  mkdirSync(join(modules, ".bin"));
  symlinkSync(command, join(modules, ".bin", "forwardlab"));
  const folder = join(home, "empty");
  mkdirSync(folder);
  const npx = (...args: string[]) => spawnSync("npx", ["--no", "forwardlab", ...args], { cwd: folder, encoding: "utf8" });
  const page = npx("playground", "--out", "-");
  if (page.status !== 0 || !page.stdout.startsWith("<!doctype html>")) throw new Error(`playground: ${page.stderr}`);
  const lacking = npx("run", "--list");
  if (lacking.status !== 2 || !lacking.stderr.includes("part of the repository, not of the package"))
    throw new Error(`run ended with ${lacking.status} and said ${lacking.stderr}`);
  const key = npx("cache", "key");
  if (!/^forwardlab-images-[0-9a-f]{16}\n$/.test(key.stdout)) throw new Error(`cache key: ${key.stdout}${key.stderr}`);
}

/** By a real older Node where the machine has one on its PATH, else by this one that says it is older. */
function olderNode(): void {
  const claim = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.20.2'})";
  const older = (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, "node"))
    .find((node) => existsSync(node) && Number(run(node, ["-p", "process.versions.node.split('.')[0]"], home)) < 24);
  const [node, ...before] = older ? [older] : [process.execPath, "--import", claim];
  const { status, stdout, stderr } = spawnSync(node as string, [...before, command, "verify", "policy.yaml"], {
    cwd: home,
    encoding: "utf8",
  });
  const lines = stderr.trimEnd().split("\n");
  if (status !== 2 || stdout !== "" || lines.length !== 1 || !/^forwardlab needs Node 24 or newer, and this is Node \d+/.test(stderr))
    throw new Error(`${node} ended with ${status} and said ${JSON.stringify(stderr)}`);
}

function library(): void {
  const names = run(process.execPath, ["-e", 'import("forwardlab").then((all) => console.log(Object.keys(all).join(" ")))'], home).trim();
  if (names === "") throw new Error("no name is exported");
  const page = run(
    process.execPath,
    ["-e", 'import("forwardlab").then(async (all) => console.log((await all.reportPage()).slice(0, 15)))'],
    home,
  );
  if (page.trim() !== "<!doctype html>") throw new Error(`the page of the html report begins with ${JSON.stringify(page)}`);
}

function types(): void {
  link("@types/node");
  writeFileSync(
    join(home, "user.ts"),
    'import * as forwardlab from "forwardlab";\nexport const names: string[] = Object.keys(forwardlab);\n',
  );
  const flags = "--noEmit --strict --target es2024 --lib es2024,esnext.disposable --module nodenext --types node".split(" ");
  const { stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), [...flags, "user.ts"], { cwd: home, encoding: "utf8" });
  // Types of other packages are their business, and users leave them out with skipLibCheck. Ours must be whole.
  const ours = stdout
    .split("\n")
    .filter((line) => /^(user\.ts|node_modules\/forwardlab\/)/.test(line))
    .filter((line) => !/TS(2307|7016|2688): [^']*'(?!\.)/.test(line));
  if (ours.length > 0) throw new Error(ours.join("\n"));
}

function fixtures(): void {
  link("vitest");
  const test = 'import { expect, test } from "forwardlab/vitest";\ntest("is there", () => expect(typeof expect).toBe("function"));\n';
  writeFileSync(join(home, "user.test.ts"), test);
  run(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), "run", "--root", home], home);
}

function link(name: string): void {
  const target = join(modules, name);
  if (existsSync(target)) return;
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(join(root, "node_modules", name), target, "dir");
}

/** @throws with all that the program printed */
function run(program: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(program, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error([`${program} ${args.join(" ")} failed`, stdout, stderr].filter(Boolean).join("\n"), { cause: error });
  }
}
