// From a fresh clone to a running command, on any Node from 16 on: brings the dependencies (Node 24 among them), then
// hands over. Plain JavaScript without dependencies, because nothing else is there yet.
//   node harness/cli/bootstrap.mjs <verify|test|forwardlab|engines|bench|gate|image> [arguments…]
// Standard output belongs to the command; everything printed here goes to standard error.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const MODULES = join(ROOT, "node_modules");
const STAMP = join(MODULES, ".forwardlab-stamp");
const INSTALLED = join(MODULES, ".package-lock.json");
const NEEDED_NODE = 24;
const DEFAULT_POLICY = join(ROOT, "examples", "article");
const LAB_ERROR = 2;

/** Options of `verify` that take a value as the next word: such a word is not the policy. */
const WITH_VALUE = ["--report", "--only", "--shard", "--labs", "--openssh", "--name", "--fix-patch"];

const MAIN = join(ROOT, "harness", "cli", "main.ts");
const COMMANDS = {
  forwardlab: (args) => [MAIN, ...args],
  verify: (args) => [MAIN, "verify", ...(hasPositional(args) ? [] : [DEFAULT_POLICY]), ...args],
  test: (args) => [join(MODULES, "vitest", "vitest.mjs"), "run", "--root", ROOT, ...args],
  engines: (args) => [join(ROOT, "test", "engines", "main.ts"), ...args],
  bench: (args) => [join(ROOT, "bench", "main.ts"), ...args],
  gate: (args) => [join(ROOT, "test", "gate.ts"), ...args],
  image: (args) => [join(ROOT, "ci", "build-image.ts"), ...args],
};

const [command, ...args] = process.argv.slice(2);
const argvOf = Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
if (!argvOf) {
  stop(`usage: node harness/cli/bootstrap.mjs <${Object.keys(COMMANDS).join("|")}> [arguments…]`);
}
installIfNeeded();
handOver(findNode(), argvOf(args));

function hasPositional(words) {
  return words.some((word, index) => !word.startsWith("-") && !WITH_VALUE.includes(words[index - 1]));
}

function installIfNeeded() {
  const lockFile = readFileSync(join(ROOT, "package-lock.json"), "utf8");
  const wanted = createHash("sha256").update(lockFile).digest("hex");
  if (readIfThere(STAMP) === wanted) return;
  if (!installedIs(lockFile)) {
    say("installing the dependencies (about 20 s)");
    // Without npm's own list at its end, an installation was cut off half-way; a script of it may still be writing for a moment.
    if (!existsSync(INSTALLED)) rmSync(MODULES, { recursive: true, force: true, maxRetries: 10, retryDelay: 300 });
    // Not `npm ci`: it refuses a lock file that was written where a registry did not have the optional packages of other
    // platforms. --no-save takes the versions of the lock file and changes neither it nor package.json.
    const npm = process.env.npm_execpath ? [process.execPath, process.env.npm_execpath] : ["npm"];
    const [file, ...first] = tied("KILL", npm);
    const result = spawnSync(file, [...first, "install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: ROOT,
      stdio: ["ignore", 2, 2],
      shell: process.platform === "win32" && !process.env.npm_execpath,
    });
    if (result.error || result.status !== 0) {
      const why = result.error ? result.error.message : `npm ended with status ${result.status ?? result.signal}`;
      stop(
        `the dependencies could not be installed (${why}).\nCheck that the npm registry can be reached and that the disk is not full, then run it again; \`npm install --no-save\` alone shows more.`,
      );
    }
  }
  writeFileSync(STAMP, wanted);
}

/** npm writes what it really installed into a lock file of its own, when it is done: the same packages as ours asks for? */
function installedIs(lockFile) {
  try {
    const wanted = JSON.parse(lockFile).packages;
    const installed = JSON.parse(readFileSync(INSTALLED, "utf8")).packages;
    const same = (path) =>
      installed[path] && installed[path].version === wanted[path].version && installed[path].integrity === wanted[path].integrity;
    const required = Object.keys(wanted).filter((path) => path !== "" && !wanted[path].optional);
    return required.every(same) && Object.keys(installed).every((path) => wanted[path]);
  } catch {
    return false;
  }
}

function findNode() {
  const own = join(MODULES, ".bin", process.platform === "win32" ? "node.cmd" : "node");
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split(".")[0]) >= NEEDED_NODE) return process.execPath;
  return stop(
    `Node ${NEEDED_NODE} is needed and this is ${process.version}; the package \`node\` that brings it was not installed completely.\nRemove node_modules and run it again without npm's ignore-scripts setting, or install Node ${NEEDED_NODE}.`,
  );
}

/** Killed with SIGKILL, this process could not pass anything on: the kernel sends the signal to what was started. */
function tied(signal, argv) {
  const possible = process.platform === "linux" && existsSync("/usr/bin/setpriv");
  return possible ? ["/usr/bin/setpriv", "--pdeathsig", signal, ...argv] : argv;
}

function handOver(node, argv) {
  const [file, ...rest] = tied("TERM", [node, ...argv]);
  const env = { ...process.env, PATH: `${join(MODULES, ".bin")}${process.platform === "win32" ? ";" : ":"}${process.env.PATH}` };
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
