/** `forwardlab run`: the scenarios of a checkout, by topic, each with its verdict. Vitest runs them, through its Node interface. */
import { existsSync, globSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { styleText } from "node:util";
import type { TestModule, Vitest } from "vitest/node";
import { UserError } from "../core/errors.ts";
import { OPENSSH_BY_SUITE, suiteOf } from "../engine/suites.ts";
import { atLeast, parseOpenSshVersion } from "../openssh/version.ts";
import { couldNotLook } from "../session/could-not-look.ts";
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

/** In the order in which they are told. */
export const topics = {
  remote: { en: "Remote forwards (-R)", ja: "リモート転送 (-R)" },
  local: { en: "Local forwards (-L)", ja: "ローカル転送 (-L)" },
  dynamic: { en: "Dynamic forwards (-D)", ja: "動的転送 (-D)" },
  "other-ways": { en: "Other kinds of forwarding", ja: "その他の転送" },
  services: { en: "Real services and clients", ja: "実際のサービスとクライアント" },
  "server-policy": { en: "What the server allows", ja: "サーバーが許可するもの" },
  "firewall-and-nat": { en: "Firewall and NAT", ja: "ファイアウォールと NAT" },
  lifetime: { en: "How long a forward lives", ja: "転送の寿命" },
  "other-servers": { en: "Servers other than OpenSSH", ja: "OpenSSH 以外のサーバー" },
  alternatives: { en: "Instead of ssh: a relay", ja: "ssh の代わり: 中継サービス" },
  myths: { en: "Common misconceptions", ja: "よくある誤解" },
} as const;

export type Lang = "en" | "ja";

/** What a list needs of a scenario's lesson. */
export interface Listed {
  /** The file's name without its ending. */
  name: string;
  /** Absolute. */
  file: string;
  topic: keyof typeof topics;
  title: Record<Lang, string>;
  /** First OpenSSH that can show it. */
  since?: string;
}

/** `held` undefined: nothing is proven either way. `tooOld`: not run, for the server's OpenSSH cannot show it. */
export type Verdict = { held: true } | { held: false | undefined; why: string[] } | { held: "tooOld"; since: string };

const ending = ".scenario.ts";
const listener = Symbol.for("forwardlab.scenario");

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
  const lang = language(flags.lang);
  // `styleText` and Vitest both heed it.
  if (flags.color === false) process.env.NO_COLOR = "1";
  const root = checkout();
  const chosen = choose(await listScenarios(root), wanted, process.cwd());
  if (flags.list) {
    process.stdout.write(`${listText(chosen, lang)}\n`);
    return exitCodes.held;
  }
  if (flags.openssh !== undefined && flags.image !== undefined)
    throw new UserError("option", "--openssh and --image exclude each other", { expected: "one of them" });
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

/** Beside `harness/` in a checkout; the package brings none. */
function checkout(): string {
  const root = fileURLToPath(new URL("../../", import.meta.url));
  if (!existsSync(join(root, "scenarios"))) {
    throw new UserError("nothing-selected", "there are no scenarios here: they are part of the repository, not of the package", {
      found: `no folder ${join(root, "scenarios")}`,
      todo: "clone the repository, and run `npm run -s forwardlab -- run` in it",
    });
  }
  return root;
}

/** The lessons of all scenarios, without running one; sorted by name. */
export async function listScenarios(root: string): Promise<Listed[]> {
  const found: Listed[] = [];
  // One after the other: each tells its lesson while it is imported.
  for (const path of globSync(`scenarios/**/*${ending}`, { cwd: root }).sort()) {
    const file = join(root, path);
    found.push({ name: basename(file, ending), file, ...(await lessonOf(file, path)) });
  }
  return found;
}

async function lessonOf(file: string, path: string): Promise<Pick<Listed, "topic" | "title" | "since">> {
  const told: Pick<Listed, "topic" | "title" | "since">[] = [];
  const listening = globalThis as { [listener]?: (lesson: Pick<Listed, "topic" | "title" | "since">) => void };
  listening[listener] = (lesson) => told.push(lesson);
  try {
    await import(pathToFileURL(file).href);
  } finally {
    delete listening[listener];
  }
  const [lesson] = told;
  if (lesson && lesson.topic in topics) return lesson;
  throw new UserError("nothing-selected", lesson ? `no such topic: ${lesson.topic}` : "the file defines no scenario", {
    place: { file: path },
    expected: lesson ? Object.keys(topics).join(", ") : "scenario({ topic, title, … })",
  });
}

/**
 * Those that are named: by path (of a file or a folder), name or topic; all, when nothing is.
 * @throws UserError for a word that names none
 */
export function choose(all: readonly Listed[], wanted: readonly string[], folder: string): Listed[] {
  if (wanted.length === 0) return [...all];
  const chosen = new Set<Listed>();
  for (const word of wanted) {
    const path = resolve(folder, word);
    const named = all.filter(
      ({ name, topic, file }) => [name, topic].includes(word) || [path, `${path}${ending}`].includes(file) || file.startsWith(`${path}/`),
    );
    if (named.length === 0) {
      throw new UserError("nothing-selected", `no scenario is called ${word}`, {
        found: word,
        expected: `a file, a name (see \`forwardlab run --list\`), or a topic: ${Object.keys(topics).join(", ")}`,
      });
    }
    for (const each of named) chosen.add(each);
  }
  return all.filter((each) => chosen.has(each));
}

async function runAll(root: string, chosen: readonly Listed[], { progress, signal }: Context): Promise<Map<string, Verdict>> {
  const { createVitest } = await import("vitest/node").catch((cause: unknown): never => {
    throw new UserError("nothing-selected", "Vitest, which runs the scenarios, is not installed", {
      todo: "install the development dependencies: `npm ci`",
      cause,
    });
  });
  const verdicts = new Map<string, Verdict>();
  const done = (module: TestModule) => {
    verdicts.set(module.moduleId, verdictOf(module));
    progress(`${verdicts.size} of ${chosen.length} scenarios: ${basename(module.moduleId, ending)}`);
  };
  if (chosen.length === 0) return new Map();
  progress(`${chosen.length} scenario${chosen.length === 1 ? "" : "s"}`);
  const vitest: Vitest = await createVitest("test", {
    root,
    project: "scenarios",
    watch: false,
    reporters: [{ onTestModuleEnd: done }],
  });
  const stop = () => void vitest.cancelCurrentRun("keyboard-input");
  signal.addEventListener("abort", stop, { once: true });
  try {
    const files = new Set(chosen.map(({ file }) => file));
    const specifications = (await vitest.globTestSpecifications()).filter(({ moduleId }) => files.has(moduleId));
    const { unhandledErrors } = await vitest.runTestSpecifications(specifications, true);
    if (verdicts.size === 0 && unhandledErrors[0]) throw unhandledErrors[0];
  } finally {
    signal.removeEventListener("abort", stop);
    await vitest.close();
  }
  // Vitest leaves its own idea of success here.
  process.exitCode = undefined;
  return verdicts;
}

function verdictOf(module: TestModule): Verdict {
  if (module.ok()) return { held: true };
  const ofTests = [...module.children.allTests("failed")].flatMap((test) =>
    (test.result().errors ?? []).map((error) => ({ error, told: `${test.fullName}\n${error.message}` })),
  );
  if (ofTests.length === 0) return { held: undefined, why: [...module.errors().map(({ message }) => message), "not all of it was run"] };
  const held = ofTests.every(({ error }) => couldNotLook(error)) ? undefined : false;
  return { held, why: ofTests.map(({ told }) => told) };
}

/** By topic, each with its name and title. */
export function listText(scenarios: readonly Listed[], lang: Lang): string {
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  return byTopic(scenarios, lang, ({ name, title }) => [`  ${name.padEnd(width)}  ${title[lang]}`]);
}

/** By topic, each with its verdict; what does not hold says why. */
export function verdictText(scenarios: readonly Listed[], verdicts: ReadonlyMap<string, Verdict>, lang: Lang, root: string): string {
  const say = words[lang];
  const text = byTopic(scenarios, lang, ({ file, title }) => {
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

function byTopic(scenarios: readonly Listed[], lang: Lang, lines: (scenario: Listed) => string[]): string {
  return Object.entries(topics)
    .map(([topic, heading]) => ({ heading: heading[lang], of: scenarios.filter((each) => each.topic === topic) }))
    .filter(({ of }) => of.length > 0)
    .map(({ heading, of }) => [styleText("bold", heading), ...of.flatMap(lines)].join("\n"))
    .join("\n\n");
}

function language(text: string): Lang {
  if (text === "en" || text === "ja") return text;
  throw new UserError("option", `no such language: ${text}`, { found: `--lang ${text}`, expected: "en or ja" });
}
