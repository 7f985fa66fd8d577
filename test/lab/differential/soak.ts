/**
 * Holds the lab's verdicts against bare network namespaces: `node test/lab/differential/soak.ts [FIREWALLS] [SEED]`, 500 by default.
 * Each difference is printed as the smallest firewall that still shows it. `SEED` repeats a run; with FIREWALLS 1 it repeats one firewall.
 */

import { compare } from "./compare.ts";
import { textOf } from "./firewall-text.ts";
import { Oracle } from "./oracle.ts";
import { drawRound, runRound, startLab } from "./rounds.ts";
import { shrink } from "./shrink.ts";

const count = Number(process.argv[2] ?? 500);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
const totals = { compared: 0, refused: 0, broken: 0, cells: 0, answered: 0, undecided: 0, unproven: 0, fleeting: 0, differences: 0 };

function report(): void {
  const { compared, refused, broken, cells, answered, undecided, unproven, fleeting, differences } = totals;
  console.log(
    `${compared} firewalls compared, ${refused} refused by nft or iptables, ${broken} that the lab could not run; ${cells} cells, ${answered} answered, ${undecided} left open to chance, ${unproven} inconclusive, ${fleeting} differences that did not come again, ${differences} differences`,
  );
}

console.log(`seed ${seed}, ${count} firewalls`);
await using oracle = await Oracle.start();
// A lab of its own now and then: what one firewall leaves behind must not explain what the next one shows.
const perLab = 50;
for (let first = 0; first < count; first += perLab) {
  await using lab = await startLab();
  for (let at = first; at < Math.min(first + perLab, count); at++) {
    const round = drawRound(seed + at);
    const outcome = await runRound(lab, oracle, round).catch((error: unknown) => {
      totals.broken++;
      console.log(
        `\nseed ${round.seed}: the lab could not run: ${error instanceof Error ? error.message : error}\n${shown(round.firewall)}`,
      );
      return undefined;
    });
    if (!outcome) continue;
    if ("refused" in outcome) {
      totals.refused++;
      if (process.env.VERBOSE) console.log(outcome.refused);
      continue;
    }
    const { comparison } = outcome;
    totals.compared++;
    totals.cells += comparison.cells;
    totals.answered += comparison.answered;
    totals.undecided += comparison.undecided.length;
    // Never wrong, but told: a real visitor's fate was there to be seen.
    const unproven = comparison.differences.filter((each) => each.lab === "inconclusive");
    totals.unproven += unproven.length;
    if (unproven[0]) console.log(`\nseed ${round.seed}: ${unproven.length} inconclusive; ${told(unproven[0])}`);
    const difference = comparison.differences.find((each) => each.lab !== "inconclusive");
    if (!difference) continue;
    const smallest = await shrink(round.firewall, difference, (candidate) => compare(lab, oracle, candidate, round));
    if (!smallest) {
      totals.fleeting++;
      console.log(`\nseed ${round.seed}: once, not again: ${told(difference)}`);
      continue;
    }
    totals.differences++;
    console.log(
      `\nseed ${round.seed}: ${comparison.differences.length} of ${comparison.cells} cells differ; ${told(smallest.difference)}\n${shown(smallest.firewall)}`,
    );
  }
  report();
}
process.exitCode = totals.differences + totals.broken > 0 ? 1 : 0;

function told({ what, oracle: answer, lab, note }: Parameters<typeof shrink>[1]): string {
  return `${what}: without a lab ${answer}, the lab says ${lab} (${note})`;
}

function shown(firewall: Parameters<typeof textOf>[0]): string {
  return Object.values(textOf(firewall)).join("# IPv6\n");
}
