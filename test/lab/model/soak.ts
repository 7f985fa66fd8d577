/**
 * Lets model and lab answer the same random questions for as long as is asked, on all four OpenSSH versions.
 * `node test/lab/model/soak.ts [MINUTES] [SEED]`: first every bind form in turn, then at random; counts as it goes; each difference is printed as the smallest round that still shows it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { LabSpec } from "../../../harness/core/lab-spec.ts";
import { ensureEngine, ensureImages, SUITES, type Suite } from "../../../harness/engine/index.ts";
import { sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";
import { ForwardLab } from "../../../harness/session/forward-lab.ts";
import { compareRound, type RoundOutcome } from "./compare.ts";
import { drawRound, everyBindForm } from "./draw-round.ts";
import { networks } from "./networks.ts";
import { Draw } from "./random.ts";
import { describeRound } from "./round.ts";
import { shrink } from "./shrink.ts";

const minutes = Number(process.argv[2] ?? 5);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
const end = Date.now() + minutes * 60_000;
/** Forwards asked of one config: a restart of sshd costs as much as one of them. */
const casesPerRound = 5;

const totals = new Map<Suite, RoundOutcome & { rounds: number; failures: number }>();
for (const suite of SUITES)
  totals.set(suite, { rounds: 0, failures: 0, cases: 0, granted: 0, cells: 0, inconclusive: [], differences: [] });

function report(): void {
  for (const [suite, { rounds, cases, granted, cells, inconclusive, differences, failures }] of totals)
    console.log(
      `${suite}: ${rounds} rounds, ${cases} cases (${granted} granted), ${cells} cells, ${inconclusive.length} inconclusive, ${differences.length} differences, ${failures} rounds that could not run`,
    );
}

async function soak(suite: Suite, suiteSeed: number): Promise<void> {
  const total = totals.get(suite) as RoundOutcome & { rounds: number; failures: number };
  const start = async (spec: LabSpec) =>
    ForwardLab.start({ spec, server: { suite }, sshdConfig: await sshdConfigFromText("\n"), accounts: [{ name: "tunnel" }] });
  const draw = new Draw(suiteSeed);
  const systematic = everyBindForm();
  while (Date.now() < end) {
    try {
      const network = draw.one(networks);
      await using lab = await start(network.spec());
      // A lab of its own now and then: what one leaves behind must not explain what the next one shows.
      for (let i = 0; i < 20 && Date.now() < end; i++) {
        const round = systematic.shift() ?? drawRound(draw, casesPerRound);
        try {
          const outcome = await compareRound(lab, round);
          total.rounds++;
          total.cases += outcome.cases;
          total.granted += outcome.granted;
          total.cells += outcome.cells;
          total.inconclusive.push(...outcome.inconclusive);
          for (const each of outcome.inconclusive) console.log(`${suite}: inconclusive: ${each}`);
          total.differences.push(...outcome.differences);
          if (outcome.differences.length === 0) continue;
          const { round: smallest, differences } = await shrink(lab, round, outcome.differences);
          console.log(`\n${suite}: model and lab differ in ${network.name}`);
          for (const { what, model, lab: found } of differences) console.log(`  ${what}\n    model  ${model}\n    lab    ${found}`);
          console.log(describeRound(smallest));
        } catch (error) {
          total.failures++;
          console.log(`\n${suite}: a round could not run: ${error instanceof Error ? error.message : error}\n${describeRound(round)}`);
          if (lab.lab.fabric === undefined) throw error;
        }
      }
    } catch (error) {
      total.failures++;
      console.log(`${suite}: the lab broke: ${error instanceof Error ? error.stack : error}`);
      await sleep(2_000);
    }
  }
}

const progress = (): void => undefined;
const engine = await ensureEngine({ progress });
await ensureImages(engine, [{ target: "fabric" }, ...SUITES.map((suite) => ({ target: "host", suite }))], { progress });
console.log(`seed ${seed}, ${minutes} minutes`);
const ticker = setInterval(report, 60_000);
await Promise.all(SUITES.map((suite, i) => soak(suite, seed + i)));
clearInterval(ticker);
report();
const differences = [...totals.values()].flatMap((total) => total.differences).length;
console.log(`seed ${seed}: ${differences} differences`);
process.exitCode = differences > 0 ? 1 : 0;
