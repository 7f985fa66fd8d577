/**
 * Lets model and lab answer the same random questions for as long as is asked, on all four OpenSSH versions.
 * `node test/lab/model/soak.ts [MINUTES] [SEED] [random]`: first every bind form in turn (not with `random`), then at random, rulesets that the model
 * reads as text among it, and some that it must refuse to decide; counts as it goes; each difference is printed as the smallest round that still shows it.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { ensureEngine, ensureImages, SUITES, type Suite } from "../../../harness/engine/index.ts";
import { sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";
import { ForwardLab } from "../../../harness/session/forward-lab.ts";
import { compareRefusal, compareRound, type Difference, type RoundOutcome } from "./compare.ts";
import { drawRound, everyBindForm } from "./draw-round.ts";
import { drawWrittenRound, writtenKinds } from "./draw-ruleset.ts";
import { drawUnloadable, type Unloadable } from "./draw-unloadable.ts";
import { networks } from "./networks.ts";
import { Draw } from "./random.ts";
import { describeRound, type Round } from "./round.ts";
import { shrink } from "./shrink.ts";

const minutes = Number(process.argv[2] ?? 5);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
const onlyRandom = process.argv[4] === "random";
const end = Date.now() + minutes * 60_000;
/** Forwards asked of one config: a restart of sshd costs as much as one of them. */
const casesPerRound = 5;

interface Total extends Omit<RoundOutcome, "differences"> {
  differences: Omit<Difference, "case">[];
  rounds: number;
  failures: number;
  /** Rounds with a ruleset that the model has read. */
  written: number;
  /** Rulesets about which it has said nothing. */
  refused: number;
  /** Rulesets that no tool loads. */
  unloadable: number;
}

const totals = new Map<Suite, Total>();
for (const suite of SUITES)
  totals.set(suite, {
    rounds: 0,
    failures: 0,
    written: 0,
    refused: 0,
    unloadable: 0,
    cases: 0,
    granted: 0,
    cells: 0,
    inconclusive: [],
    differences: [],
  });

function report(): void {
  for (const [suite, { rounds, cases, granted, cells, inconclusive, differences, failures, written, refused, unloadable }] of totals)
    console.log(
      `${suite}: ${rounds} rounds (${written} with rulesets that the model read, ${refused} that it refused; ${unloadable} that do not load), ${cases} cases (${granted} granted), ${cells} cells, ${inconclusive.length} inconclusive, ${differences.length} differences, ${failures} rounds that could not run`,
    );
}

async function soak(suite: Suite, suiteSeed: number): Promise<void> {
  const total = totals.get(suite) as Total;
  const draw = new Draw(suiteSeed);
  const systematic = onlyRandom ? [] : everyBindForm();
  while (Date.now() < end) {
    try {
      const next = { round: () => systematic.shift() ?? randomRound(draw, total), unloadable: () => drawUnloadable(draw) };
      await soakLab(suite, total, next, draw.one(networks));
    } catch (error) {
      total.failures++;
      console.log(`${suite}: the lab broke: ${error instanceof Error ? error.stack : error}`);
      await sleep(2_000);
    }
  }
}

/** Every third one is about a ruleset as a person writes it. */
function randomRound(draw: Draw, total: Total): Round {
  if (!draw.chance(0.35)) return drawRound(draw, casesPerRound);
  const { round, refused } = drawWrittenRound(draw, draw.one(writtenKinds));
  total.written++;
  total.refused += refused;
  return round;
}

interface Next {
  round(): Round;
  unloadable(): Unloadable;
}

/** A lab of its own now and then: what one leaves behind must not explain what the next one shows. */
async function soakLab(suite: Suite, total: Total, next: Next, network: (typeof networks)[number]): Promise<void> {
  const sshdConfig = await sshdConfigFromText("\n");
  await using lab = await ForwardLab.start({ spec: network.spec(), server: { suite }, sshdConfig, accounts: [{ name: "tunnel" }] });
  for (let i = 0; i < 20 && Date.now() < end; i++) {
    const unloadable = next.unloadable();
    for (const each of await compareRefusal(lab, unloadable)) {
      total.differences.push(each);
      console.log(`\n${suite}: ${each.what}\n    model  ${each.model}\n    lab    ${each.lab}\n${unloadable.text}`);
    }
    total.unloadable++;
    const round = next.round();
    try {
      const outcome = await compareRound(lab, round);
      addTo(total, outcome);
      for (const each of outcome.inconclusive) console.log(`${suite}: inconclusive: ${each}`);
      if (outcome.inconclusive.some((each) => each.endsWith("undefined"))) console.log(describeRound(round));
      if (outcome.differences.length > 0)
        await showSmallest(lab, round, outcome.differences, `${suite}: model and lab differ in ${network.name}`);
    } catch (error) {
      total.failures++;
      console.log(`\n${suite}: a round could not run: ${error instanceof Error ? error.message : error}\n${describeRound(round)}`);
      if (lab.lab.fabric === undefined) throw error;
    }
  }
}

function addTo(total: Total, { cases, granted, cells, inconclusive, differences }: RoundOutcome): void {
  total.rounds++;
  total.cases += cases;
  total.granted += granted;
  total.cells += cells;
  total.inconclusive.push(...inconclusive);
  total.differences.push(...differences);
}

async function showSmallest(lab: ForwardLab, round: Round, found: readonly Difference[], title: string): Promise<void> {
  const { round: smallest, differences } = await shrink(lab, round, found);
  console.log(`\n${title}`);
  for (const { what, model, lab: seen } of differences) console.log(`  ${what}\n    model  ${model}\n    lab    ${seen}`);
  console.log(describeRound(smallest));
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
