/** Service units of a machine as they lie on its disk: templates, drop-ins and the files that they name. */
import { readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type Warning, warning } from "../core/warning.ts";
import type { AllowedFolders } from "../files/allowed-folders.ts";
import { byBytes } from "../openssh/file-tree.ts";
import { readEnvironmentFile } from "../systemd/environment.ts";
import {
  type EnvironmentFileWish,
  environmentFiles,
  type ServiceCommand,
  startCommands,
  type Unit,
  variablesOf,
} from "../systemd/service-commands.ts";
import { readUnitName, type UnitName } from "../systemd/specifiers.ts";
import { readUnitFile, type UnitSetting } from "../systemd/unit-file.ts";
import { Unknowns } from "../systemd/unknowns.ts";
import { GivenFiles, type GivenPath } from "./given-files.ts";
import type { InputFiles, PolicyPath } from "./input-files.ts";
import { outside } from "./policy-paths.ts";

/** A unit with all that it names, read. */
export interface ReadUnit {
  unit: Unit;
  commands: ServiceCommand[];
  /** What only the machine itself knows, by the marks in the commands. */
  unknowns: Unknowns;
  /** Variables of the environment, for programs that look there. */
  environment: ReadonlyMap<string, string>;
  warnings: Warning[];
}

export interface UnitReader {
  files: InputFiles;
  allowed: AllowedFolders;
  /** Copies of other files of the machine that runs it. */
  given: readonly GivenPath[];
  /** Key of the policy for these copies, e.g. `home.files`. */
  givenBy: string;
}

/**
 * @param at where the unit is; of an instance (`tunnel@office.service`) the template may be there instead
 * @throws UserError `unit-file` for what systemd refuses, and for what is not given
 */
