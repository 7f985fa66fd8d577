/** `forwardlab run`: the scenarios of a checkout, by topic, each with its verdict. Vitest runs them, through its Node interface. */

import { relative } from "node:path";
import { styleText } from "node:util";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Text } from "../core/lesson.ts";
import { stepOf } from "../core/step.ts";
import { OPENSSH_BY_SUITE, suiteOf } from "../engine/suites.ts";
import { checkout, choose, listScenarios, type ScenarioFile, scenarioName } from "../learn/scenario-files.ts";
import { ScenarioRunner, type ScenarioVerdict } from "../learn/scenario-runner.ts";
import { topics } from "../learn/topics.ts";
import { atLeast, parseOpenSshVersion } from "../openssh/version.ts";
import { type Context, exitCodes } from "./run-command.ts";

export interface RunFlags {
  list?: boolean;
  lang: string;
  color?: boolean;
  /** OpenSSH of the server, where a scenario does not state it. */
  openssh?: string;
  /** Image of the server, where a scenario does not state it. */
  image?: string;
}

export type Lang = "en" | "ja";

/** What a list needs of a scenario. */
export type Listed = Pick<ScenarioFile, "name" | "file" | "topic" | "title" | "since">;

/** `tooOld`: not run, for the server's OpenSSH cannot show it. */
export type Verdict = ScenarioVerdict | { held: "tooOld"; since: string };

const words = {
  en: {
    held: "holds",
    broken: "does not hold",
    unknown: "not known",
    since: (version: string) => `needs OpenSSH ${version}`,
    total: (all: number, held: number) => `${held} of ${all} claims hold`,
  },
  ja: {
    held: "成り立つ",
    broken: "成り立たない",
    unknown: "不明",
    since: (version: string) => `OpenSSH ${version} 以降`,
    total: (all: number, held: number) => `${all} 件中 ${held} 件が成り立つ`,
  },
};

export async function runScenariosCommand(wanted: readonly string[], flags: RunFlags, context: Context): Promise<number> {
  const lang = context.language;
  // `styleText` and Vitest both heed it.
  if (flags.color === false) process.env.NO_COLOR = "1";
  const root = checkout();
  const chosen = choose(await listScenarios(root), wanted, process.cwd());
  if (flags.list) {
    process.stdout.write(`${listText(chosen, lang)}\n`);
    return exitCodes.held;
  }
  if (flags.openssh !== undefined && flags.image !== undefined)
    throw new UserError("option", "--openssh and --image exclude each other", {
      fault: faultOf("option-not-with", { options: ["--openssh", "--image"] }),
      expected: "one of them",
    });
  // The labs of the scenarios are started by Vitest's workers, which read it there.
  const suite = flags.openssh === undefined ? undefined : suiteOf(flags.openssh);
  if (suite !== undefined) process.env.FORWARDLAB_OPENSSH = suite;
  if (flags.image !== undefined) process.env.FORWARDLAB_IMAGE = flags.image;
  const tooNew = suite === undefined ? [] : chosen.filter(({ since }) => since !== undefined && older(OPENSSH_BY_SUITE[suite], since));
  const verdicts = await runAll(
    root,
    chosen.filter((each) => !tooNew.includes(each)),
    context,
  );
  for (const { file, since = "" } of tooNew) verdicts.set(file, { held: "tooOld", since });
  context.signal.throwIfAborted();
  process.stdout.write(`${verdictText(chosen, verdicts, lang, root)}\n`);
  const looked = chosen.map(({ file }) => verdicts.get(file)?.held).filter((held) => held !== "tooOld");
  if (looked.includes(false)) return exitCodes.violated;
  return looked.length > 0 && looked.every((held) => held) ? exitCodes.held : exitCodes.noVerdict;
}

async function runAll(root: string, chosen: readonly Listed[], { progress, signal }: Context): Promise<Map<string, Verdict>> {
  if (chosen.length === 0) return new Map();
  progress(stepOf("scenarios", { count: chosen.length }));
  await using runner = await ScenarioRunner.start(root);
  let done = 0;
  const onVerdict = (file: string) => progress(stepOf("scenario-done", { name: scenarioName(file), done: ++done, of: chosen.length }));
  return await runner.run(
    chosen.map(({ file }) => file),
    { onVerdict, signal },
  );
}

/** By topic, whose name stands beside its heading: what `run` takes; each with its name and title. */
export function listText(scenarios: readonly Listed[], lang: Lang): string {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  return byTopic(
    scenarios,
    (topic, heading) => `${styleText("bold", heading[lang])}  ${topic}`,
    ({ name, title }) => [`  ${name.padEnd(width)}  ${title[lang]}`],
  );
}

/** By topic, each with its verdict; what does not hold says why. */
export function verdictText(scenarios: readonly Listed[], verdicts: ReadonlyMap<string, Verdict>, lang: Lang, root: string): string {
  const say = words[lang];
  const head = (_: string, heading: Text) => styleText("bold", heading[lang]);
  const text = byTopic(scenarios, head, ({ file, title }) => {
    const verdict = verdicts.get(file);
    if (verdict?.held === "tooOld") return [`  ${styleText("dim", `– ${say.since(verdict.since)}`)}  ${title[lang]}`];
    if (verdict?.held) return [`  ${styleText("green", `✔ ${say.held}`)}  ${title[lang]}`];
    return [
      `  ${verdict?.held === false ? styleText("red", `✘ ${say.broken}`) : styleText("yellow", `? ${say.unknown}`)}  ${title[lang]}`,
      `      ${relative(root, file)}`,
      ...(verdict?.why ?? []).flatMap((each) => each.trimEnd().split("\n")).map((line) => `      | ${line}`),
    ];
  });
  const run = scenarios.filter(({ file }) => verdicts.get(file)?.held !== "tooOld");
  const held = run.filter(({ file }) => verdicts.get(file)?.held).length;
  return `${text}\n\n${say.total(run.length, held)}`;
}

/** Is OpenSSH `version` older than `since`? Both as `9.2`. */
function older(version: string, since: string): boolean {
  const [major = 0, minor = 0] = since.split(".").map(Number);
  const known = parseOpenSshVersion(`OpenSSH_${version}`);
  return known !== undefined && !atLeast(known, major, minor);
}

function byTopic(
  scenarios: readonly Listed[],
  head: (topic: string, heading: Text) => string,
  lines: (scenario: Listed) => string[],
): string {
  return Object.entries(topics)
    .map(([topic, heading]) => ({ heading: head(topic, heading), of: scenarios.filter((each) => each.topic === topic) }))
    .filter(({ of }) => of.length > 0)
    .map(({ heading, of }) => [heading, ...of.flatMap(lines)].join("\n"))
    .join("\n\n");
}
