/** An error about a command line that cannot be parsed, in the form of all other errors. */
import type { Command, CommanderError } from "commander";
import type { UsageValue } from "../core/command-faults.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { didYouMean, suggestionText } from "../core/suggestion.ts";

/** Values that are checked by more than a list of choices. */
const values: Readonly<Record<string, UsageValue>> = { "--shard": "shard", "--labs": "count", "--port": "port" };

/** @param command the one that was called; the program where there is no such command */
export function usageError({ code, message }: CommanderError, command: Command): UserError {
  const name = fullName(command);
  const help = `${name} --help`;
  const said = message.replace(/^error: /, "").split("\n")[0] as string;
  const quoted = [...said.matchAll(/'([^']*)'/g)].map(([, text = ""]) => text);
  const [word = ""] = quoted;
  const seeHelp = `see \`${help}\``;
  switch (code) {
    case "commander.unknownOption": {
      const known = command.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? []);
      const [long = ""] = word.split("=");
      if (command.commands.some(({ options }) => options.some((each) => each.long === long))) return misplaced(long, name);
      const meant = didYouMean(long, known);
      return new UserError("option", `${name} has no option ${word}`, {
        fault: faultOf("usage-option", { option: word, command: name, known, ...(meant ? { meant } : { help }) }),
        expected: known.join(", "),
        todo: suggestionText(meant) ?? seeHelp,
      });
    }
    case "commander.optionMissingArgument":
      return new UserError("option", `option ${word} needs a value`, {
        fault: faultOf("usage-value-missing", { option: word, help }),
        todo: seeHelp,
      });
    case "commander.missingArgument":
      return new UserError("option", `${name} needs an argument: ${word}`, {
        fault: faultOf("usage-argument-missing", { command: name, argument: word, usage: `${name} ${command.usage()}` }),
        expected: `${name} ${command.usage()}`,
        todo: seeHelp,
      });
    case "commander.invalidArgument": {
      const isArgument = said.startsWith("command-argument");
      const [flags = "", value = ""] = isArgument ? quoted.toReversed() : quoted;
      const argument = flags.split(" ")[0] as string;
      const choices = command.registeredArguments.find((each) => isArgument && each.name() === argument)?.argChoices;
      const expected = choices?.join(", ") ?? said.replace(/^.* is invalid\. expected /, "");
      return new UserError("option", `${value} is not a valid value for ${argument}`, {
        fault: faultOf("usage-value", { argument, value, is: values[argument], choices }),
        found: value,
        expected,
        todo: seeHelp,
      });
    }
    case "commander.unknownCommand": {
      const known = command.commands.map((each) => each.name());
      const meant = didYouMean(word, known);
      return new UserError("option", `${name} has no command ${word}`, {
        fault: faultOf("usage-command", { name: word, known, ...(meant ? { meant } : { help }) }),
        expected: known.join(", "),
        todo: suggestionText(meant) ?? seeHelp,
      });
    }
    default:
      return new UserError("option", said, { fault: faultOf("usage-other", { said, help }), todo: seeHelp });
  }
}

/** An option of a command, typed before the command. */
function misplaced(option: string, program: string): UserError {
  return new UserError("option", `${option} must come after the command`, {
    fault: faultOf("usage-misplaced", { option, program }),
    expected: `${program} COMMAND ${option} …`,
  });
}

function fullName(command: Command): string {
  return command.parent ? `${fullName(command.parent)} ${command.name()}` : command.name();
}
