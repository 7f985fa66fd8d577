/** Whom a review takes for the accounts of a server whose files list them. */
import { expect, test } from "vitest";
import { loadSubject } from "../../../../harness/pipelines/review-subject.ts";
import { folderOf } from "../../cli/run-cli.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0p9FM0iGzQGXnGqHwn4ZGKHW2fFUYVWQfD1mVdRYMC";
const passwd = `root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
alice:x:1001:1001::/srv/alice:/bin/bash
bob:x:1002:100::/home/bob:/usr/sbin/nologin
carol:x:1003:100::/home/carol:/bin/bash
dan:x:1004:100::/home/dan:/bin/bash
`;
const group = "root:x:0:\ndaemon:x:1:\nusers:x:100:\nalice:x:1001:\nops:x:500:bob,carol\n";
const config = "UsePAM yes\nAllowUsers ghost *\nMatch Group ops\n  GatewayPorts yes\nMatch User dev-*\n  GatewayPorts yes\n";
const files = {
  "etc/ssh/sshd_config": config,
  "etc/passwd": passwd,
  "etc/group": group,
  "srv/alice/.ssh/authorized_keys": `${key}\n`,
};

async function subject(more: Record<string, string> = {}, path = "", options: Parameters<typeof loadSubject>[1] = {}) {
  const folder = await folderOf({ ...files, ...more });
  try {
    const firewall = (options.firewall ?? []).map((each) => `${folder.path}/${each}`);
    const { inputs, standIns } = await loadSubject(`${folder.path}/${path}`, { ...options, firewall });
    return {
      accounts: inputs.accounts.map(({ name }) => name),
      standIns,
      account: (wanted: string) => inputs.accounts.find(({ name }) => name === wanted),
      warned: inputs.warnings.map(({ code, params }) => [code, params] as const),
    };
  } finally {
    await folder[Symbol.asyncDispose]();
  }
}

const alike = (account: string, accounts: string[]) => ["accounts-alike", { account, accounts, more: 0 }];

test("each account that something tells apart, and one of each kind; nobody whom the files do not list", async () => {
  const { accounts, standIns, account, warned } = await subject();
  // bob may not have a shell, but forwards do not need one: carol, who has, stands for both.
  expect(accounts.toSorted()).toEqual(["alice", "anybody", "carol", "root"]);
  expect(standIns).toEqual({ anybody: null, carol: "Group ops" });
  expect(account("carol")).toMatchObject({ uid: 1003, shell: "/bin/bash", groups: ["users", "ops"] });
  expect(account("alice")?.keyFiles.map(({ path }) => path)).toEqual(["/srv/alice/.ssh/authorized_keys"]);
  expect(warned).toContainEqual(alike("carol", ["bob"]));
  expect(warned).toContainEqual(alike("anybody", ["daemon", "dan"]));
  expect(warned).toContainEqual(["accounts-nobody-has", { accounts: ["ghost"] }]);
  expect(warned.map(([code]) => code)).not.toContain("accounts-not-listed");
});

test("the control: the folder of sshd_config alone lists nobody, and a hint says where they are", async () => {
  const { accounts, warned } = await subject({}, "etc/ssh");
  expect(accounts.toSorted()).toEqual(["anybody", "dev-x", "ghost", "ops-member", "root"]);
  expect(warned).toContainEqual(["accounts-not-read", { folder: expect.stringMatching(/\/etc$/) }]);
});

test("a copy of /etc: homes are not in it", async () => {
  const { accounts, account } = await subject({}, "etc");
  expect(accounts.toSorted()).toEqual(["anybody", "carol", "root"]);
  expect(account("alice")).toBeUndefined();
});

test("accounts from elsewhere: whoever the config means has a stand-in besides", async () => {
  const { accounts, warned } = await subject({ "etc/nsswitch.conf": "passwd: files sss\n" });
  expect(accounts.toSorted()).toEqual(["alice", "anybody", "carol", "dev-x", "ghost", "ops-member", "root"]);
  expect(warned).toContainEqual(["accounts-elsewhere", { sources: ["sss"] }]);
  expect(warned.map(([code]) => code)).not.toContain("accounts-nobody-has");
});

test("rules by owner tell all of them apart", async () => {
  const rules = (match: string) =>
    `table inet f {\n  chain output {\n    type filter hook output priority 0; policy drop;\n    ${match} accept\n  }\n}\n`;
  const seen = async (match: string) => (await subject({ "fw.nft": rules(match) }, "", { firewall: ["fw.nft"] })).accounts.toSorted();
  expect(await seen("meta skuid 1002")).toEqual(["alice", "bob", "carol", "daemon", "dan", "root"]);
  expect(await seen("tcp dport 22")).toEqual(["alice", "anybody", "carol", "root"]);
});

test("without PAM a locked account is one of its own; without a shadow file nobody knows", async () => {
  const shadow = { "etc/shadow": passwd.replaceAll(/^(\w+):.*$/gm, (_, name) => `${name}:${name === "bob" ? "!" : "*"}:::::::`) };
  const plain = { "etc/ssh/sshd_config": config.replace("UsePAM yes\n", "") };
  expect((await subject({ ...shadow, ...plain })).accounts.toSorted()).toEqual(["alice", "anybody", "bob", "carol", "root"]);
  expect((await subject(shadow)).accounts.toSorted()).toEqual(["alice", "anybody", "carol", "root"]);
  const codes = async (more: Record<string, string>) => (await subject(more)).warned.map(([code]) => code);
  expect(await codes(plain)).toContain("locks-unknown");
  expect(await codes({ ...shadow, ...plain })).not.toContain("locks-unknown");
  expect(await codes({})).not.toContain("locks-unknown");
});

test("an account that expires stands for nobody else, and root's number makes it one of its own", async () => {
  const expiring = { "etc/shadow": "carol:*:19000:::::0:\nbob:*:19000:::::12000:\n", "etc/passwd": `${passwd}toor:x:0:0::/root:/bin/sh\n` };
  const { accounts, warned } = await subject(expiring);
  expect(accounts.toSorted()).toEqual(["alice", "anybody", "bob", "carol", "root", "toor"]);
  expect(warned.filter(([code]) => code === "accounts-alike")).toEqual([alike("anybody", ["daemon", "dan"])]);
});

test("a copy's own firewalls are named if none is given", async () => {
  const codes = async (more: Record<string, string>, options = {}) => {
    const { warned } = await subject(more, "", options);
    return warned.flatMap(([code, params]) => (code === "firewalls-not-read" ? (params as { paths: string[] }).paths : []));
  };
  const table = "table inet f {\n  chain input {\n    type filter hook input priority 0; policy accept;\n  }\n}\n";
  const both = { "etc/nftables.conf": table, "etc/ufw/ufw.conf": "ENABLED=no\n" };
  expect(await codes(both)).toEqual([expect.stringMatching(/etc\/nftables\.conf$/), expect.stringMatching(/etc\/ufw$/)]);
  expect(await codes(both, { firewall: ["etc/nftables.conf"] })).toEqual([]);
  expect(await codes({})).toEqual([]);
});

test("--account: those alone, with what the files say of them", async () => {
  const { accounts, account } = await subject({}, "", { accounts: ["bob"] });
  expect(accounts).toEqual(["bob"]);
  expect(account("bob")).toMatchObject({ uid: 1002, shell: "/usr/sbin/nologin", groups: ["users", "ops"] });
  await expect(subject({}, "", { accounts: ["bob:staff"] })).rejects.toThrow(/groups contradicts the server's own files/);
});
