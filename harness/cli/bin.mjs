#!/usr/bin/env node
// The installed command. Plain JavaScript that any Node can read: on an old one it says so in one sentence and ends with 2
// ("no trustworthy verdict"); a syntax error in newer code would end with 1, which means a proven violation.
const NEEDED_NODE = 24;
const NO_VERDICT = 2;

const found = process.versions.node;
if (Number(found.split(".")[0]) < NEEDED_NODE) {
  process.stderr.write(
    `forwardlab needs Node ${NEEDED_NODE} or newer, and this is Node ${found}: run it with \`npx -p node@${NEEDED_NODE} -p forwardlab forwardlab …\`, or install Node ${NEEDED_NODE}.\n`,
  );
  process.exitCode = NO_VERDICT;
} else {
  import("../../dist/cli/main.js").catch((error) => {
    process.stderr.write(`forwardlab cannot start: ${error.stack ?? error}\n`);
    process.exitCode = NO_VERDICT;
  });
}
