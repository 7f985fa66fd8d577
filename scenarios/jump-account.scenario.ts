import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "An account for -J only takes three lines, and PermitOpen must spell the target exactly as users type it",
    ja: "-J 専用のアカウントは 3 行で作れる。ただし PermitOpen の接続先は、利用者が入力するとおりに書く必要がある",
  },
  question: {
    en: "bob may jump to 198.51.100.10:22 and do nothing else on this server. Which settings does that take?",
    ja: "bob には、198.51.100.10:22 への踏み台としてだけサーバーを使わせます。どの設定が必要ですか。",
  },
  predict: {
    en: "With AllowTcpForwarding local, PermitOpen 198.51.100.10:22, MaxSessions 0: -J by address, -J by name, a command, -R, -W to the database?",
    ja: "AllowTcpForwarding local、PermitOpen 198.51.100.10:22、MaxSessions 0 のとき、アドレスでの -J、名前での -J、コマンド、-R、データベースへの -W はどうなりますか。",
  },
  commands: [
    "home$ ssh -J bob@server alice@198.51.100.10 id",
    "home$ ssh -J bob@server alice@server id",
    "home$ ssh bob@server id",
    "home$ ssh -W localhost:5432 bob@server",
  ],
  seen: {
    en: "Only the first works. The second leads to the same host but is refused, because it is spelled differently. Without the three lines, all of them work.",
    ja: "使えるのは最初のものだけです。2 つ目は同じホストへの接続ですが、書き方が違うため拒否されます。この 3 行がなければ、すべて使えます。",
  },
  why: {
    en: "-J asks the jump host to connect to the target as typed. local removes -R, PermitOpen every other target, and MaxSessions 0 the shell.",
    ja: "-J は、入力されたとおりの接続先を踏み台に要求します。local が -R を、PermitOpen がほかの接続先を、MaxSessions 0 がシェルを禁止します。",
  },
});

const threeLines = "Match User bob\n  AllowTcpForwarding local\n  PermitOpen 198.51.100.10:22\n  MaxSessions 0\n";
const hello = { input: "GET /hello HTTP/1.0\r\n\r\n" };

test.for([
  { sshd: threeLines, jumpAlone: true },
  { sshd: "", jumpAlone: false },
])("jump only is $jumpAlone", async ({ sshd, jumpAlone }, { lab }) => {
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
