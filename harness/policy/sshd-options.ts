/** `server.sshd_options`: what a unit file or an image passes to sshd, as settings. */
import { basename } from "node:path";
import { type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type Warning, warning } from "../core/warning.ts";
import { readEnvironmentFile } from "../systemd/environment.ts";
import { splitValue } from "../systemd/quoted-words.ts";
import type { PolicyPath } from "./input-files.ts";
import type { Policy } from "./policy.ts";
import type { PolicyPaths } from "./policy-paths.ts";
import { readUnit, type UnitReader } from "./read-units.ts";

/** `Keyword=value` for each setting, in order; undefined: the words are none that set something. */
export function readSshdOptions(words: readonly string[]): { settings: string[] } | { fault: number; found: string } {
  const settings: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const first = at;
    let word = (words[at] as string).trim();
    if (word === "-o" || word === "-p") word += ` ${words[++at]?.trim() ?? ""}`;
    const port = /^-p\s*(\d{1,5})$/.exec(word)?.[1];
    const parts = /^(?:-o\s*)?([A-Za-z][A-Za-z0-9]*)(?:\s*=\s*|\s+)(\S.*)$/s.exec(word);
    if (port !== undefined) settings.push(`Port=${port}`);
    else if (parts) settings.push(`${parts[1]}=${parts[2]}`);
    else return { fault: first, found: word };
  }
  return { settings };
}

/** Variables that hold them: Debian's /etc/default/ssh, and the /etc/sysconfig/sshd of Fedora, RHEL and SUSE. */
const holding = ["SSHD_OPTS", "OPTIONS"];

/**
 * The settings, wherever the policy has them from.
 * @throws UserError `sshd-options` for options that the lab cannot take over, `unit-file` for a unit that systemd refuses
 */
export async function statedSshdOptions(
  { server: { sshd_options: stated = [] } }: Policy,
  { sshdOptions: at, serverFiles }: Pick<PolicyPaths, "sshdOptions" | "serverFiles">,
  reader: Omit<UnitReader, "given" | "givenBy">,
): Promise<{ settings: string[]; warnings: Warning[] }> {
  if (typeof stated !== "string") {
    const read = readSshdOptions(stated);
    return { settings: "settings" in read ? read.settings : [], warnings: [] };
  }
  if (at === undefined) return { settings: [], warnings: [] };
  return at.absolute.endsWith(".service")
    ? fromUnit(at, { ...reader, given: serverFiles, givenBy: "server.files" })
    : fromVariables(at, await reader.files.text(at));
}

async function fromUnit(at: PolicyPath, reader: UnitReader): Promise<{ settings: string[]; warnings: Warning[] }> {
  const { commands, unknowns, warnings } = await readUnit(at, { file: at.display }, reader);
  const command = commands.find(({ program }) => basename(program) === "sshd");
  if (!command)
    throw new UserError("sshd-options", `${at.display} does not start sshd`, {
      place: commands[0]?.place ?? { file: at.display },
      fault: faultOf("unit-not-sshd", { file: at.display, program: commands[0]?.program }),
      found: commands[0]?.program ?? "no ExecStart=",
      expected: "ExecStart= with sshd",
      todo: "copy the unit that starts sshd: `systemctl cat ssh` or `systemctl cat sshd` shows it",
    });
  const unknown = unknowns.in(command.words.join(" "));
  if (unknown)
    throw new UserError("sshd-options", `${unknown.written} cannot be known: ${unknown.why}`, {
      fault: faultOf("unit-word-unknown", { word: unknown.written }),
      place: command.place,
      found: unknown.written,
      expected: "a value that the unit or its files set",
      todo: `write its value in place of ${unknown.written} into the copy of the unit`,
    });
  return { settings: settingsOf(command.words, command.place), warnings };
}

function fromVariables(at: PolicyPath, text: string): { settings: string[]; warnings: Warning[] } {
  const found = readEnvironmentFile(text).findLast(({ name }) => holding.includes(name));
  if (!found) return { settings: [], warnings: [warning("no-sshd-options", { variables: holding }, { file: at.display })] };
  const place = { file: at.display, line: found.line };
  return { settings: settingsOf(splitValue(found.value), place), warnings: [] };
}

/** Options of sshd(8) that decide only how it runs, without a value and with one. */
const howItRuns = /^-[DdeqtT]+$/;
const withValue = /^-[hcuE]/;
/** The file that it reads anyway; what `-4` and `-6` say. */
const mainFile = "/etc/ssh/sshd_config";
const families: Readonly<Record<string, string>> = { "-4": "AddressFamily=inet", "-6": "AddressFamily=inet6" };

function settingsOf(words: readonly string[], place: Place): string[] {
  const setting = words.flatMap((word, at) => {
    const before = words[at - 1] ?? "";
    if (howItRuns.test(word) || withValue.test(word) || /^-[hcuE]$/.test(before)) return [];
    if ((word === "-f" && words[at + 1] === mainFile) || (before === "-f" && word === mainFile)) return [];
    return [families[word] ?? word];
  });
  const read = readSshdOptions(setting);
  if ("settings" in read) return read.settings;
  throw new UserError("sshd-options", "sshd gets an option that is not a setting", {
    place,
    fault: faultOf("sshd-option-other", { word: read.found }),
    found: read.found,
    expected: "-o Keyword=value, -p PORT, -4, -6",
    todo: read.found.startsWith("-f")
      ? "name the file that -f gives as `sshd_config`, and leave -f out of the copy"
      : "leave it out of the copy, or give a list of settings",
  });
}
