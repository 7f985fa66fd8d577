/**
 * The README's first command in a fresh clone: no dependencies, no cache of npm's, no engine, no images; and the same in a CI job that
 * kept the images. As root on Linux.
 */
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { $ } from "zx";

const repository = join(import.meta.dirname, "..");
/** `USER_HZ`, proc(5). */
const ticks = 100;

/** What the command says when a step begins. */
const beginnings = [
  { step: "dependencies", said: /installing the dependencies/ },
  { step: "engine and base", said: /starting forwardlab's embedded one/ },
  { step: "images", said: /building the image|the image \w+ .* is ready/ },
  { step: "lab and verdicts", said: /starting \d+ containers/ },
] as const;

export interface MeasuredCold {
  name: string;
  /** Milliseconds. */
  took: number;
  /** Milliseconds of each step that was seen to begin, until the next. */
  steps: Record<string, number>;
  /** Seconds that the machine's processors were busy meanwhile, with whatever. */
  busy: number;
}

/** @throws where a command fails */
export async function measureCold(signal: AbortSignal): Promise<MeasuredCold[]> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) throw new Error("--cold needs Linux and root");
  const folder = mkdtempSync(join(tmpdir(), "forwardlab-bench-"));
  try {
    const images = join(folder, "images.cache");
    const verify = { name: "npm run verify", words: ["run", "-s", "verify"] };
    const load = { name: "with kept images: cache import", words: ["run", "-s", "forwardlab", "--", "cache", "import", images] };
    const nothing = await inFreshClone(join(folder, "nothing"), signal, async (run) => {
      const measured = await run(verify);
      await run({ name: "", words: ["run", "-s", "forwardlab", "--", "cache", "export", images] });
      return [measured];
    });
    const kept = await inFreshClone(join(folder, "kept"), signal, async (run) => [
      await run(load),
      await run({ ...verify, name: "with kept images: npm run verify" }),
    ]);
    return [...nothing, ...kept];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Command {
  name: string;
  /** After `npm`. */
  words: readonly string[];
}

async function inFreshClone(
  folder: string,
  signal: AbortSignal,
  measure: (run: (command: Command) => Promise<MeasuredCold>) => Promise<MeasuredCold[]>,
): Promise<MeasuredCold[]> {
  const clone = join(folder, "clone");
  const files = (await $({ cwd: repository, quiet: true })`git ls-files -z`).stdout.split("\0").filter(Boolean);
  for (const file of files) {
    mkdirSync(dirname(join(clone, file)), { recursive: true });
    cpSync(join(repository, file), join(clone, file));
  }
  const env: NodeJS.ProcessEnv = { ...process.env, FORWARDLAB_CACHE: join(folder, "cache"), npm_config_cache: join(folder, "npm") };
  for (const name of ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "XDG_RUNTIME_DIR", "INIT_CWD", "npm_execpath"]) delete env[name];
  // All of it in one namespace: the engine goes on between the commands.
  await using machine = new EmptyMachine(clone, env, signal);
  try {
    return await measure(({ name, words }) => machine.run(name, words));
  } finally {
    await machine.run("", ["run", "-s", "forwardlab", "--", "engine", "rm"]).catch(() => undefined);
  }
}

/** A shell in a mount namespace without an engine: it reads commands from its standard input. */
class EmptyMachine implements AsyncDisposable {
  readonly #shell;
  readonly #ended: Promise<unknown>;
  #line: (line: string) => void = () => undefined;
  #over: (error: Error) => void = () => undefined;

  constructor(clone: string, env: NodeJS.ProcessEnv, signal: AbortSignal) {
    const enter = ["--mount", "--propagation", "private", "sh", join(repository, "bench/cold.sh"), "sh"];
    this.#shell = spawn("unshare", enter, { cwd: clone, env, stdio: ["pipe", "pipe", "inherit"] });
    this.#ended = new Promise((resolve) => this.#shell.once("close", resolve));
    void this.#ended.then(() => this.#over(new Error("the shell of the cold start ended")));
    signal.addEventListener("abort", () => this.#over(signal.reason), { once: true });
    let rest = "";
    this.#shell.stdout.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#line(line);
    });
  }

  /** @throws where it ends with another status than 0 */
  async run(name: string, words: readonly string[]): Promise<MeasuredCold> {
    const [began, busy] = [performance.now(), busySeconds()];
    const seen: { step: string; at: number }[] = [];
    const said: string[] = [];
    const status = await new Promise<number>((resolve, reject) => {
      this.#over = reject;
      this.#line = (line) => {
        const [, code] = /^cold-status (\d+)$/.exec(line) ?? [];
        if (code !== undefined) return resolve(Number(code));
        said.push(line);
        const begins = beginnings.find((each) => each.said.test(line) && !seen.some(({ step }) => step === each.step));
        if (begins) seen.push({ step: begins.step, at: performance.now() });
      };
      this.#shell.stdin.write(`npm ${words.join(" ")} 2>&1 </dev/null; echo "cold-status $?"\n`);
    });
    const ended = performance.now();
    if (status !== 0) throw new Error(`npm ${words.join(" ")} ended with ${status}: ${said.slice(-20).join("\n")}`);
    const steps = Object.fromEntries(seen.map(({ step, at }, index) => [step, (seen[index + 1]?.at ?? ended) - at]));
    return { name, took: ended - began, steps, busy: busySeconds() - busy };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#shell.stdin.end();
    await this.#ended;
  }
}

/** User, nice, system, interrupts; of all processors. proc(5), `/proc/stat`. */
function busySeconds(): number {
  const [, user = 0, nice = 0, system = 0, , , interrupts = 0, softly = 0] =
    readFileSync("/proc/stat", "utf8").split("\n")[0]?.split(/\s+/).map(Number) ?? [];
  return (user + nice + system + interrupts + softly) / ticks;
}
