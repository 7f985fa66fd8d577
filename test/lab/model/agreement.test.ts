/** Model and lab answer the same random questions, each OpenSSH in a network of its own. `soak.ts` beside it goes on for as long as is asked. */
import { describe, expect, test } from "vitest";
import { articleLab, type LabSpec } from "../../../harness/core/lab-spec.ts";
import { OPENSSH_BY_SUITE, SUITES, type Suite } from "../../../harness/engine/index.ts";
import { sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";
import { ForwardLab } from "../../../harness/session/forward-lab.ts";
import { compareRefusal, compareRound, type Difference, firewallOfText } from "./compare.ts";
import { drawRound } from "./draw-round.ts";
import { drawWrittenRound, type Written, writtenKinds } from "./draw-ruleset.ts";
import { afterAnother, drawUnloadable } from "./draw-unloadable.ts";
import { networks } from "./networks.ts";
import { Draw } from "./random.ts";
import { regressions } from "./regressions.ts";
import { describeRound, type Round } from "./round.ts";

/** The same in every run, unless another is asked for: `FORWARDLAB_SEED=7 npx vitest run --project lab agreement`. */
const seed = Number(process.env.FORWARDLAB_SEED ?? 20_785);
const rounds = 2;
const casesPerRound = 3;
const writtenRounds = 9;
const unloadableRulesets = 6;

async function startLab(suite: Suite, spec: LabSpec): Promise<ForwardLab> {
  return ForwardLab.start({ spec, server: { suite }, sshdConfig: await sshdConfigFromText("\n"), accounts: [{ name: "tunnel" }] });
}

function told(differences: readonly Difference[]): string[] {
  return differences.map(({ case: each, what, model, lab }) => `${each.account}: ssh ${each.ssh}: ${what}: model ${model}, lab ${lab}`);
}

/** Rounds about rules are spread: the kernel beneath every OpenSSH is the same. */
function known(suite: Suite): Round[] {
  const rounds = regressions.map((each) => each.round);
  const aboutRules = rounds.filter(({ firewall }) => firewall);
  return rounds.filter((round) => !round.firewall || SUITES[aboutRules.indexOf(round) % SUITES.length] === suite);
}

describe.concurrent.for(SUITES)("OpenSSH of %s", (suite) => {
  const network = networks[SUITES.indexOf(suite) % networks.length] as (typeof networks)[number];
  test(`${OPENSSH_BY_SUITE[suite]}: ${rounds * casesPerRound} random cases in ${network.name}, seed ${seed}, and those that once differed`, async () => {
    await using lab = await startLab(suite, network.spec());
    const draw = new Draw(seed + SUITES.indexOf(suite));
    const drawn = Array.from({ length: rounds }, () => drawRound(draw, casesPerRound));
    for (const round of [...known(suite), ...drawn]) {
      const outcome = await compareRound(lab, round);
      expect(told(outcome.differences), describeRound(round)).toEqual([]);
      expect(outcome.cases).toBe(round.cases.length);
    }
  });
});

test(`rulesets as people write them, read by the model itself, seed ${seed}`, async () => {
  await using lab = await startLab("trixie", articleLab());
  const draw = new Draw(seed);
  for (let at = 0; at < writtenRounds; at++) {
    const { round } = drawWrittenRound(draw, writtenKinds[at % writtenKinds.length] as Written);
    const outcome = await compareRound(lab, round);
    expect(told(outcome.differences), `${round.ruleset?.text}\n${describeRound(round)}`).toEqual([]);
    expect(outcome.cells).toBeGreaterThan(0);
  }
  await lab.configure({ firewall: await firewallOfText(afterAnother.before) });
  expect(await compareRefusal(lab, afterAnother.ruleset)).toEqual([]);
  for (let at = 0; at < unloadableRulesets; at++) expect(await compareRefusal(lab, drawUnloadable(draw))).toEqual([]);
});
