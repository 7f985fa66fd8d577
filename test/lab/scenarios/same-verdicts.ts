/**
 * Runs the whole set of scenarios again and again: the verdicts must be the same each time.
 * `node test/lab/scenarios/same-verdicts.ts [TIMES] [RUN-ARGUMENTS…]`, e.g. `20 --openssh 9.2`. Exit code 1 when any run differs from the first, or a claim does not hold.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const [times = "20", ...rest] = process.argv.slice(2);
const main = join(import.meta.dirname, "..", "..", "..", "harness", "cli", "main.ts");

async function run(): Promise<{ verdicts: string; code: number; seconds: number }> {
  const begun = performance.now();
  const child = spawn(process.execPath, [main, "run", "--quiet", "--no-color", ...rest], { stdio: ["ignore", "pipe", "inherit"] });
  const [verdicts, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  return { verdicts, code, seconds: Math.round((performance.now() - begun) / 1000) };
}

let first: string | undefined;
let same = true;
for (let count = 1; count <= Number(times); count++) {
  const { verdicts, code, seconds } = await run();
  first ??= verdicts;
  const [last] = verdicts.trimEnd().split("\n").slice(-1);
  console.log(`run ${count}: ${last}, exit code ${code}, ${seconds} s${verdicts === first ? "" : ", NOT the same as the first"}`);
  if (code !== 0 || verdicts !== first) {
    same = false;
    console.log(verdicts);
  }
}
process.exitCode = same ? 0 : 1;
