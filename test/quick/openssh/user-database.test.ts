import { expect, test } from "vitest";
import { groupsIn, groupsOfLogin, readUserDatabase, refusesLocked, withoutPasswords } from "../../../harness/openssh/user-database.ts";

const passwd = `# comment
root:x:0:0:root:/root:/bin/bash

alice:x:1001:100:Alice:/srv/alice:
alice:x:7:7:second:/:/bin/sh
ghost:x:1002:4711::/home/ghost:/usr/sbin/nologin
`;
const group = "users:x:100:\nops:x:20:alice,ghost\ndev:x:21:ghost\n";
const shadow = "root:*:1::::::\nalice:!$6$secret:19000:0:99999:7::20000:\nghost:$6$other:19000::::::\n";

function read(files: { passwd?: string; group?: string; shadow?: string; nsswitch?: string } = {}) {
  const given = { passwd, group, ...files };
  const file = (name: keyof typeof given) => ({ text: given[name] ?? "", display: `site/${name}` });
  return readUserDatabase({
    passwd: file("passwd"),
    group: file("group"),
    shadow: files.shadow === undefined ? undefined : file("shadow"),
    nsswitch: files.nsswitch === undefined ? undefined : file("nsswitch"),
  });
}

test("accounts with their line, home and shell; of two lines for a name the first counts", () => {
  expect(read().accounts).toEqual([
    { name: "root", uid: 0, gid: 0, home: "/root", shell: "/bin/bash", place: { file: "site/passwd", line: 2 } },
    { name: "alice", uid: 1001, gid: 100, home: "/srv/alice", shell: "/bin/sh", place: { file: "site/passwd", line: 4 } },
    { name: "ghost", uid: 1002, gid: 4711, home: "/home/ghost", shell: "/usr/sbin/nologin", place: { file: "site/passwd", line: 6 } },
  ]);
});

test("groups are the primary one and those that list the account; one of its own name only where the files say nothing", () => {
  const users = read();
  const [, alice, ghost] = users.accounts;
  expect(groupsIn(users, alice as never)).toEqual(["users", "ops"]);
  // Its primary group has no name.
  expect(groupsIn(users, ghost as never)).toEqual(["ops", "dev"]);
  expect(groupsOfLogin("alice", ["staff"], users)).toEqual(["users", "ops"]);
  expect(groupsOfLogin("alice", ["staff"], undefined)).toEqual(["alice", "staff"]);
  expect(groupsOfLogin("other", ["staff"], users)).toEqual(["other", "staff"]);
});

test("of /etc/shadow the locks and the last days are kept, no password", () => {
  expect(read({ shadow }).limits).toEqual({
    root: { locked: false },
    alice: { locked: true, expires: 20000 },
    ghost: { locked: false },
  });
  expect(read().limits).toBeUndefined();
  const bare = withoutPasswords(shadow);
  expect(bare).toBe("root:*:1::::::\nalice:!:19000:0:99999:7::20000:\nghost:*:19000::::::\n");
  expect(read({ shadow: bare }).limits).toEqual(read({ shadow }).limits);
});

test("who may have accounts elsewhere: NIS, and what nsswitch.conf names besides these files", () => {
  expect(read().elsewhere).toEqual([]);
  expect(read({ nsswitch: "passwd: files systemd\ngroup: files [SUCCESS=merge] systemd # sss\nhosts: files dns\n" }).elsewhere).toEqual([]);
  expect(read({ nsswitch: "passwd:\tfiles sss\ngroup: files sss ldap\n" }).elsewhere).toEqual(["sss", "ldap"]);
  expect(read({ passwd: `${passwd}+::::::\n` }).elsewhere).toEqual(["nis"]);
});

test.each([
  ["too few fields", { passwd: "root:x:0:0:root:/root\n" }, "site/passwd", "6 fields"],
  ["too many", { passwd: "root:x:0:0:a:b:/root:/bin/sh\n" }, "site/passwd", "8 fields"],
  ["no number", { passwd: "root:x:O:0:root:/root:/bin/sh\n" }, "site/passwd", '"O"'],
  ["a number too large", { group: "users:x:4294967296:\n" }, "site/group", '"4294967296"'],
  ["no name", { group: ":x:100:\n" }, "site/group", '""'],
  ["a group's three fields", { group: "users:x:100\n" }, "site/group", "3 fields"],
  ["a shadow without fields", { shadow: "root\n" }, "site/shadow", "1 fields"],
] as const)("a line that is none, with file and line: %s", (_, files, file, found) => {
  expect(() => read(files)).toThrow(
    expect.objectContaining({ code: "accounts-file", place: { file, line: 1 }, found: expect.stringContaining(found) }),
  );
});

test("what a line of /etc/shadow holds is not told", () => {
  expect(() => read({ shadow: "/root:$6$secret:::::::\n" })).toThrow(
    expect.not.objectContaining({ found: expect.stringContaining("secret") }),
  );
});

test("sshd looks at locks itself, unless PAM is used; the command line comes first", () => {
  const lines = (value: string) => ({ lines: [{ keyword: "usepam", args: [value] } as never] });
  expect(refusesLocked({ lines: [] }, [])).toBe(true);
  expect(refusesLocked(lines("yes"), [])).toBe(false);
  expect(refusesLocked(lines("no"), [])).toBe(true);
  expect(refusesLocked(lines("yes"), ["UsePAM=no"])).toBe(true);
  expect(refusesLocked({ lines: [] }, ["usepam=yes"])).toBe(false);
});
