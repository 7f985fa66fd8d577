/** Runs one way in a fresh Node process: its start and its imports are part of a cold first verdict. */
import { spawn } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Measured } from "./scenario.ts";

export async function runChild(script: string, args: readonly string[], signal: AbortSignal): Promise<Measured> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const began = performance.now();
  const child = spawn(process.execPath, [path, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    // The command line turns the compile cache on by itself; here it is the same for every way.
    env: { ...process.env, TESTCONTAINERS_RYUK_DISABLED: "true", NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache") },
  });
  const end = () => child.kill("SIGKILL");
  signal.addEventListener("abort", end, { once: true });
  let first: number | undefined;
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => {
    out += chunk;
    if (first === undefined && out.startsWith("first\n")) first = performance.now() - began;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    err += chunk;
  });
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  signal.removeEventListener("abort", end);
  signal.throwIfAborted();
  if (code !== 0 || first === undefined) throw new Error(`${script} ended with ${code}: ${err.trim().slice(-2000)}`);
  return { first, ...(JSON.parse(out.slice("first\n".length)) as Omit<Measured, "first">) };
}
