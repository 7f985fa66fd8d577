/** Forwards that a service unit asks for: its ssh or autossh command lines, as `ssh:` would have them. */
import { basename } from "node:path";
import { UserError } from "../core/errors.ts";
import { type Fault, faultOf } from "../core/fault.ts";
import { distinctWarnings, type Warning } from "../core/warning.ts";
import { readAutossh } from "../openssh/autossh.ts";
import { lexClientLine } from "../openssh/client-keyword.ts";
import type { SshConfigLine } from "../openssh/ssh-config.ts";
import { readSshWords, type SshWord } from "../openssh/ssh-getopt.ts";
import { isNoConfig } from "../openssh/ssh-line.ts";
import { type ServiceCommand, userOf } from "../systemd/service-commands.ts";
import { throughEnv } from "../systemd/through-env.ts";
import { optionsOf } from "./client-config.ts";
import type { ReadUnit } from "./read-units.ts";
import type { UnitLine } from "./unit-line.ts";
import { unitWarnings } from "./unit-warnings.ts";

export interface UnitForwards {
  lines: UnitLine[];
  warnings: Warning[];
}

/**
 * What of them the lab itself gives is left out: destination, account, key and config file.
 * @throws UserError `unit-file` for a command that is no ssh, and for words that only the machine itself knows
 */
export function unitForwards(read: ReadUnit, config: readonly SshConfigLine[] | undefined, account: string | undefined): UnitForwards {
  const lines = read.commands.map((command) => sshLine(command, read));
  const undecided = lines.flatMap((line) => addConfig(line, config, account, read));
  return { lines, warnings: [...read.warnings, ...distinctWarnings(undecided), ...unitWarnings(read, lines)] };
}

/** Its ssh reads a config, too. Returns what of it only the machine itself could decide. */
function addConfig(line: UnitLine, config: readonly SshConfigLine[] | undefined, account: string | undefined, read: ReadUnit): Warning[] {
  if (line.configFile !== undefined && isNoConfig(line.configFile)) return [];
  const fail = (message: string, found: string, todo: string, fault: Fault): never => {
    throw new UserError("unit-file", message, { place: line.place, found, todo, fault });
  };
  if (!config) {
    if (line.configFile !== undefined)
      fail(
        `ssh reads ${line.configFile}, and no copy of it was supplied`,
        `-F ${line.configFile}`,
        "add `home: { ssh_config: ./COPY }`",
        faultOf("unit-config-not-given", { path: line.configFile }),
      );
    return [];
  }
  const unknown = read.unknowns.in(line.destination);
  if (unknown)
    fail(
      `the destination cannot be known: ${unknown.why}`,
      unknown.written,
      `write its value into the copy of the unit: Host lines of the ssh_config decide on it`,
      faultOf("unit-word-unknown", { word: unknown.written }),
    );
  const { options, undecided } = optionsOf(config, line.destination, line.account ?? account);
  line.options = options;
  return undecided;
}

function sshLine(given: ServiceCommand, read: ReadUnit): UnitLine {
  const fail = failing(given, read);
  const { command, environment } = throughEnv(given, read.environment) ?? notSsh(basename(given.program), fail);
  const program = basename(command.program);
  if (program !== "ssh" && program !== "autossh") notSsh(program, fail);
  const auto = program === "autossh" ? readAutossh(autosshWords(command.words, environment)) : undefined;
  const line: UnitLine = {
    words: [],
    destination: "",
    account: undefined,
    configFile: undefined,
    monitor: auto?.monitor,
    autossh: auto !== undefined,
    background: auto !== undefined && goesToBackground(command.words),
    options: [],
    place: command.place,
    runsAs: read.unit.ofUser ? undefined : (userOf(read.unit, read.unknowns) ?? "root"),
    ...(environment.get("AUTOSSH_GATETIME") === "0" ? { patient: true } : {}),
  };
  for (const word of readSshWords(auto?.words ?? command.words)) addWord(line, word, fail);
  if (line.destination === "") {
    const unset = unsetIn(read);
    fail("ssh is given no destination", {
      fault: faultOf("unit-no-destination", { unset }),
      expected: "user@server",
      todo: unset === undefined ? "copy the unit unchanged: ssh itself fails without a destination" : unsetTodo(unset),
    });
  }
  const [unknown] = line.words.flatMap((word) => read.unknowns.in(word) ?? []);
  if (unknown)
    fail(`${unknown.written} cannot be known: ${unknown.why}`, {
      fault: faultOf("unit-word-unknown", { word: unknown.written }),
      expected: "a value that the unit or its files set",
      todo: `write its value in place of ${unknown.written} into the copy of the unit`,
    });
  if (read.unknowns.in(line.account ?? "")) line.account = undefined;
  if (read.unknowns.in(line.runsAs ?? "")) line.runsAs = undefined;
  return line;
}

/** For a unit whose command lines ask for no forward: where the forwards may be. */
export function noForwardOfUnit(error: UserError, read: ReadUnit, config: readonly SshConfigLine[] | undefined): UserError {
  if (error.fault?.code !== "no-forward-asked") return error;
  const unset = unsetIn(read);
  const unread = read.commands.some(({ words }) => words.some((word, at) => words[at - 1] === "-F" && isNoConfig(word)));
  const configGiven = unread ? undefined : config !== undefined;
  const { place, found, expected } = error;
  const todo = unset === undefined ? configTodo(configGiven) : unsetTodo(unset);
  return new UserError(error.code, error.message, {
    ...{ place, found, expected },
    ...(todo === undefined ? {} : { todo }),
    fault: faultOf("unit-no-forward", { unset, configGiven }),
  });
}

