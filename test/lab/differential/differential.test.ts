/** The lab's verdicts on random firewalls are those of bare network namespaces, without a container, an agent or a trace. `soak.ts` beside it goes on. */
import { expect, test } from "vitest";
import { textOf } from "./firewall-text.ts";
import { manners } from "./manners.ts";
import { Oracle } from "./oracle.ts";
import { drawRound, runRound, startLab } from "./rounds.ts";
import { meetings, port } from "./visitors.ts";

/** The same in every run, unless another is asked for: `FORWARDLAB_SEED=7 npx vitest run --project lab differential`. */
const seed = Number(process.env.FORWARDLAB_SEED ?? 20_785);
const firewalls = 6;

test(`${firewalls} random firewalls from seed ${seed}: lab and kernel agree on who gets in`, { timeout: 300_000 }, async () => {
  await using oracle = await Oracle.start();
  await using lab = await startLab();
  let compared = 0;
  for (let at = 0; compared < firewalls; at++) {
    const round = drawRound(seed * 1000 + at);
    const outcome = await runRound(lab, oracle, round);
    if ("refused" in outcome) continue;
    compared++;
    expect(outcome.comparison.differences, `seed ${round.seed}\n${Object.values(textOf(round.firewall)).join("\n")}`).toEqual([]);
  }
});

test("the oracle tells answers, refusals, silence and somebody else apart", async () => {
  await using oracle = await Oracle.start();
  const [visit] = [meetings[0]?.visit].filter((each) => each !== undefined);
  if (!visit) throw new Error("nobody visits");
  const chain = (hook: string, rule: string) => ({
    nft: `table inet t {\n chain c {\n type filter hook ${hook} priority 0;\n ${rule}\n }\n}\n`,
  });
  const asked = async (firewall: { nft: string }) => (await oracle.ask(firewall, [visit]))[0];
  expect(await asked({ nft: "" })).toBe("answered");
  expect(await asked(chain("input", `tcp dport ${port} drop`))).toBe("timeout");
  expect(await asked(chain("input", `tcp dport ${port} reject with tcp reset`))).toBe("refused");
  expect(await asked(chain("input", `tcp dport ${port} ct packets > 2 drop`))).toBe("silent");
  expect(
    await asked({ nft: `table ip n {\n chain c {\n type nat hook prerouting priority -100;\n tcp dport ${port} redirect to :22\n }\n}\n` }),
  ).toBe("wrong-service");
  await expect(asked({ nft: "no ruleset" })).rejects.toThrow("could not load");
});

test("a visitor's manner is what a rule about it matches, and an ordinary visitor's is not", async () => {
  await using oracle = await Oracle.start();
  const visits = meetings.filter(({ vantage, port: moved }) => vantage === "campus" && moved === undefined).map(({ visit }) => visit);
  const cases = visits
    .flatMap((visit) =>
      manners.flatMap(({ name, met, ...manner }) => {
        const rule = met[visit.family];
        return rule === undefined ? [] : [{ name: `${name}, IPv${visit.family}`, rule, visit, manner }];
      }),
    )
    // A port for each rule: none of them is about another one's visitor.
    .map((each, index) => ({ ...each, visit: { ...each.visit, port: 30_000 + index } }));
  const rules = cases.map(({ rule, visit }) => `tcp dport ${visit.port} tcp flags & (syn | ack) == syn ${rule} drop\n`);
  const nft = `table inet t {\n chain c {\n type filter hook input priority 0;\n ${rules.join("")} }\n}\n`;
  const ordinary = await oracle.ask(
    { nft },
    cases.map(({ visit }) => visit),
  );
  const own = await oracle.ask(
    { nft },
    cases.map(({ visit, manner }) => ({ ...visit, manner })),
  );
  const seen = cases.map(({ name }, index) => [name, [ordinary[index], own[index]]]);
  expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(cases.map(({ name }) => [name, ["answered", "timeout"]])));
});
