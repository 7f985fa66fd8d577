/** A client's ssh_config from the disk. */
import { glob } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type Warning, warning } from "../core/warning.ts";
import { readFileIfThere, type UnreadableFile } from "../files/user-file.ts";
import { readSshConfig, type SshConfigLine } from "../openssh/ssh-config.ts";

export interface LoadedSshConfig {
  lines: SshConfigLine[];
  warnings: Warning[];
}

/** What ssh would wait for, or read for ever. */
export function noSshConfig(file: string): (why: UnreadableFile) => never {
  return ({ message, found }) => {
    throw new UserError("ssh-config", `${file} is not an ssh_config`, {
      fault: faultOf("ssh-config-no-file", { file, ...found }),
      place: { file },
      found: message,
      expected: "a file",
      todo: "copy ~/.ssh/config of the machine that runs ssh",
    });
  };
}

/**
 * Reads a config with what it includes. The file's folder stands for the `~/.ssh` that relative `Include` paths, and those below `~/.ssh`, are looked for in;
 * the one above it for `~` if it is really called `.ssh`. A warning names each `Include` line whose files may exist elsewhere.
 * @param display how messages name the file (default: `path`)
 * @throws UserError `ssh-config` when it cannot be read, or ssh would refuse it
 */
export async function loadSshConfig(path: string, display: string = path): Promise<LoadedSshConfig> {
  const main = resolve(path);
  const folder = dirname(main);
  const warnings: Warning[] = [];
  const shown = (at: string) => {
    if (at === main) return display;
    return dirname(at) === folder ? join(dirname(display), basename(at)) : at;
  };
  const read = async (at: string) => {
    const bytes = readFileIfThere(at, noSshConfig(shown(at)));
    return bytes && { text: bytes.toString("utf8"), display: shown(at) };
  };
  const matching = async (pattern: string, line: Place) => {
    const found: string[] = [];
    const located = locate(pattern, folder);
    if (located !== undefined) for await (const each of glob(located)) found.push(each);
    const own = located !== undefined && !relative(folder, located).startsWith("..");
    // A copy does not tell what its own machine has there; ~/.ssh itself does, as ssh would find nothing either.
    if (found.length === 0 && !own && (located === undefined || basename(folder) !== ".ssh"))
      warnings.push(warning("client-include-not-read", { pattern }, line));
    return found.sort();
  };
  return { lines: await readSshConfig({ read, glob: matching }, main), warnings };
}

/** Undefined: a path that only the account itself knows. */
function locate(pattern: string, folder: string): string | undefined {
  const below = pattern.replace(/^~\/\.ssh\//, "");
  if (/%|\$\{/.test(below)) return undefined;
  if (below.startsWith("~/")) return basename(folder) === ".ssh" ? join(dirname(folder), below.slice(2)) : undefined;
  if (below.startsWith("~")) return undefined;
  return isAbsolute(below) ? below : join(folder, below);
}
