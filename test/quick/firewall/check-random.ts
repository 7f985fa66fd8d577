/**
 * Loads random rulesets with the real nft and checks that it orders the rules as `randomRuleset` says, and that each handle leads
 * to the line where its rule was written: `node test/quick/firewall/check-random.ts IMAGE [COUNT [SEED]]`.
 * The property test checks the reader against the same generator without nft.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadFirewall } from "../../../harness/firewall/load-firewall.ts";
import { type NftListing, ruleLines } from "../../../harness/firewall/rule-lines.ts";
import { randomRuleset } from "./random-ruleset.ts";
import { loadForReal } from "./real-tools.ts";
import { writeFiles } from "./write-files.ts";

const [image = "", count = "200", seed = "1"] = process.argv.slice(2);
let state = Number(seed);
/** mulberry32 */
function pick(max: number): number {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) % (max + 1);
}

const rulesets = Array.from({ length: Number(count) }, () => randomRuleset(pick));
const results = loadForReal(
  image,
  rulesets.map(({ files }) => ({
    kind: "nft",
    main: "/etc/main.nft",
    files: Object.fromEntries(Object.entries(files).map(([path, text]) => [`/etc/${path}`, text])),
  })),
);
let rules = 0;
let wrong = 0;
for (const [index, ruleset] of rulesets.entries()) {
  const result = results[index];
  const complaints: string[] = [];
  if (result?.code !== 0) complaints.push(`not loaded: ${result?.stderr}`);
  else {
    const listing = JSON.parse(result.json) as NftListing;
    const folder = mkdtempSync(join(tmpdir(), "rulesets-"));
    writeFiles(folder, ruleset.files);
    const lines = ruleLines((await loadFirewall(join(folder, "main.nft"), folder)).rules, listing);
    rmSync(folder, { recursive: true });
    const written = new Map([...ruleset.chains.values()].flat().map((rule) => [rule.name, rule]));
    const listed = listing.nftables.flatMap(({ rule }) => (rule ? [rule] : []));
    if (listed.length !== written.size) complaints.push(`nft has ${listed.length} rules, ${written.size} were written`);
    for (const rule of listed) {
      rules++;
      const found = lines.rule(rule);
      const expected = written.get(rule.comment ?? "");
      if (found?.file !== expected?.file || found?.line !== expected?.line || found?.column !== expected?.column)
        complaints.push(
          `handle ${rule.handle} ${rule.comment}: found ${found?.file}:${found?.line}, written ${expected?.file}:${expected?.line}`,
        );
    }
    for (const [chain, policy] of ruleset.policies) {
      const [family = "", table = "", name = ""] = chain.split(" ");
      if (lines.policy({ family, table, chain: name })?.text !== `policy ${policy}`) complaints.push(`policy of ${chain}`);
    }
  }
  if (complaints.length === 0) continue;
  wrong++;
  console.error(`ruleset ${index}:\n${complaints.join("\n")}\n${JSON.stringify(ruleset.files, null, 1).replaceAll("\\n", "\n")}`);
}
console.log(`${rulesets.length} rulesets, ${rules} rules, ${wrong} rulesets with a wrong line`);
process.exitCode = wrong === 0 ? 0 : 1;
