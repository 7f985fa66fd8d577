/** Started by bootstrap.mjs beside npm, in a fresh clone; for the tests, which need every OpenSSH, or for a command that brings its images along. What goes wrong here, the run that follows meets again, and tells it. */
import { prepareFirstRun } from "../engine/prepare.ts";
import { SUITES, type Suite } from "../engine/suites.ts";

const suites: Record<string, readonly Suite[]> = { test: SUITES, engine: [] };

const progress = (message: string) => process.stderr.write(`forwardlab: ${message}\n`);
await prepareFirstRun({ progress, suites: suites[process.argv[2] ?? ""] }).catch(() => {
  process.exitCode = 1;
});
