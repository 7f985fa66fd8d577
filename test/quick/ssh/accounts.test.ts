import { expect, test } from "vitest";
import { addAccounts, listedFiles } from "../../../harness/ssh/accounts.ts";

const files = {
  passwd:
    "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\nops:x:1000:1000::/srv/ops:/bin/sh\n",
  group: "root:x:0:\nstaff:x:50:ops\nops:x:1000:\n",
  shadow: "root:!:20779:0:99999:7:::\nnobody:*:20779::::::\nops:$y$hash:20779::::::\n",
};

test("a new account: own group, next free number, home, shell, no password but not locked", () => {
  const { files: after, accounts } = addAccounts(files, [{ name: "alice", groups: ["staff", "tunnel"] }], ["wheel"]);
  expect(after.passwd).toBe(`${files.passwd}alice:x:1001:1001::/home/alice:/bin/sh\n`);
  expect(after.group).toBe("root:x:0:\nstaff:x:50:ops,alice\nops:x:1000:\nalice:x:1001:\ntunnel:x:1002:alice\nwheel:x:1003:\n");
  expect(after.shadow).toBe(`${files.shadow}alice:*:19000:0:99999:7:::\n`);
  expect(accounts).toEqual([
    { name: "alice", uid: 1001, gid: 1001, home: "/home/alice", shell: "/bin/sh", groups: ["alice", "staff", "tunnel"], existing: false },
  ]);
});

test("root keeps its home and shell; a lock is taken off and told", () => {
  const { files: after, accounts, notes } = addAccounts(files, [{ name: "root", groups: ["staff"] }]);
  expect(after.passwd).toBe(files.passwd);
  expect(after.shadow).toContain("root:*:");
  expect(after.group).toContain("staff:x:50:ops,root");
  expect(accounts[0]).toMatchObject({ uid: 0, home: "/root", shell: "/bin/bash", existing: true, groups: ["root", "staff"] });
  expect(notes).toEqual([{ code: "account-unlocked", params: { account: "root" } }]);
});

test("a password that the image has stays", () => {
  expect(addAccounts(files, [{ name: "ops" }]).files).toEqual(files);
});

test("done twice is done once", () => {
  const requests = [{ name: "alice", uid: 1234, groups: ["staff"], shell: "/usr/sbin/nologin" }, { name: "bob" }];
  const once = addAccounts(files, requests, ["x"]);
  const twice = addAccounts(once.files, requests, ["x"]);
  expect(twice.files).toEqual(once.files);
  expect(twice.accounts.map(({ existing }) => existing)).toEqual([true, true]);
  expect(once.accounts.map(({ uid, shell }) => [uid, shell])).toEqual([
    [1234, "/usr/sbin/nologin"],
    [1001, "/bin/sh"],
  ]);
});

test("an account that was made before has the shell and the groups of the new request alone", () => {
  const before = addAccounts(files, [{ name: "alice", groups: ["staff"], shell: "/usr/sbin/nologin" }]);
  const after = addAccounts(before.files, [{ name: "alice", groups: ["ops"] }], [], new Set(["alice"]));
  expect(after.files.group).toBe("root:x:0:\nstaff:x:50:ops\nops:x:1000:alice\nalice:x:1001:\n");
  expect(after.accounts).toEqual([expect.objectContaining({ uid: 1001, shell: "/bin/sh", groups: ["alice", "ops"] })]);
  expect(after.files.shadow).toBe(before.files.shadow);
  const renumbered = addAccounts(after.files, [{ name: "alice", uid: 2002 }], [], new Set(["alice"]));
  expect(renumbered.files.passwd).toContain("alice:x:2002:1001:");
});

test("the server's own tables: no password, and its locks where sshd looks at them", () => {
  const place = { file: "passwd", line: 1 };
  const listed = { uid: 1001, gid: 100, home: "/srv/alice", shell: "/bin/false", place };
  const users = {
    accounts: [
      { name: "alice", ...listed },
      { name: "bob", ...listed, uid: 1002 },
    ],
    groups: [{ name: "users", gid: 100, members: ["bob"] }],
    limits: { alice: { locked: true, expires: 20_000 } },
    elsewhere: [],
    files: { passwd: "passwd", group: "group" },
  };
  const own = listedFiles(users, true);
  expect(own).toEqual({
    passwd: "alice:x:1001:100::/srv/alice:/bin/false\nbob:x:1002:100::/srv/alice:/bin/false\n",
    group: "users:x:100:bob\n",
    shadow: "alice:!:19000:0:99999:7::20000:\nbob:*:19000:0:99999:7:::\n",
  });
  expect(listedFiles(users, false).shadow).toContain("alice:*:");
  const request = [{ name: "alice", uid: 1001, groups: ["users"], shell: "/bin/false" }];
  expect(addAccounts(own, request, [], new Set(), true)).toMatchObject({ files: own, notes: [] });
  // The control: an image's lock is nobody's word.
  expect(addAccounts(own, request)).toMatchObject({ notes: [{ code: "account-unlocked" }] });
});

test("an image without /etc/shadow keeps the mark in passwd", () => {
  const { files: after } = addAccounts({ ...files, shadow: undefined }, [{ name: "alice" }]);
  expect(after.passwd).toContain("alice:*:1001:");
  expect(after.shadow).toBeUndefined();
});
