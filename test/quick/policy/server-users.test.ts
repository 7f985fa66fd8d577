/** A policy whose `server.files` list the accounts. */
import { expect, test } from "vitest";
import { loadPolicy } from "../../../harness/policy/load-policy.ts";
import { folderOf } from "../cli/run-cli.ts";

const files = {
  "ssh/sshd_config": "AuthorizedKeysFile .ssh/keys\n",
  "etc/passwd": "root:x:0:0:root:/root:/bin/bash\nalice:x:1001:100::/srv/alice:/bin/false\n",
  "etc/group": "root:x:0:\nusers:x:100:\nops:x:20:alice\n",
  "etc/shadow": "alice:!$6$secret:19000:0:99999:7:::\n",
  "srv/alice/.ssh/keys": "no-pty ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0p9FM0iGzQGXnGqHwn4ZGKHW2fFUYVWQfD1mVdRYMC\n",
};

async function loaded(accounts: string, copies = "{ /etc: etc, /srv: srv }") {
  const policy = `server:\n  sshd_config: ssh\n  files: ${copies}\n  accounts:\n    alice: ${accounts}\nforwards: {}\n`;
  const folder = await folderOf({ ...files, "policy.yaml": policy });
  try {
    return await loadPolicy(folder.path);
  } finally {
    await folder[Symbol.asyncDispose]();
  }
}

test("an account has its number, groups, shell and keys from the server's own files", async () => {
  const { inputs } = await loaded("{}");
  expect(inputs.accounts).toMatchObject([{ name: "alice", uid: 1001, shell: "/bin/false", groups: ["users", "ops"] }]);
  expect(inputs.accounts[0]?.keyFiles).toMatchObject([{ path: "/srv/alice/.ssh/keys" }]);
  expect(inputs.users?.accounts.map(({ name }) => name)).toEqual(["root", "alice"]);
});

test("the control: without them it has what the policy says", async () => {
  const { inputs } = await loaded("{ uid: 7 }", "{ /srv: srv }");
  expect(inputs.accounts).toMatchObject([{ name: "alice", uid: 7, keyFiles: [] }]);
  expect(inputs.users).toBeUndefined();
});

test("no password is kept", async () => {
  const { inputs } = await loaded("{}");
  const kept = Object.fromEntries(inputs.files.map(({ display, content }) => [display, content.toString()]));
  expect(kept["etc/shadow"]).toBe("alice:!:19000:0:99999:7:::\n");
});

test.each([
  ["{ uid: 1002 }", "uid contradicts", "1001 (etc/passwd:2)"],
  ["{ shell: /bin/sh }", "shell contradicts", "/bin/false (etc/passwd:2)"],
  ["{ groups: [ops, staff] }", "groups contradicts", "users, ops (etc/group)"],
  ["{ groups: [] }", "groups contradicts", "users, ops (etc/group)"],
])("what the policy says otherwise is an error: %s", async (account, message, expected) => {
  await expect(loaded(account)).rejects.toMatchObject({
    errors: [{ code: "policy-value", message: expect.stringContaining(message), expected, place: { line: 5 } }],
  });
});

test.each(["{ uid: 1001 }", "{ shell: /bin/false }", "{ groups: [ops] }", "{ groups: [users, ops] }"])(
  "the same is none: %s",
  async (account) => {
    await expect(loaded(account)).resolves.toMatchObject({ inputs: { accounts: [{ uid: 1001 }] } });
  },
);

test("an account that they do not list is made as the policy says, and told", async () => {
  const policy = "server: { sshd_config: ssh, files: { /etc: etc }, accounts: { bob: { uid: 2002 } } }\nforwards: {}\n";
  await using folder = await folderOf({ ...files, "policy.yaml": policy });
  const { inputs } = await loadPolicy(folder.path);
  expect(inputs.accounts).toMatchObject([{ name: "bob", uid: 2002 }]);
  expect(inputs.warnings).toContainEqual(
    expect.objectContaining({ code: "accounts-not-listed", params: { accounts: ["bob"], elsewhere: [] } }),
  );
});
