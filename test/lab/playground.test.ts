/** The policies that the playground proposes, in the real lab: what the model predicts is what is seen. */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Result } from "../../harness/core/result.ts";
import { answerTo } from "../../harness/web/playground/answer.ts";
import { examples } from "../../harness/web/playground/examples.ts";
import { proofOf } from "../../harness/web/playground/proof.ts";
import { cli, folderOf } from "../quick/cli/run-cli.ts";

test.for(["article", "missing-colon", "ipv6-forgotten", "dead-target", "restrict"])(
  "%s verifies, cell by cell as predicted",
  async (id) => {
    const situation = examples.find((each) => each.id === id)?.situation;
    if (!situation) throw new Error(`no example ${id}`);
    const answer = await answerTo(situation);
    const files = proofOf(situation, answer);
    await using folder = await folderOf(Object.fromEntries(files.map(({ name, text }) => [name, text])));
    const { code, stdout, stderr } = await cli([
      "verify",
      join(folder.path, "policy.yaml"),
      "--quiet",
      "--no-remedies",
      "--report",
      "json=-",
    ]);
    expect(code, stderr).toBe(0);
    const { cells, forwards } = JSON.parse(stdout) as Result;
    const [forward] = answer.forwards;
    expect(forwards[0]?.granted).toBe(forward?.prediction.granted);
    const named = (each: { vantage: string; target: string; via?: string | undefined }) =>
      `${each.vantage} ${each.target} ${each.via ?? ""}`;
    const predicted = new Map(forward?.reach.map((cell) => [named(cell), cell.verdict]));
    expect(cells.length).toBeGreaterThan(0);
    for (const cell of cells) expect(`${named(cell)}: ${cell.observed}`).toBe(`${named(cell)}: ${predicted.get(named(cell))}`);
  },
);
