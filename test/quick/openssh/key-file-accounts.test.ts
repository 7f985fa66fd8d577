/** Accounts that exist because they have a key file, or a principals file, of their name. */
import { expect, test } from "vitest";
import type { FileTree } from "../../../harness/openssh/file-tree.ts";
import { keyFileAccounts } from "../../../harness/openssh/key-file-accounts.ts";
import { sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";

const files = [
  "/etc/ssh/keys/carol",
  "/etc/ssh/keys/alice",
  "/etc/ssh/keys/not an account",
  "/etc/ssh/by-name/dave/keys",
  "/etc/ssh/principals/erin",
];

const tree: FileTree = {
  look: async (path) => {
    if (files.includes(path)) return { kind: "file", content: new Uint8Array(), display: path };
    const below = files.filter((file) => file.startsWith(`${path}/`)).map((file) => file.slice(path.length + 1).split("/")[0] ?? "");
    return below.length > 0 ? { kind: "folder", names: [...new Set(below)], display: path } : { kind: "missing" };
  },
};

async function accountsOf(config: string): Promise<string[]> {
  return keyFileAccounts(await sshdConfigFromText(config), tree);
}

test("the name stands where `%u` does, in any line of the config, once each and sorted", async () => {
  expect(await accountsOf("AuthorizedKeysFile /etc/ssh/keys/%u .ssh/authorized_keys\n")).toEqual(["alice", "carol"]);
  expect(await accountsOf("AuthorizedKeysFile none\nMatch Group ops\n  AuthorizedKeysFile /etc/ssh/by-name/%u/keys\n")).toEqual(["dave"]);
  expect(await accountsOf("AuthorizedKeysFile /etc/ssh/keys/%u\nAuthorizedPrincipalsFile /etc/ssh/principals/%u\n")).toEqual([
    "alice",
    "carol",
    "erin",
  ]);
});

test("a place that does not tell the name, or where nothing is, names nobody", async () => {
  for (const place of ["/etc/ssh/keys/alice", "%h/.ssh/authorized_keys", ".ssh/%u", "/etc/ssh/keys/%U", "/home/%u/%h", "/srv/keys/%u"])
    expect([place, await accountsOf(`AuthorizedKeysFile ${place}\n`)]).toEqual([place, []]);
});
