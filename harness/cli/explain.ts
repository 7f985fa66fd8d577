/** `forwardlab explain`: the model's answer about one ssh command line. No lab, no Docker. */

import { parseAddress } from "../core/address.ts";
import { UserError } from "../core/errors.ts";
import { articleLab } from "../core/lab-spec.ts";
import { parseForwardArguments } from "../openssh/forward-arguments.ts";
import { type SettingOf, settingsFrom } from "../openssh/forwarding-settings.ts";
import { matchHolds } from "../openssh/match-criteria.ts";
import { readCommandLine } from "../openssh/model/command-line.ts";
import { type Explanation, explain, seenFrom } from "../openssh/model/explanation.ts";
import { explanationText } from "../openssh/model/explanation-text.ts";
import { type Language, languages } from "../openssh/model/sentence.ts";
import { type IdleLine, settingsOfConfig } from "../openssh/model/settings-of-config.ts";
import { splitWords } from "../openssh/shell-words.ts";
import { loadSshdConfig } from "../policy/load-sshd-config.ts";
import { exitCodes } from "./run-command.ts";

export interface ExplainFlags {
  sshdConfig?: string;
  account?: string;
  keyOptions?: string;
  from?: string;
  lang: string;
  json?: boolean;
}

const defaultAccount = "tunnel";

export async function explainCommand(words: readonly string[], before: ExplainFlags): Promise<number> {
  process.stdout.write(`${await explainWords(words, before)}\n`);
  return exitCodes.held;
}

/**
 * What is printed.
 * @param words ssh's arguments, as words or as one quoted string; our own `--options` may stand among them
 * @param before our options that stood before them
 */
export async function explainWords(words: readonly string[], before: ExplainFlags = { lang: "en" }): Promise<string> {
  const { flags, rest } = splitFlags(words, before);
  const lang = language(flags.lang);
  const from = flags.from === undefined ? undefined : address(flags.from);
  const typed = rest.length === 1 ? (splitWords(rest[0] as string) ?? rest) : rest;
  const line = readCommandLine(typed);
  const account = flags.account ?? line.account ?? defaultAccount;
  const spec = articleLab();
  const { settings, idle, sshdPort } = await readSettings(flags.sshdConfig, { account, from }, spec);
  const explanations = line.forwards.map(
    (text): Explanation =>
      explain({
        typed: line.forwards.length === 1 ? typed.join(" ") : text,
        ssh: parseForwardArguments(text),
        family: line.family,
        account,
        keyOptions: flags.keyOptions ?? "",
        settings,
        hasConfig: flags.sshdConfig !== undefined,
        idle,
        spec,
        sshdPort,
      }),
  );
  return flags.json
    ? JSON.stringify({ schemaVersion: 1, model: true, forwards: explanations }, null, 2)
    : explanations.map((each) => explanationText(each, lang)).join(`\n\n${"-".repeat(72)}\n\n`);
}

async function readSettings(
  sshdConfig: string | undefined,
  { account, from }: { account: string; from: string | undefined },
  spec: ReturnType<typeof articleLab>,
): Promise<{ settings: SettingOf; idle: IdleLine[]; sshdPort: number }> {
  const standard = 22;
  if (sshdConfig === undefined) return { settings: settingsFrom({}), idle: [], sshdPort: standard };
  const config = await loadSshdConfig(sshdConfig);
  for (const warning of config.warnings) process.stderr.write(`forwardlab: ${warning}\n`);
  const sshdPort = Number(config.lines.find(({ keyword, match }) => keyword === "port" && match.length === 0)?.args[0] ?? standard);
  const addr = from ?? seenFrom(spec, "home") ?? "";
  const server = spec.hosts.server.interfaces.flatMap(({ addresses }) => addresses.map((each) => each.split("/")[0] as string));
  const laddr = server.find((each) => each.includes(":") === addr.includes(":")) ?? "";
  const who = { user: account, addr, laddr, lport: sshdPort };
  return { ...settingsOfConfig(config.lines, (criteria) => matchHolds(criteria, who)), sshdPort };
}

/** ssh knows no option with two dashes: whatever has them is ours, wherever it stands. */
function splitFlags(words: readonly string[], before: ExplainFlags): { flags: ExplainFlags; rest: string[] } {
  const flags: ExplainFlags = { ...before };
  const rest: string[] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    if (!word.startsWith("--") || word === "--") {
      // `explain -- -R …`: commander leaves the two dashes in place.
      if (word !== "--" || rest.length > 0) rest.push(word);
      continue;
    }
    const [name = "", given] = word.split(/=(.*)/s, 2);
    const value = (): string => {
      const found = given ?? words[++i];
      if (found === undefined) throw new UserError("option", `option ${name} needs a value`, { todo: "see forwardlab explain --help" });
      return found;
    };
    if (name === "--json") flags.json = true;
    else if (name === "--lang") flags.lang = value();
    else if (name === "--sshd-config") flags.sshdConfig = value();
    else if (name === "--account") flags.account = value();
    else if (name === "--key-options") flags.keyOptions = value();
    else if (name === "--from") flags.from = value();
    else
      throw new UserError("option", `unknown option ${word}`, {
        expected: "--sshd-config, --account, --key-options, --from, --lang, --json; everything else is ssh's",
      });
  }
  if (rest.length === 0)
    throw new UserError("ssh-arguments", "no ssh arguments are given", {
      expected: "what you would type after ssh, for example: forwardlab explain -R :43234:localhost:3389",
    });
  return { flags, rest };
}

function language(text: string): Language {
  for (const each of languages) if (each === text) return each;
  throw new UserError("option", `--lang ${text}: no such language`, { found: text, expected: languages.join(", ") });
}

function address(text: string): string {
  const parsed = parseAddress(text);
  if (parsed) return parsed.text;
  throw new UserError("option", `--from ${text}: not an IP address`, {
    found: text,
    expected: "the client's address as the server sees it",
  });
}