export async function readUnit(at: PolicyPath, place: Place, reader: UnitReader): Promise<ReadUnit> {
  const name = readUnitName(basename(at.absolute));
  const main = name && mainFile(at, name);
  if (!name || !main) throw noUnit(at, name, place);
  const settings: UnitSetting[] = [];
  for (const each of [main, ...dropIns(at, name)]) settings.push(...readUnitFile(await textOf(each, reader), each.display));
  const unit: Unit = { name, settings, ofUser: /(^|\/)systemd\/user\//.test(at.absolute) };
  const unknowns = new Unknowns();
  const fromFiles: [string, string][] = [];
  for (const wish of environmentFiles(unit, unknowns)) fromFiles.push(...(await environmentOf(wish, at, reader)));
  const variables = variablesOf(unit, fromFiles, unknowns);
  const { commands, unset } = startCommands(unit, variables, unknowns);
  if (commands.length === 0)
    throw new UserError("unit-file", `${main.display} starts nothing`, {
      fault: faultOf("unit-starts-nothing", { file: main.display }),
      place: { file: main.display },
      found: "no ExecStart=",
      expected: "ExecStart= under [Service]",
      todo: "copy its drop-ins too; `systemctl cat NAME` lists them",
    });
  const warnings = unset.map((variable) => warning("unit-variable-unset", { variable }, { file: main.display }));
  return { unit, commands, unknowns, environment: variables.set, warnings };
}

function mainFile(at: PolicyPath, name: UnitName): PolicyPath | undefined {
  // A template is none itself: its name ends in `@`.
  const itself = name.instance === "" ? [] : [name.full];
  const template = name.instance ? [`${name.prefix}@.service`] : [];
  return [...itself, ...template].map((file) => beside(at, file)).find(({ absolute }) => isThere(absolute));
}

function noUnit(at: PolicyPath, name: UnitName | undefined, place: Place): UserError {
  const base = basename(at.display);
  if (!name)
    return new UserError("unit-file", `${at.display} is not named like a service unit`, {
      place,
      found: base,
      fault: faultOf("unit-name", { file: at.display }),
      expected: "NAME.service, or NAME@INSTANCE.service",
      todo: "keep the name that the unit has on its machine: specifiers such as %i depend on it",
    });
  if (name.instance === "" && isThere(at.absolute))
    return new UserError("unit-file", `${at.display} is a template, and no instance is named`, {
      place,
      found: base,
      fault: faultOf("unit-template", { file: at.display, prefix: name.prefix }),
      expected: `an instance, e.g. ${name.prefix}@office.service`,
      todo: "write it as in `systemctl start NAME@INSTANCE.service`; the file keeps its name",
    });
  const templated = name.instance ? `, and neither does ${name.prefix}@.service` : "";
  return new UserError("unit-file", `${at.display} does not exist${templated}`, {
    place,
    found: at.display,
    fault: faultOf("policy-file-missing", { file: at.display }),
    expected: "a systemd service unit",
    todo: "paths are relative to the policy file",
  });
}

/** Folders of an instance, of its template, of each prefix that ends in a dash, of all services. Source: systemd.unit(5), "drop-in". */
function dropIns(at: PolicyPath, { full, prefix, instance }: UnitName): PolicyPath[] {
  const template = instance === undefined ? [] : [`${prefix}@.service.d`];
  const ending = instance === undefined ? ".service.d" : "@.service.d";
  const dashed = [...prefix.matchAll(/-/g)].map(({ index }) => `${prefix.slice(0, index + 1)}${ending}`).reverse();
  const byName = new Map<string, PolicyPath>();
  // Of one name the most particular folder counts.
  for (const folder of [`${full}.d`, ...template, ...dashed, "service.d"].map((each) => beside(at, each)))
    for (const file of confFiles(folder.absolute))
      if (!byName.has(file)) byName.set(file, { absolute: join(folder.absolute, file), display: `${folder.display}/${file}` });
  return [...byName.keys()].sort(byBytes).map((file) => byName.get(file) as PolicyPath);
}

function confFiles(folder: string): string[] {
  return isThere(folder) ? readdirSync(folder).filter((file) => file.endsWith(".conf")) : [];
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}

function beside({ absolute, display }: PolicyPath, file: string): PolicyPath {
  const folder = dirname(display);
  return { absolute: join(dirname(absolute), file), display: folder === "." ? file : `${folder}/${file}` };
}

/** What one file sets: from the copies that the policy names, or from the tree that the unit itself lies in (`etc/default` beside `etc/systemd/system`). */
async function environmentOf(
  { path, optional, place }: EnvironmentFileWish,
  unitAt: PolicyPath,
  reader: UnitReader,
): Promise<[string, string][]> {
  const { files, given, givenBy } = reader;
  const found = `EnvironmentFile=${optional ? "-" : ""}${path}`;
  if (/[*?[]/.test(path))
    throw new UserError("unit-file", `the unit reads files by a pattern: ${path}`, {
      place,
      found,
      fault: faultOf("unit-file-pattern", { path }),
      expected: "the path of one file in each EnvironmentFile=",
      todo: "write the files that match into the copy of the unit",
    });
  const stated = await new GivenFiles(given).look(path);
  if (stated.kind === "file") {
    files.note(stated.display, stated.content);
    return assignments(Buffer.from(stated.content).toString("utf8"));
  }
  if (stated.kind === "missing" && optional) return [];
  if (stated.kind === "missing" || stated.kind === "folder")
    throw new UserError("unit-file", `systemd does not start the unit: ${path} is ${stated.kind === "folder" ? "a folder" : "missing"}`, {
      place,
      found,
      fault: faultOf("unit-file-absent", { path, folder: stated.kind === "folder" }),
      expected: "the file, or a `-` before its path",
      todo: `copy ${path} from the machine; if it does not exist there either, the unit does not start`,
    });
  const around = inTreeOf(unitAt, path);
  // A file that a part of a tree lacks may be on the machine.
  if (!around || !isThere(around.absolute))
    throw new UserError("unit-file", `the unit reads ${path}, and no copy of it was supplied`, {
      place,
      found,
      fault: faultOf("unit-file-not-given", { path, key: givenBy, optional }),
      expected: `a copy under \`${givenBy}\`, or beside the unit as on its machine: etc/systemd/system and ${path.slice(1)}`,
      todo: `add \`${givenBy}: { ${path}: ./COPY }\`${optional ? "; `none` in place of ./COPY if the machine has no such file" : ""}`,
    });
  return assignments(await textOf(around, reader));
}

function assignments(text: string): [string, string][] {
  return readEnvironmentFile(text).map(({ name, value }) => [name, value]);
}

function inTreeOf({ absolute, display }: PolicyPath, path: string): PolicyPath | undefined {
  const tree = /^(.*?)etc\/systemd\/system\/[^/]+$/.exec(display)?.[1];
  if (tree === undefined || !path.startsWith("/")) return undefined;
  return { absolute: join(dirname(absolute), "..", "..", "..", path), display: `${tree}${path.slice(1)}` };
}

async function textOf(at: PolicyPath, { files, allowed }: UnitReader): Promise<string> {
  if (!allowed.hold(at.absolute))
    throw new UserError("policy-path", `${at.display} leads out of the policy's folder`, {
      fault: faultOf("policy-file", { file: at.display, is: "outside" }),
      place: { file: at.display },
      todo: outside,
    });
  return files.text(at);
}