function configTodo(given: boolean | undefined): string | undefined {
  if (given === undefined) return undefined;
  return given
    ? "check that the ssh_config has them for the destination that the unit names"
    : "if they are in the ssh_config of the user that runs ssh, add `home: { ssh_config: ./COPY }`";
}

/** A variable of its commands that nothing sets; first of all one that no file could set. */
function unsetIn({ warnings }: ReadUnit): string | undefined {
  const unset = warnings.flatMap(({ code, params }) => (code === "unit-variable-unset" ? [params.variable] : []));
  return unset.find((variable) => /\W/.test(variable)) ?? unset[0];
}

function unsetTodo(variable: string): string {
  return `nothing sets the variable $${variable}, so systemd leaves the word out; inside a word, write \${NAME}`;
}

type Fail = (message: string, details: { found?: string; expected?: string; todo?: string; fault: Fault }) => never;

function failing({ program, words, place }: ServiceCommand, { unknowns }: ReadUnit): Fail {
  return (message, details) => {
    throw new UserError("unit-file", message, { place, found: unknowns.written([program, ...words].join(" ")), ...details });
  };
}

function notSsh(program: string, fail: Fail): never {
  const shell = /^(ba|da|z|k)?sh$/.test(program);
  return fail(`the unit runs ${program}, not ssh`, {
    fault: faultOf("unit-not-ssh", { program, shell }),
    expected: "ssh or autossh",
    todo: shell
      ? "forwardlab does not read shell commands; let the unit run ssh itself, or give the forward as `ssh:`"
      : "give the forward as `ssh:`",
  });
}

/** autossh's own -f, before the first option that takes the rest of its word. */
function goesToBackground(words: readonly string[]): boolean {
  return words.some((word) => /^-[46ACGKNTVXYagknqstvxy]*f/.test(word));
}

function addWord(line: UnitLine, word: SshWord, fail: Fail): void {
  if (word.kind === "unknown")
    fail(`ssh has no option -${word.letter}`, {
      fault: faultOf("ssh-option-unknown", { letter: word.letter }),
      expected: "options of ssh(1)",
      todo: "remove it: ssh itself would not start",
    });
  else if (word.kind === "no-argument")
    fail(`option -${word.letter} needs an argument`, {
      fault: faultOf("ssh-option-needs-argument", { letter: word.letter }),
      expected: `-${word.letter} and its argument`,
      todo: "add the argument: ssh itself would not start",
    });
  else if (word.kind === "flag") addFlag(line, word.letter);
  else if (word.kind === "option") addOption(line, word.letter, word.value);
  else if (word.rest.length === 0) setDestination(line, word.text);
  else
    fail("ssh runs a command on the server, which the lab does not", {
      fault: faultOf("unit-runs-command", { command: word.rest.join(" "), comment: /^[#;]/.test(word.rest[0] ?? "") }),
      found: word.rest.join(" "),
      expected: "-N, and nothing after the destination",
      todo: /^[#;]/.test(word.rest[0] ?? "")
        ? "put the comment on a line of its own: systemd passes it to ssh"
        : "add -N and remove the command, if the unit is only for forwards",
    });
}

/** `AUTOSSH_PORT` outranks `-M`. Source: autossh(1), "Environment". */
function autosshWords(words: readonly string[], environment: ReadonlyMap<string, string>): string[] {
  const port = environment.get("AUTOSSH_PORT");
  if (port === undefined) return ["autossh", ...words];
  const without = words.filter((word, at) => !word.startsWith("-M") && words[at - 1] !== "-M");
  return ["autossh", "-M", port, ...without];
}

function addFlag(line: UnitLine, letter: string): void {
  if (letter === "f") line.background = true;
  // Where ssh writes its log to changes nothing.
  if (letter !== "y") line.words.push(`-${letter}`);
}

const ofLab = /^(user|identityfile|certificatefile|identityagent|hostname)$/;

function addOption(line: UnitLine, letter: string, value: string): void {
  const lexed = letter === "o" ? lexClientLine(value) : undefined;
  const keyword = typeof lexed === "object" ? lexed.keyword : "";
  if (letter === "l") line.account ??= value;
  else if (letter === "F") line.configFile ??= value;
  else if (keyword === "user" && typeof lexed === "object") line.account ??= lexed.args[0];
  if (!"ilFE".includes(letter) && !ofLab.test(keyword)) line.words.push(`-${letter}`, value);
}

function setDestination(line: UnitLine, text: string): void {
  const [, user, host = "", port] = /^(?:ssh:\/\/)?(?:(.*)@)?(.*?)(?::(\d+))?$/.exec(text) ?? [];
  const url = text.startsWith("ssh://");
  line.destination = url || port === undefined ? host : `${host}:${port}`;
  if (user !== undefined) line.account ??= user;
  if (url && port !== undefined) line.words.push("-p", port);
}
