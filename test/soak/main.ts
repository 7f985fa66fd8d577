/**
 * `npm run soak -- [KIND…] [--seed N] [--count N] [--cache FOLDER]`: whatever happens, no verdict is wrong and nothing is left. As root on
 * Linux: an engine of its own runs in the folder; nothing of the machine's own engine is touched. Exit code 0 when nothing was found.
 */
import { mkdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { soakAdvice } from "./advice.ts";
import { soakAgreement } from "./agreement.ts";
import { soakDisk } from "./disk.ts";
import { soakEngine } from "./engine.ts";
import { soakHostile } from "./hostile.ts";
import { soakKill } from "./kill.ts";
import { soakParallel } from "./parallel.ts";
import { type Kind, type Row, Stopped, stopOnSignals, table } from "./trial.ts";

const kinds: Record<string, Kind> = {
  kill: { about: "verify is killed at random moments: so many", count: 100, run: soakKill },
  parallel: { about: "four equal labs at once under load, until so many probes are done", count: 10_000, run: soakParallel },
  engine: { about: "the engine dies at random moments: so many", count: 20, run: soakEngine },
  disk: { about: "the disk of the engine, or of the reports, is full: so many times each", count: 10, run: soakDisk },
  hostile: { about: "servers that take all they can get: so many runs of each", count: 1, run: soakHostile },
  agreement: { about: "model and lab answer random questions, so many minutes", count: 5, run: soakAgreement },
  advice: { about: "damaged servers whose remedies are carried out: so many", count: 50, run: soakAdvice },
};

const { values, positionals } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    count: { type: "string" },
    cache: { type: "string", default: join(tmpdir(), "forwardlab-soak") },
  },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !Object.hasOwn(kinds, name));
const numbers = [values.seed, ...(values.count === undefined ? [] : [values.count])].every((text) => /^\d+$/.test(text));
if (unknown.length > 0 || !numbers) {
  const lines = Object.entries(kinds).map(([name, { about, count }]) => `  ${name.padEnd(10)} ${about} (${count})`);
  process.stderr.write(`usage: npm run soak -- [KIND…] [--seed N] [--count N] [--cache FOLDER]\n${lines.join("\n")}\n`);
  process.exitCode = 2;
} else {
  mkdirSync(values.cache, { recursive: true });
  const seed = Number(values.seed);
  process.stderr.write(`seed ${seed}\n`);
  stopOnSignals();
  const rows: Row[] = [];
  try {
    for (const [name, { count, run }] of Object.entries(kinds)) {
      if (positionals.length > 0 && !positionals.includes(name)) continue;
      rows.push(...(await run({ seed, count: Number(values.count ?? count), cache: values.cache })));
    }
    process.stdout.write(`seed ${seed}\n\n${table(rows)}`);
    process.exitCode = rows.some(({ faults }) => faults.length > 0) ? 1 : 0;
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    process.exitCode = error.exitCode;
  }
}
