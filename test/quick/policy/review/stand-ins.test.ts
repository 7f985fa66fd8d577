/** Whom a review takes for the accounts of a server whose files do not list them. */
import { expect, test } from "vitest";
import { loadSubject } from "../../../../harness/pipelines/review-subject.ts";
import { folderOf } from "../../cli/run-cli.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0p9FM0iGzQGXnGqHwn4ZGKHW2fFUYVWQfD1mVdRYMC";
const config = "AuthorizedKeysFile /etc/ssh/keys/%u\nMatch User dev-*\n  GatewayPorts yes\n";

async function subject(before: string) {
  const folder = await folderOf({ "ssh/sshd_config": `${before}${config}`, "ssh/keys/deploy": `${key}\n` });
  try {
    const { inputs, standIns } = await loadSubject(`${folder.path}/ssh`, {});
    const groups = Object.fromEntries(inputs.accounts.map((account) => [account.name, account.groups ?? []]));
    const warned = inputs.warnings.map(({ code, params: { accounts, account } }: { code: string; params: Record<string, unknown> }) => [
      code,
      accounts ?? account,
    ]);
    return { groups, standIns, warned };
  } finally {
    await folder[Symbol.asyncDispose]();
  }
}

test("AllowGroups: accounts with key files are in a group that it lets in, and a warning says so", async () => {
  expect(await subject("AllowGroups ops\n")).toEqual({
    groups: { deploy: ["ops"], "dev-x": [], "ops-member": ["ops"], root: [], anybody: [] },
    standIns: { "dev-x": "User dev-*", "ops-member": "Group ops", anybody: null },
    // Nobody has the others, so none of them lacks a key.
    warned: [
      ["groups-assumed", ["deploy"]],
      ["keys-missing", "root"],
    ],
  });
});

test("the control: nothing asks for a group", async () => {
  expect(await subject("")).toEqual({
    groups: { deploy: [], "dev-x": [], root: [], anybody: [] },
    standIns: { "dev-x": "User dev-*", anybody: null },
    warned: [["keys-missing", "root"]],
  });
});
