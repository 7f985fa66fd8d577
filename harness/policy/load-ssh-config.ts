/** A client's ssh_config from the disk. */
import { glob } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { readFileIfThere, type UnreadableFile } from "../files/user-file.ts";
import { readSshConfig, type SshConfigLine } from "../openssh/ssh-config.ts";

/** What ssh would wait for, or read for ever. */
export function noSshConfig(file: string): (why: UnreadableFile) => never {
  return ({ message }) => {
    throw new UserError("ssh-config", `${file} is not an ssh_config`, {
      place: { file },
      found: message,
      expected: "a file",
      todo: "copy ~/.ssh/config of the machine that runs ssh",
    });
  };
}

/**
 * Reads a config with what it includes. The file's folder stands for the `~/.ssh` that relative `Include` paths, and those below `~/.ssh`, are looked for in.
 * @param display how messages name the file (default: `path`)
 * @throws UserError `ssh-config` when it cannot be read, or ssh would refuse it
 */
export async function loadSshConfig(path: string, display: string = path): Promise<SshConfigLine[]> {
  const main = resolve(path);
  const folder = dirname(main);
  const located = (name: string) => {
    const below = name.replace(/^~\/\.ssh\//, "");
    return isAbsolute(below) ? below : join(folder, below);
  };
  const shown = (at: string) => {
    if (at === main) return display;
    return dirname(at) === folder ? join(dirname(display), basename(at)) : at;
  };
  return readSshConfig(
    {
      read: async (name) => {
        const at = located(name);
        const bytes = readFileIfThere(at, noSshConfig(shown(at)));
        if (!bytes) return undefined;
        return { text: bytes.toString("utf8"), display: shown(at) };
      },
      glob: async (pattern) => {
        const found: string[] = [];
        for await (const each of glob(located(pattern))) found.push(each);
        return found.sort();
      },
    },
    main,
  );
}
