/** Started by bootstrap.mjs beside npm, in a fresh clone; `test`: for the tests, which need every OpenSSH. What goes wrong here, the run that follows meets again, and tells it. */
import { prepareFirstRun } from "../engine/prepare.ts";
import { SUITES } from "../engine/suites.ts";

const progress = (message: string) => process.stderr.write(`forwardlab: ${message}\n`);
await prepareFirstRun({ progress, ...(process.argv[2] === "test" ? { suites: SUITES } : {}) }).catch(() => {
  process.exitCode = 1;
});
