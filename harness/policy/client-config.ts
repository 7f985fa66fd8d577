/** The ssh_config of the machine at home: what it asks for when a person types `ssh HOST`. */

import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type Warning, warning } from "../core/warning.ts";
import type { AllowedFolders } from "../files/allowed-folders.ts";
import { readFileIfThere } from "../files/user-file.ts";
import { byBytes, expandPattern } from "../openssh/file-tree.ts";
import { optionsForHost, readSshConfig, type SshConfigLine, settingsForHost } from "../openssh/ssh-config.ts";
import { GivenFiles, type GivenPath } from "./given-files.ts";
import type { InputFiles, PolicyPath } from "./input-files.ts";
import { noSshConfig } from "./load-ssh-config.ts";
import { outside } from "./policy-paths.ts";

/**
 * Reads it. Files of ~/.ssh that it includes lie beside it.
 * @param given copies of other files at home
 * @throws UserError `ssh-config` for a line that ssh refuses, and for an Include of what was not given
 */
export async function readClientConfig(
  at: PolicyPath,
  files: InputFiles,
  allowed: AllowedFolders,
  given: readonly GivenPath[],
): Promise<SshConfigLine[]> {
  const folder = dirname(at.absolute);
  const prefix = dirname(at.display) === "." ? "" : `${dirname(at.display)}/`;
  const tree = {
    look: async (path: string) => {
      const names = await readdir(join(folder, path)).catch(() => undefined);
      return names ? { kind: "folder" as const, names, display: path } : { kind: "missing" as const };
    },
  };
  const elsewhere = new GivenFiles(given.map((each) => ({ ...each, host: rooted(each.host) })));
  const read = async (name: string) => {
    if (name.startsWith("/")) return readGiven(name);
    const path = join(folder, name);
    const bytes = readFileIfThere(path, noSshConfig(`${prefix}${name}`));
    if (!bytes) return undefined;
    if (!allowed.hold(path))
      throw new UserError("ssh-config", `${prefix}${name} leads out of the policy's folder`, {
        fault: faultOf("policy-file", { file: `${prefix}${name}`, is: "outside" }),
        place: { file: at.display },
        todo: outside,
      });
    files.note(`${prefix}${name}`, bytes);
    return { text: bytes.toString("utf8"), display: `${prefix}${name}` };
  };
  const readGiven = async (path: string) => {
    const found = await elsewhere.look(path);
    if (found.kind !== "file") return undefined;
    files.note(found.display, found.content);
    return { text: Buffer.from(found.content).toString("utf8"), display: found.display };
  };
  const notGiven = (pattern: string, path: string, place: Place) =>
    new UserError("ssh-config", `${place.file} includes ${pattern}, which was not supplied`, {
      fault: faultOf("ssh-config-include", { file: place.file, pattern, path }),
      place,
      found: `Include ${pattern}`,
      expected: "files under ~/.ssh, looked up next to the ssh_config, or copies under `home.files`",
      todo: `add \`home: { files: { ${path}: ./COPY } }\`; \`none\` in place of ./COPY if home has nothing there`,
    });
  const globGiven = async (pattern: string, line: Place) => {
    const expanded = await expandPattern(elsewhere, rooted(pattern));
    const looked = await Promise.all(expanded.paths.map(async (path) => ({ path, ...(await elsewhere.look(path)) })));
    const [missing] = [...expanded.notGiven, ...looked.filter(({ kind }) => kind === "not-given")];
    if (missing) throw notGiven(pattern, missing.path.replace(/^\/~(?=\/)/, "~").replace(/\/[^/]*[*?[].*$/, ""), line);
    return looked.map(({ path }) => path);
  };
  const glob = async (pattern: string, line: Place) => {
    const below = pattern.replace(/^~\/\.ssh\//, "");
    if (/^~?\//.test(below)) return globGiven(below, line);
    if (/^~|%|\$\{/.test(below) || below.split("/").includes("..")) throw notGiven(pattern, "PATH", line);
    const { paths } = await expandPattern(tree, `/${below}`);
    return paths.map((path) => path.slice(1)).sort(byBytes);
  };
  return readSshConfig({ read, glob }, basename(at.absolute));
}

/** A path below the user's home folder, or an absolute one, as one tree has them. */
function rooted(path: string): string {
  return path.startsWith("~/") ? `/${path}` : path;
}

/** What ssh adds to the command line for one host: arguments of `-o`; and blocks that only home itself could decide. */
export function optionsOf(lines: readonly SshConfigLine[], host: string, user?: string): { options: string[]; undecided: Warning[] } {
  const settings = settingsForHost(lines, { host, ...(user === undefined ? {} : { user }) });
  return {
    options: optionsForHost(settings).map(({ option }) => option),
    undecided: undecidedBlocks(settings, host),
  };
}

/** Blocks that only the machine itself could decide on for this host. */
export function undecidedBlocks({ undecided }: Pick<ReturnType<typeof settingsForHost>, "undecided">, host: string): Warning[] {
  return undecided.map(({ canonicalName: name, ...place }) =>
    name === undefined ? warning("client-match-undecided", {}, place) : warning("client-canonical-name", { host, name }, place),
  );
}
