/** Accounts whose files tell that they exist: a place such as `/etc/ssh/keys/%u` names them. Pure but for the tree. */
import { expandPattern, type FileTree } from "./file-tree.ts";
import { accountName } from "./named-accounts.ts";
import type { SshdConfig } from "./sshd-config.ts";

const settings = new Set(["authorizedkeysfile", "authorizedprincipalsfile"]);

/** Sorted by name. Home folders, which depend on more than the name, are not searched. */
export async function keyFileAccounts({ lines }: SshdConfig, tree: FileTree): Promise<string[]> {
  const values = lines.filter(({ keyword }) => settings.has(keyword)).flatMap(({ args }) => args);
  const names: string[] = [];
  for (const value of new Set(values.filter(isByName))) {
    const [before = "", after = ""] = value.split("%u");
    const { paths } = await expandPattern(tree, `${before}*${after}`);
    for (const path of paths) {
      const name = path.slice(before.length, path.length - after.length);
      if (accountName.test(name) && (await tree.look(path)).kind === "file") names.push(name);
    }
  }
  return [...new Set(names)].sort();
}

/** An absolute path in which `%u` is the only unknown. */
function isByName(value: string): boolean {
  return value.startsWith("/") && value.split("%").length === 2 && value.includes("%u") && !/[*?[]/.test(value);
}
