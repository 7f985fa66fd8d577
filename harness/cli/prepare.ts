/** Started by bootstrap.mjs beside npm in a fresh clone, with `test` for the tests, which need every OpenSSH, or `engine` for a command that brings its own images. The run that follows meets and reports any fault again. */
import type { Step } from "../core/step.ts";
import { prepareFirstRun } from "../engine/prepare.ts";
import { SUITES, type Suite } from "../engine/suites.ts";

const suites: Record<string, readonly Suite[]> = { test: SUITES, engine: [] };

const progress = ({ text }: Step) => process.stderr.write(`forwardlab: ${text}\n`);
await prepareFirstRun({ progress, suites: suites[process.argv[2] ?? ""] }).catch(() => {
  process.exitCode = 1;
});
