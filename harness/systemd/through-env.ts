/** Commands that a unit starts by `/usr/bin/env`, which looks for the program in PATH. Source: env(1). Pure. */
import type { ServiceCommand } from "./service-commands.ts";

/** The command that env starts, and the variables that it sets and takes away; another command as it is. Undefined: what env starts cannot be told. */
export function throughEnv(
  command: ServiceCommand,
  environment: ReadonlyMap<string, string>,
): { command: ServiceCommand; environment: ReadonlyMap<string, string> } | undefined {
  if (!/(?:^|\/)env$/.test(command.program)) return { command, environment };
  let variables = new Map(environment);
  const words = [...command.words];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const [, name, value = ""] = /^([^=]+)=([\s\S]*)$/.exec(word) ?? [];
    const unset = /^(?:-u|--unset=)(.+)$/.exec(word)?.[1];
    if (["-i", "-", "--ignore-environment"].includes(word)) variables = new Map();
    else if (word === "-u" || word === "--unset") variables.delete(words.shift() ?? "");
    else if (unset !== undefined) variables.delete(unset);
    else if (word === "--") continue;
    else if (word.startsWith("-")) return undefined;
    else if (name !== undefined) variables.set(name, value);
    else return { command: { ...command, program: word, words }, environment: variables };
  }
  return undefined;
}
