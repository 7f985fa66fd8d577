/** What a service unit starts: the words that its programs get. Source: systemd.service(5). */
import { type Place, UserError } from "../core/errors.ts";
import { type Fault, faultOf } from "../core/fault.ts";
import { type Filled, fillIn, readAssignments, type Variables } from "./environment.ts";
import { type QuotedWord, splitQuoted } from "./quoted-words.ts";
import { expandSpecifiers, type UnitName } from "./specifiers.ts";
import { allOf, lastOf, type UnitSetting } from "./unit-file.ts";
import type { Unknowns } from "./unknowns.ts";

export interface ServiceCommand {
  /** Path or name of the program. */
  program: string;
  /** Its arguments. */
  words: string[];
  place: Place;
}

export interface Unit {
  name: UnitName;
  /** It belongs to a user's manager (`systemctl --user`). */
  ofUser: boolean;
  /** Of the unit file, then of its drop-ins, in their order. */
  settings: readonly UnitSetting[];
}

/** A file that `EnvironmentFile=` names. */
export interface EnvironmentFileWish {
  /** Absolute, or a pattern. */
  path: string;
  /** The service starts without it, too. */
  optional: boolean;
  place: Place;
}

/** In their order, with specifiers put in. */
export function environmentFiles(unit: Unit, unknowns: Unknowns): EnvironmentFileWish[] {
  return allOf(unit.settings, "EnvironmentFile").map(({ value, file, line }) => ({
    path: expandSpecifiers(value.replace(/^-/, ""), unit.name, unit.ofUser, unknowns),
    optional: value.startsWith("-"),
    place: { file, line },
  }));
}

/** @param fromFiles what the files set, in their order: they outrank `Environment=` */
export function variablesOf(unit: Unit, fromFiles: readonly (readonly [string, string])[], unknowns: Unknowns): Variables {
  const expanded = (key: string) => allOf(unit.settings, key).flatMap((setting) => textsOf(unit, setting, unknowns));
  const user = userOf(unit, unknowns);
  const own = user === undefined ? [] : [["USER", user] as const, ["LOGNAME", user] as const];
  const set = new Map<string, string>([...own, ...readAssignments(expanded("Environment")), ...fromFiles]);
  for (const word of expanded("UnsetEnvironment")) set.delete(word.split("=")[0] as string);
  return { set, passed: new Set(expanded("PassEnvironment").filter((name) => !set.has(name))) };
}

/**
 * `User=` with specifiers put in; undefined where it is not set.
 * @throws UserError `unit-file` for a name that no account can have: systemd takes the whole line, a comment at its end included
 */
export function userOf({ settings, name, ofUser }: Unit, unknowns: Unknowns): string | undefined {
  const setting = lastOf(settings, "User");
  if (!setting) return undefined;
  const comment = /\s[#;]/.test(setting.value);
  if (/[\s:/]/.test(setting.value))
    fault(setting, "systemd cannot start the unit: User= is not the name of an account", {
      fault: faultOf("unit-user", { value: setting.value, comment }),
      expected: "one account, by name or number",
      todo: comment
        ? "put the comment on a line of its own: to systemd, it is part of the name"
        : "write the name of the account that runs the service",
    });
  return expandSpecifiers(setting.value, name, ofUser, unknowns);
}

function textsOf({ name, ofUser }: Unit, setting: UnitSetting, unknowns: Unknowns): string[] {
  return quoted(setting).map(({ text }) => expandSpecifiers(text, name, ofUser, unknowns));
}

function quoted(setting: UnitSetting): QuotedWord[] {
  return (
    splitQuoted(setting.value) ??
    fault(setting, `systemd ignores this ${setting.key}=: a quote is left open, or an escape is unknown`, {
      fault: faultOf("unit-setting-ignored", { key: setting.key }),
      expected: "quotes and escapes of systemd.syntax(7)",
      todo: "close the quotes, and write each backslash twice",
    })
  );
}

/**
 * The commands of `ExecStart=`, and variables in them that nothing sets.
 * @throws UserError `unit-file` where systemd would refuse the unit, and for a word that cannot be known
 */
export function startCommands(unit: Unit, variables: Variables, unknowns: Unknowns): { commands: ServiceCommand[]; unset: string[] } {
  const commands: ServiceCommand[] = [];
  const unset: string[] = [];
  for (const setting of allOf(unit.settings, "ExecStart")) {
    for (const line of separated(quoted(setting))) {
      const { command, filled } = commandOf(unit, setting, line, variables, unknowns);
      commands.push(command);
      unset.push(...filled.unset);
    }
  }
  const type = lastOf(unit.settings, "Type")?.value ?? "simple";
  if (commands.length > 1 && type !== "oneshot")
    fault(
      allOf(unit.settings, "ExecStart")[1] ?? (allOf(unit.settings, "ExecStart")[0] as UnitSetting),
      `systemd refuses ${unit.name.full}: it has ${commands.length} commands`,
      {
        fault: faultOf("unit-commands", { unit: unit.name.full, count: commands.length }),
        expected: "one ExecStart=, or Type=oneshot",
        todo: "an empty `ExecStart=` before the new one drops the unit's own",
      },
    );
  return { commands, unset: [...new Set(unset)] };
}

function separated(words: readonly QuotedWord[]): string[][] {
  const lines: string[][] = [[]];
  for (const { text, separator } of words) {
    if (separator) lines.push([]);
    else lines.at(-1)?.push(text);
  }
  return lines.filter((line) => line.length > 0);
}

/** Before the program: systemd.service(5), table "Special executable prefixes". */
function commandOf(unit: Unit, setting: UnitSetting, line: readonly string[], variables: Variables, unknowns: Unknowns) {
  const expanded = line.map((text) => expandSpecifiers(text, unit.name, unit.ofUser, unknowns));
  const [, prefixes = "", program = ""] = /^([-@:+!|]*)(.*)$/s.exec(expanded[0] ?? "") ?? [];
  if (program === "" || program.startsWith("$"))
    fault(setting, `${setting.key}= names no program`, {
      fault: faultOf("unit-no-program", { key: setting.key }),
      expected: "a program; a variable cannot stand in its place",
      todo: "write the program's path into the copy of the unit",
    });
  // With `@` the second word is the name that the program is told.
  const rest = expanded.slice(prefixes.includes("@") ? 2 : 1);
  const filled: Filled = prefixes.includes(":") ? { words: rest, unset: [] } : fillIn(rest, variables, unknowns);
  if (filled.fault)
    fault(setting, `${filled.fault.written} cannot be known: ${filled.fault.why}`, {
      fault: faultOf("unit-word-unknown", { word: filled.fault.written }),
      expected: "a value that the unit or its files set",
      todo: "write its words into the copy of the unit",
    });
  const command: ServiceCommand = { program, words: filled.words, place: { file: setting.file, line: setting.line } };
  return { command, filled };
}

function fault(
  { file, line, key, value }: UnitSetting,
  message: string,
  details: { fault: Fault; expected?: string; todo?: string },
): never {
  throw new UserError("unit-file", message, { place: { file, line }, found: `${key}=${value}`, ...details });
}
