/** Commands that a unit starts through `/usr/bin/env`, which looks the program up in PATH. Source: env(1). Pure. */
import type { ServiceCommand } from "./service-commands.ts";

/** The command that env starts, with the environment as env changes it; other commands are returned unchanged. Undefined: what env starts is unknown. */
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
