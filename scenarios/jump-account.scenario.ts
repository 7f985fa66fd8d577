import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "An account for -J alone needs three lines, and PermitOpen must spell the target as it is typed",
    ja: "-J 専用のアカウントは三行で作れる。ただし PermitOpen の行き先は、打たれるとおりに書かなければならない",
  },
  question: {
    en: "bob may jump to 198.51.100.10:22 and do nothing else on this server. Which settings does that take?",
    ja: "bob には 198.51.100.10:22 への踏み台としてだけ使わせたい。どの設定が要るか。",
  },
  predict: {
    en: "With AllowTcpForwarding local, PermitOpen 198.51.100.10:22, MaxSessions 0: -J by address, -J by name, a command, -R, -W to the database?",
    ja: "AllowTcpForwarding local、PermitOpen 198.51.100.10:22、MaxSessions 0 の下で、アドレスへの -J、名前への -J、コマンド、-R、データベースへの -W はどうなるか。",
  },
  commands: [
    "home$ ssh -J bob@server alice@198.51.100.10 id",
    "home$ ssh -J bob@server alice@server id",
    "home$ ssh bob@server id",
    "home$ ssh -W localhost:5432 bob@server",
  ],
  seen: {
    en: "Only the first one works. The second leads to the same machine, and is refused: it was typed otherwise. Without the three lines bob may do it all.",
    ja: "動くのは最初のものだけ。二つ目は同じ機械に行くのに、書き方が違うので拒否される。三行がなければ、bob は全部できる。",
  },
  why: {
    en: "-J asks the jump host to dial what stands in the command. local takes away -R, PermitOpen all other targets, MaxSessions 0 the shell.",
    ja: "-J が踏み台に頼むのは、コマンドに書かれた行き先へのダイヤル。local が -R を、PermitOpen がほかの行き先を、MaxSessions 0 がシェルを取り上げる。",
  },
});

const threeLines = "Match User bob\n  AllowTcpForwarding local\n  PermitOpen 198.51.100.10:22\n  MaxSessions 0\n";
const hello = { input: "GET /hello HTTP/1.0\r\n\r\n" };

test.for([
  { sshd: threeLines, jumpAlone: true },
  { sshd: "", jumpAlone: false },
])("jump alone is $jumpAlone", async ({ sshd, jumpAlone }, { lab }) => {
  await lab.use({ sshd, accounts: { alice: {}, bob: {} } });
  const database = await lab.server.serve(5432, "127.0.0.1");
  await lab.home.equip();

  const byAddress = await lab.home.run(["ssh", "-J", "bob@server", "alice@198.51.100.10", "id -un"]);
  const byName = await lab.home.run(["ssh", "-J", "bob@server", "alice@server", "id -un"]);
  const command = await lab.home.run(["ssh", "bob@server", "id -un"]);
  const dialled = await lab.home.run(["ssh", "-W", "localhost:5432", "bob@server"], hello);
  await using remote = await lab.home.ssh("-R", "43234:localhost:3389", { as: "bob" });

  expect(byAddress).toMatchObject({ code: 0, stdout: "alice\n" });
  expect(byName.stdout).toBe(jumpAlone ? "" : "alice\n");
  expect(command.stdout).toBe(jumpAlone ? "" : "bob\n");
  expect(dialled.stdout.includes(database.identity)).toBe(!jumpAlone);
  expect(remote.granted).toBe(!jumpAlone);
  if (jumpAlone) expect(byName.stderr).toContain("administratively prohibited");
});
