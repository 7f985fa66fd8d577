/** A copy of more of a server than its /etc/ssh: of its /etc, or of its root folder. */
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { isMissing } from "../files/is-missing.ts";
import type { FileTree } from "../openssh/file-tree.ts";
import { unreadableCopy } from "./given-files.ts";
import { serverTree } from "./load-sshd-config.ts";

export interface ServerCopy {
  /** The folder with sshd_config. */
  ssh: string;
  /** What else is given, as a policy's `server.files` has it. */
  files: Record<string, string>;
}

/** Undefined for anything else, such as a folder laid out like /etc/ssh. */
export async function serverCopy(path: string): Promise<ServerCopy | undefined> {
  // Of a folder that may not be looked into, its reader tells.
  if (!(await isSearchable(path))) return undefined;
  if ((await isThere(join(path, "policy.yaml"))) || (await isThere(join(path, "sshd_config")))) return undefined;
  if (await isThere(join(path, "ssh", "sshd_config"))) return { ssh: join(path, "ssh"), files: { "/etc": path } };
  if (!(await isThere(join(path, "etc", "ssh", "sshd_config")))) return undefined;
  const entries = await readdir(resolve(path), { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => [`/${name}`, join(path, name)]);
  return { ssh: join(path, "etc", "ssh"), files: Object.fromEntries(folders) };
}

/** The server's files in it. */
export function treeOf({ ssh, files }: ServerCopy): Promise<FileTree> {
  const given = Object.entries(files).map(([host, copy]) => ({ host, local: resolve(copy), display: copy }));
  return serverTree(ssh, ssh, given);
}

/** The copy of /etc in which an sshd_config lies, if accounts are listed there. */
export async function copyAround(path: string): Promise<{ folder: string; passwd: string } | undefined> {
  const found = await stat(path).catch(() => undefined);
  const ssh = found?.isDirectory() ? path : dirname(path);
  const folder = dirname(ssh);
  const passwd = join(folder, "passwd");
  return basename(resolve(ssh)) === "ssh" && (await isThere(passwd)) ? { folder, passwd } : undefined;
}

async function isSearchable(folder: string): Promise<boolean> {
  return stat(`${folder}/.`).then(
    () => true,
    () => false,
  );
}

async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw unreadableCopy(path, { said: (error as Error).message }, error);
  }
}
