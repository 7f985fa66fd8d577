/** A copy of /etc/firewalld as the rules that firewalld makes of it, each with the user's line that it is made of. */
import { posix } from "node:path";
import type { Place, UserError } from "../../core/errors.ts";
import type { Progress } from "../../core/step.ts";
import type { AllowedFolders } from "../../files/allowed-folders.ts";
import { ChainBook } from "../chain-book.ts";
import { displayPath, labFolder } from "../file-paths.ts";
import type { FirewallFile, FirewallFiles } from "../firewall-files.ts";
import { readIptablesRules } from "../iptables-rules.ts";
import { readNftRules } from "../nft-rules.ts";
import { toldOf } from "../told-places.ts";
import { compileFirewalld, type HostNames, type MadeLine, type MadeRules, type RefusedSettings } from "./compile.ts";
import { readFirewalldFolder } from "./firewalld-folder.ts";
import { refusal } from "./refusal.ts";
import { settingWarnings } from "./setting-warnings.ts";

/**
 * @param folder absolute
 * @param base that shown paths are relative to
 * @param more told of what takes longer than a second; saved ipsets and host names that direct.xml may name
 * @throws UserError `firewall-file` for a file that cannot be read, `firewall-firewalld` for settings that firewalld would not take, `firewall-load` or
 * `firewall-needs` for rules that do not load, and what keeps the engine away
 */
export async function firewalldFirewall(
  folder: string,
  base: string,
  allowed: AllowedFolders,
  { progress = () => undefined, ipsets, names }: { progress?: Progress; ipsets?: string; names?: HostNames } = {},
): Promise<FirewallFiles> {
  const files = readFirewalldFolder(folder, base, allowed);
  return firewallOf(await compileFirewalld(files, progress, ipsets, names), { files, display: displayPath(folder, base) || "." });
}

/** What the user gave: files by their path in the folder, and how the folder is shown. */
export interface GivenFolder {
  files: Readonly<Record<string, FirewallFile>>;
  display: string;
}

/** @throws UserError where firewalld refused the files */
export function firewallOf(answer: MadeRules | RefusedSettings, given: GivenFolder): FirewallFiles {
  if ("error" in answer) throw refused(answer, given);
  const { nft, ipv4, ipv6, ipsets } = answer.rules;
  const main = posix.join(labFolder, ".forwardlab-firewalld.nft");
  const made = {
    ...(nft ? { [main]: madeFile(main, nft, given) } : {}),
    ...dumpOf(4, ipv4, given),
    ...dumpOf(6, ipv6, given),
  };
  const settings = Object.entries(given.files).map(([path, file]) => [posix.join(labFolder, "firewalld", path), file]);
  const dumps = Object.keys(made).filter((path) => path !== main);
  const book = nft ? readNftRules({ display: main, text: textOf(made[main]) }, () => []) : new ChainBook();
  for (const path of dumps) readIptablesRules({ display: path, text: textOf(made[path]) }, path === dumpPath(4) ? "ip" : "ip6", book);
  const told = toldOf(made);
  const loaded = {
    files: { ...Object.fromEntries(settings), ...made },
    warnings: settingWarnings(answer, (at) => placeIn(given, at), "firewalld.conf" in given.files),
    rules: book.positions().map(told),
    objects: book.objects().map(told),
    ...(ipsets === "" ? {} : { ipsets }),
    ...(dumps.length === 0 && nft
      ? {}
      : { sequence: { 4: dumps.filter((path) => path === dumpPath(4)), 6: dumps.filter((path) => path === dumpPath(6)) } }),
  };
  return nft ? { kind: "nft", main, ...loaded } : { kind: "iptables", ...loaded };
}

function refused({ error }: RefusedSettings, given: GivenFolder): UserError {
  return refusal(error, error.file === undefined ? { file: given.display } : placeIn(given, { file: error.file, line: error.line ?? 0 }));
}

function dumpPath(family: 4 | 6): string {
  return posix.join(labFolder, `.forwardlab-firewalld.v${family}`);
}

/** A family that nothing is written for has no table in its dump. */
function dumpOf(family: 4 | 6, lines: readonly MadeLine[] | null, given: GivenFolder): Record<string, FirewallFile> {
  if (!lines?.some(([text]) => text.startsWith("*"))) return {};
  return { [dumpPath(family)]: madeFile(dumpPath(family), lines, given) };
}

function madeFile(path: string, lines: readonly MadeLine[], given: GivenFolder): FirewallFile {
  return {
    content: lines.map(([text]) => `${text}\n`).join(""),
    display: path,
    origins: lines.map(([, file, line]) => placeIn(given, { file, line })),
  };
}

function textOf(file: FirewallFile | undefined): string {
  return String(file?.content ?? "");
}

/** In the user's files; the column is that of the line's first character. */
function placeIn({ files, display }: GivenFolder, { file, line }: { file: string; line: number }): Place {
  if (file === "") return { file: display };
  const given = files[file];
  const text = textOf(given).split("\n")[line - 1];
  return {
    file: given?.display ?? posix.join(display, file),
    ...(line > 0 ? { line } : {}),
    ...(text === undefined ? {} : { column: text.length - text.trimStart().length + 1 }),
  };
}
