// From a fresh clone to a running command, on any Node from 16 on: brings the dependencies (Node 24 among them), then
// hands over. Plain JavaScript without dependencies, because nothing else is there yet.
//   node harness/cli/bootstrap.mjs <verify|test|forwardlab|engines|soak|bench|gate|image> [arguments…]
// Standard output belongs to the command; everything printed here goes to standard error.
import { execFile, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { constants, setPriority, tmpdir } from "node:os";
import { basename, delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { downloadNode } from "./download-node.mjs";
import { registriesOf } from "./npm-registry.mjs";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MODULES = join(ROOT, "node_modules");
const STAMP = join(MODULES, ".forwardlab-stamp");
/** Node for a run without the development dependencies, which bring their own. npm leaves names with a dot alone. */
const RUNTIME = join(MODULES, ".runtime");
/** npm's list of installed packages, which it writes last. */
const RUNTIME_COMPLETE = join(RUNTIME, "node_modules", ".package-lock.json");
/** Where packages are installed that are not there at all yet. */
const ASIDE = join(MODULES, ".aside");
const PLATFORM_NODE = `node-${process.platform}-${process.arch}`;
const INSTALLED = join(MODULES, ".package-lock.json");
const NEEDED_NODE = 24;
/** For what others need not wait for: they need Node, which comes beside the packages, and do more after it. */
const LATER = constants.priority.PRIORITY_BELOW_NORMAL;
const DEFAULT_POLICY = join(ROOT, "examples", "article");
const LAB_ERROR = 2;

/** Options of `verify` that take a value as the next word: such a word is not the policy. */
const WITH_VALUE = ["--report", "--only", "--shard", "--labs", "--openssh", "--name", "--fix-patch", "--lang"];

/** Commands that build no page and run no scenario, unless a word of theirs asks for html. */
const WITHOUT_DEVELOPMENT = [
  "verify",
  "review",
  "init",
  "doctor",
  "engine",
  "cache",
  "up",
  "ls",
  "shell",
  "exec",
  "capture",
  "down",
  "prune",
];

const MAIN = join(ROOT, "harness", "cli", "main.ts");
const INSTALL_LOCKED = join(ROOT, "harness", "cli", "install-locked.mjs");
const PREPARE = join(ROOT, "harness", "cli", "prepare.ts");
const COMMANDS = {
  forwardlab: (args) => [MAIN, ...args],
  verify: (args) => [MAIN, "verify", ...(hasPositional(args) ? [] : [DEFAULT_POLICY]), ...args],
  test: (args) => [join(MODULES, "vitest", "vitest.mjs"), "run", "--root", ROOT, ...args],
  engines: (args) => [join(ROOT, "test", "engines", "main.ts"), ...args],
  soak: (args) => [join(ROOT, "test", "soak", "main.ts"), ...args],
  bench: (args) => [join(ROOT, "bench", "main.ts"), ...args],
  gate: (args) => [join(ROOT, "test", "gate.ts"), ...args],
  image: (args) => [join(ROOT, "ci", "build-image.ts"), ...args],
};

const [command, ...args] = process.argv.slice(2);
const argvOf = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
if (!argvOf) {
  stop(`usage: node harness/cli/bootstrap.mjs <${Object.keys(COMMANDS).join("|")}> [arguments…]`);
}
const needed = neededPackages();
await bringWhatIsMissing();
handOver(findNode(), argvOf(args));

/** `run`: what a lab needs; `all`: also what builds pages, runs scenarios, and tests. */
function neededPackages() {
  const lab = command === "verify" || (command === "forwardlab" && WITHOUT_DEVELOPMENT.includes(args[0]));
  // Elsewhere the development dependencies bring Node.
  const nodeToo = process.platform === "linux" || isNew(process.versions.node);
  return lab && nodeToo && !args.some((word) => word.includes("html")) ? "run" : "all";
}

/** Side by side: the packages, Node itself, and with that Node what a first lab takes from Debian. */
async function bringWhatIsMissing() {
  const lockFile = readFileSync(join(ROOT, "package-lock.json"), "utf8");
  const all = createHash("sha256").update(lockFile).digest("hex");
  const run = `${all} without development`;
  const stamp = readIfThere(STAMP);
  if (stamp === all || (needed === "run" && stamp === run)) return;
  const there = installedIs(lockFile, "all") ? all : needed === "run" && installedIs(lockFile, "run") && presentNode() && run;
  if (there) return writeFileSync(STAMP, there);

  say(`installing the dependencies (about ${needed === "run" ? 5 : 20} s)`);
  const registries = needed === "run" ? await knownRegistries() : undefined;
  const packages = installPackages(registries);
  const node = needed === "run" && !presentNode() ? bringNode(registries) : undefined;
  await node;
  prepareFirstRun();
  await packages;
  if (needed === "all") rmSync(RUNTIME, { recursive: true, force: true });
  writeFileSync(STAMP, needed === "run" ? run : all);
}

/**
 * Not `npm ci`: it refuses a lock file that was written where a registry did not have the optional packages of other platforms. --no-save takes
 * the versions of the lock file and changes neither it nor package.json.
 */
async function installPackages(registries) {
  const install = ["install", "--no-save", ...(needed === "run" ? ["--omit=dev", "--omit=optional", "--ignore-scripts"] : [])];
  if (existsSync(INSTALLED)) return requireInstalled(await npm(install));
  // Without npm's own list at its end, an installation was cut off half-way; a script of it may still be writing for a moment.
  rmSync(MODULES, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
  if (registries && (await installAside(registries))) return;
  requireInstalled(await npm(install));
}

/** @returns whether it succeeded: a registry may have the packages elsewhere */
async function installAside(registries) {
  const made = join(ASIDE, "node_modules");
  mkdirSync(made, { recursive: true });
  const argv = tied("KILL", [process.execPath, INSTALL_LOCKED, join(ROOT, "package-lock.json"), ASIDE, JSON.stringify(registries)]);
  const failed = (await ended(argv, "ignore", LATER)) !== undefined;
  if (!failed) {
    // npm's list last: it says that the others are there.
    const first = readdirSync(made).filter((name) => join(MODULES, name) !== INSTALLED);
    for (const name of [...first, basename(INSTALLED)]) renameSync(join(made, name), join(MODULES, name));
  }
  rmSync(ASIDE, { recursive: true, force: true });
  return !failed;
}

/** The registries, if they can be reached without npm. */
async function knownRegistries() {
  const [file, ...first] = npmCommand();
  try {
    const { stdout } = await promisify(execFile)(file, [...first, "config", "list", "--json"], { cwd: ROOT });
    return registriesOf(JSON.parse(stdout));
  } catch {
    return undefined;
  }
}

/** The same version as in the development dependencies, from the platform's own package, which has no scripts. */
async function bringNode(registries) {
  const { version } = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages["node_modules/node"];
  rmSync(RUNTIME, { recursive: true, force: true }); // half of it
  const into = join(RUNTIME, "node_modules", PLATFORM_NODE);
  mkdirSync(into, { recursive: true });
  try {
    if (!registries) throw new Error("only npm reaches the registry");
    await downloadNode(registries, PLATFORM_NODE, version, into);
    writeFileSync(RUNTIME_COMPLETE, "{}\n");
  } catch {
    requireInstalled(await npm(["install", "--no-save", "--no-package-lock", "--prefix", RUNTIME, `${PLATFORM_NODE}@${version}`]));
  }
}

/** Whoever is handed over to waits for it, by the lock of the cache folder. Without a Node that can, the same is done later, in turn. */
function prepareFirstRun() {
  const node = presentNode();
  const [first, second] = command === "forwardlab" ? args : [command];
  const brings = first === "cache" && second === "import";
  if (!node || !(brings || ["verify", "review", "test"].includes(first))) return;
  const [file, ...rest] = tied("KILL", [node, "--no-warnings", PREPARE, brings ? "engine" : first]);
  spawn(file, rest, { stdio: ["ignore", 2, 2], cwd: ROOT }).on("error", () => {});
}

function hasPositional(words) {
  return words.some((word, index) => !word.startsWith("-") && !WITH_VALUE.includes(words[index - 1]));
}

function npmCommand() {
  return tied("KILL", process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"]);
}

/** @returns why it failed, if it did */
function npm(words) {
  return ended([...npmCommand(), ...words, "--no-audit", "--no-fund", "--loglevel=error"], 2);
}

/** @returns why it failed, if it did */
function ended([file, ...words], output, priority = 0) {
  const child = spawn(file, words, {
    cwd: ROOT,
    stdio: ["ignore", output, output],
    shell: process.platform === "win32" && file === "npm",
  });
  if (child.pid && priority !== 0) setPriority(child.pid, priority);
  return new Promise((done) => {
    child.on("error", (error) => done(error.message));
    child.on("exit", (status, signal) => done(status === 0 ? undefined : `it ended with status ${status ?? signal}`));
  });
}

/** Ends this process where npm has failed. */
function requireInstalled(failure) {
  if (failure === undefined) return;
  stop(
    `the dependencies could not be installed (${failure}).\nCheck that the npm registry can be reached and that the disk is not full, then run it again; \`npm install --no-save\` alone shows more.`,
  );
}

/** npm writes what it really installed into a lock file of its own, when it is done: the same packages as ours asks for? */
function installedIs(lockFile, which) {
  try {
    const wanted = JSON.parse(lockFile).packages;
    const installed = JSON.parse(readFileSync(INSTALLED, "utf8")).packages;
    const same = (path) =>
      installed[path] && installed[path].version === wanted[path].version && installed[path].integrity === wanted[path].integrity;
    const left = ({ optional, dev, devOptional }) => optional || (which === "run" && (dev || devOptional));
    const required = Object.keys(wanted).filter((path) => path !== "" && !left(wanted[path]));
    return required.every(same) && Object.keys(installed).every((path) => wanted[path]);
  } catch {
    return false;
  }
}

function findNode() {
  return (
    presentNode() ??
    stop(
      `Node ${NEEDED_NODE} is needed and this is ${process.version}; the package \`node\` that brings it was not installed completely.\nRemove node_modules and run it again without npm's ignore-scripts setting, or install Node ${NEEDED_NODE}.`,
    )
  );
}

function presentNode() {
  const own = join(MODULES, ".bin", process.platform === "win32" ? "node.cmd" : "node");
  if (existsSync(own)) return own;
  if (isNew(process.versions.node)) return process.execPath;
  return existsSync(RUNTIME_COMPLETE) ? join(RUNTIME, "node_modules", PLATFORM_NODE, "bin", "node") : undefined;
}

function isNew(version) {
  return Number(version.split(".")[0]) >= NEEDED_NODE;
}

/** Killed with SIGKILL, this process could not pass anything on: the kernel sends the signal to what was started. */
function tied(signal, argv) {
  const possible = process.platform === "linux" && existsSync("/usr/bin/setpriv");
  return possible ? ["/usr/bin/setpriv", "--pdeathsig", signal, ...argv] : argv;
}

function handOver(node, argv) {
  const [file, ...rest] = tied("TERM", [node, ...argv]);
  // In a checkout Node translates TypeScript: from the first file on it is to find that done, or it loads its translator (0.2 s).
  const env = {
    NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
    ...process.env,
    PATH: [join(MODULES, ".bin"), dirname(node), process.env.PATH].join(delimiter),
  };
  const child = spawn(file, rest, { stdio: "inherit", env, cwd: startFolder() });
  for (const name of ["SIGTERM", "SIGHUP", "SIGINT"]) {
    // A terminal sends SIGINT to both of us already.
    process.on(name, () => (name === "SIGINT" && process.stdin.isTTY ? undefined : child.kill(name)));
  }
  child.on("error", (error) => stop(`${node} could not be started: ${error.message}`));
  child.on("exit", (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}

/** `npm run` starts its scripts in the package's folder; paths that a person types mean the folder they stand in. */
function startFolder() {
  const byNpm = process.env.npm_lifecycle_event === command && process.env.INIT_CWD;
  return byNpm && existsSync(byNpm) ? byNpm : process.cwd();
}

function readIfThere(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function say(text) {
  process.stderr.write(`forwardlab: ${text}\n`);
}

function stop(text) {
  say(text);
  process.exit(LAB_ERROR);
}
