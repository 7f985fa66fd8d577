/** Started by bootstrap.mjs beside npm, in a fresh clone. What goes wrong here, the run that follows meets again, and tells it. */
import { prepareFirstRun } from "../engine/prepare.ts";

await prepareFirstRun({ progress: (message) => process.stderr.write(`forwardlab: ${message}\n`) }).catch(() => {
  process.exitCode = 1;
});
