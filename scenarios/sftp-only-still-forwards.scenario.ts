import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"The account is sftp-only, in a chroot": it can still forward, to whatever the server reaches',
    ja: "「chroot した sftp 専用アカウントだから安全」は誤り。転送を使えば、サーバーから届くものすべてに接続できる",
  },
  question: {
    en: "A customer gets an account with ForceCommand internal-sftp and ChrootDirectory. Can they reach the server's database?",
    ja: "取引先に、ForceCommand internal-sftp と ChrootDirectory を設定したアカウントを渡しました。サーバーのデータベースに接続できますか。",
  },
  predict: {
    en: "A command? A file by sftp? -W to 127.0.0.1:5432? -R?",
    ja: "コマンド、sftp でのファイル、127.0.0.1:5432 への -W、-R は、それぞれどうなりますか。",
  },
  commands: ["home$ ssh drop@server id", "home$ sftp drop@server", "home$ ssh -W 127.0.0.1:5432 drop@server"],
  seen: {
    en: "No command runs and sftp sees only the chroot, but -W and -R work as for anyone. DisableForwarding yes in the same block stops them.",
    ja: "コマンドは実行できず、sftp に見えるのは chroot の中だけですが、-W と -R は普通に使えます。同じブロックの DisableForwarding yes で禁止できます。",
  },
  why: {
    en: "A chroot confines file access, and a connection is not a file. None of these settings is about forwarding, so none limits it.",
    ja: "chroot が制限するのはファイルへのアクセスで、接続はファイルではありません。どの設定も転送に関するものではないので、転送は制限されません。",
  },
});

const sftpOnly = "Subsystem sftp internal-sftp\nMatch User drop\n  ForceCommand internal-sftp\n  ChrootDirectory /srv/sftp\n";
const dial = ["ssh", "-W", "127.0.0.1:5432", "drop@server"];
const hello = { input: "GET /hello HTTP/1.0\r\n\r\n" };

test.for([
  { more: "", forwards: true },
  { more: "  DisableForwarding yes\n", forwards: false },
])("sftp only, and %j", async ({ more, forwards }, { lab }) => {
  await lab.use({ sshd: sftpOnly + more, accounts: { drop: {} } });
  const database = await lab.server.serve(5432, "127.0.0.1");
  await lab.home.equip();

  const command = await lab.home.run(["ssh", "drop@server", "id"]);
  expect(command.stdout).toContain("sftp connections only");
  expect(await lab.home.run(["sftp", "-b", "-", "drop@server"], { input: "pwd\nls /etc\n" })).toMatchObject({
    stdout: expect.stringContaining("Remote working directory: /"),
    stderr: expect.stringContaining("not found"),
  });

  const dialled = await lab.home.run(dial, hello);
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  expect(forward.granted).toBe(forwards);
  if (forwards) {
    expect(dialled.stdout).toContain(database.identity);
    await expect(lab.server).toReach(forward);
  } else expect(dialled).toMatchObject({ code: 255, stdout: "", stderr: expect.stringContaining("administratively prohibited") });
});
