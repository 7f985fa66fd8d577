/** Keeps what firewalld makes of the fixture's folder: `node test/quick/firewall/firewalld/record.ts`. A lab test compares. */
import { writeFileSync } from "node:fs";
import { compileFirewalld } from "../../../../harness/firewall/firewalld/compile.ts";
import { answerFile, fixtureFiles } from "./fixture.ts";

const answer = await compileFirewalld(fixtureFiles(), console.error);
writeFileSync(answerFile, `${JSON.stringify(answer)}\n`);
