/** Command lines of the documentation, held against what the programs themselves say that they take. */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Document, root } from "./markdown.ts";

interface CommandHelp {
  /** Words of `Usage:` after the command's name. */
  operands: { required: number; most: number };
  /** Option -> takes a value. */
  options: Map<string, boolean>;
}

export interface Programs {
  forwardlab: Map<string, CommandHelp>;
  scripts: readonly string[];
  gateSteps: readonly string[];
  soakKinds: readonly string[];
}

const steps = /^steps: (.*), flag: (.*)$/m;

let asked: Promise<Programs> | undefined;

/** What the real programs say, asked once. */
export function askPrograms(): Promise<Programs> {
  asked ??= ask();
  return asked;
}

async function ask(): Promise<Programs> {
  const forwardlab = async (...args: string[]) => (await run("harness/cli/main.ts", ...args, "--help")).stdout;
  const names = [...(await forwardlab()).matchAll(/^ {2}([a-z]+)(?= |\|)/gm)]
    .map(([, name]) => name as string)
    .filter((name) => name !== "help");
  const helps = await Promise.all(names.map(async (name) => [name, readHelp(await forwardlab(name))] as const));
  const [, list = "", flag = ""] = steps.exec((await run("test/gate.ts", "no-such-step")).stderr) ?? [];
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };
  const kinds = (await run("test/soak/main.ts", "no-such-kind")).stderr.matchAll(/^ {2}([a-z]+) /gm);
  return {
    forwardlab: new Map(helps),
    scripts: Object.keys(scripts),
    gateSteps: [...list.split(" "), flag],
    soakKinds: [...kinds].map(([, name]) => name as string),
  };
}

/** Command lines of a document: `sh` blocks, the lines of CI files, inline code that is one. */
export function commandLines({ blocks, code }: Document): string[] {
  const shell = blocks.filter(({ language }) => language === "sh").flatMap(({ text }) => text.split("\n"));
  const ci = blocks.filter(({ language }) => language === "yaml").flatMap(({ text }) => text.match(/\b(npx forwardlab|npm ci).*/g) ?? []);
  return [...shell, ...ci, ...code.filter((text) => /^(npm|npx|forwardlab|modprobe) /.test(text))].filter((line) => line !== "");
}

/** What is wrong with a command line; undefined when nothing is. The bare name of a command, as prose has it, is right. */
export function complaint(line: string, programs: Programs): string | undefined {
  if (/^forwardlab [a-z]+$/.test(line) && programs.forwardlab.has(line.slice(11))) return undefined;
  const [first = "", second = "", ...rest] = line.split(/ [>#|] /)[0]?.split(/\s+/) ?? [];
  const words = [second, ...rest];
  if (first === "forwardlab") return forwardlabComplaint(words, programs.forwardlab);
  if (first === "npx" && second === "forwardlab") return forwardlabComplaint(rest, programs.forwardlab);
  if (["modprobe", "patch"].includes(first) || ["npm ci", "npm pack"].includes(line)) return undefined;
  if (first !== "npm") return existsSync(join(root, first)) ? undefined : `${first} is no program of this repository`;
  return npmComplaint(words, programs);
}

function npmComplaint(words: readonly string[], programs: Programs): string | undefined {
  const separator = words.indexOf("--");
  const [own, args] = separator < 0 ? [words, []] : [words.slice(0, separator), words.slice(separator + 1)];
  const [verb, script = ""] = own.filter((word) => word !== "-s");
  if (verb === "test") return testComplaint(args);
  if (verb !== "run") return `npm ${verb} is not used here`;
  if (!programs.scripts.includes(script)) return `there is no npm script ${script}`;
  if (script === "forwardlab") return forwardlabComplaint(args, programs.forwardlab);
  // Left out, the policy is the example's.
  if (script === "verify") return forwardlabComplaint(["verify", ...(args.length === 0 ? ["."] : args)], programs.forwardlab);
  if (script === "gate") {
    const unknown = args.filter((word) => !programs.gateSteps.includes(word));
    return complainAbout(unknown, "no step of the gate");
  }
  if (script === "soak") return soakComplaint(args, programs.soakKinds);
  return complainAbout(args, `nothing that ${script} takes`);
}

function soakComplaint(args: readonly string[], kinds: readonly string[]): string | undefined {
  const values = args.filter((_, at) => /^--(?:seed|count)$/.test(args[at - 1] ?? ""));
  const known = ["--seed", "--count", ...kinds, ...values.filter((value) => /^\d+$/.test(value))];
  const unknown = args.filter((word) => !known.includes(word));
  return complainAbout(unknown, "nothing that soak takes");
}

function forwardlabComplaint(words: readonly string[], commands: Programs["forwardlab"]): string | undefined {
  const [name = "", ...args] = words;
  if (name === "--help" || name === "--version") return complainAbout(args, "too much");
  const help = commands.get(name);
  if (!help) return `forwardlab has no command ${name}`;
  if (args.includes("--help")) return undefined;
  let operands = 0;
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string;
    if (word === "--") {
      operands += args.length - at - 1;
      break;
    }
    const isSshs = name === "explain" && !word.startsWith("--");
    if (!word.startsWith("-") || word === "-" || isSshs) {
      operands++;
      continue;
    }
    const takesValue = help.options.get(word);
    if (takesValue === undefined) return `forwardlab ${name} has no option ${word}`;
    // From its host on, all words are the command's that is run there.
    if (operands > 0 && name === "exec") return `after an operand of ${name}, ${word} is no option any more`;
    if (takesValue) at++;
  }
  if (operands < help.operands.required) return `forwardlab ${name} needs ${help.operands.required} operands`;
  if (operands > help.operands.most) return `forwardlab ${name} takes at most ${help.operands.most} operands`;
  return undefined;
}

function testComplaint(args: readonly string[]): string | undefined {
  const config = readFileSync(join(root, "vitest.config.ts"), "utf8");
  const names = args.filter((_, at) => args[at - 1] === "--project").filter((name) => !config.includes(`name: "${name}"`));
  const filters = args.filter((word, at) => !word.startsWith("-") && args[at - 1] !== "--project");
  const lost = filters.filter((filter) => !["", ".test.ts", ".scenario.ts"].some((end) => existsSync(join(root, filter + end))));
  return complainAbout([...names, ...lost], "not there");
}

function complainAbout(words: readonly string[], what: string): string | undefined {
  return words.length === 0 ? undefined : `${words.join(" ")}: ${what}`;
}

function readHelp(help: string): CommandHelp {
  const usage = /^Usage: forwardlab \S+ ?(.*)$/m.exec(help)?.[1] ?? "";
  const operands = usage.replace("[options]", "").match(/<[^>]+>|\[[^\]]+\]/g) ?? [];
  const options = [...help.matchAll(/^ +(?:-\w, )?(--[a-z-]+)( [<[][^>\]]+[>\]])?/gm)].map(
    ([, name, value]) => [name as string, value !== undefined] as const,
  );
  return {
    operands: {
      required: operands.filter((each) => each.startsWith("<")).length,
      most: operands.some((each) => each.includes("...")) ? Number.POSITIVE_INFINITY : operands.length,
    },
    options: new Map(options),
  };
}

function run(script: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [script, ...args], { cwd: root }, (_, stdout, stderr) => resolve({ stdout, stderr }));
  });
}
