import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"The account is for sftp alone, in a chroot": it still dials, from outside of the chroot, whatever the server can reach',
    ja: "「chroot された sftp 専用アカウントだから安全」は誤り。転送なら chroot と関係なく、サーバーが届く所すべてにダイヤルできる",
  },
  question: {
    en: "A customer gets an account with ForceCommand internal-sftp and ChrootDirectory. Can he reach the server's database?",
    ja: "取引先に ForceCommand internal-sftp と ChrootDirectory のアカウントを渡した。サーバーのデータベースに届くか。",
  },
  predict: {
    en: "A command, a file by sftp, -W to 127.0.0.1:5432, and -R?",
    ja: "コマンド、sftp でのファイル、127.0.0.1:5432 への -W、そして -R は、それぞれどうなるか。",
  },
  commands: ["home$ ssh drop@server id", "home$ sftp drop@server", "home$ ssh -W 127.0.0.1:5432 drop@server"],
  seen: {
    en: "No command runs, sftp sees the empty folder, and -W and -R work as for anybody. DisableForwarding yes in the same block stops them.",
    ja: "コマンドは走らず、sftp に見えるのは空のフォルダーだけ。それでも -W と -R は誰とも同じく動く。同じブロックの DisableForwarding yes が止める。",
  },
  why: {
    en: "A chroot is about files, and a connection is no file. Each of these settings closes one door, and forwarding has a door of its own.",
    ja: "chroot はファイルの話で、接続はファイルではない。どの設定も閉じる扉は一つで、転送には別の扉がある。",
  },
});

const sftpOnly = "Subsystem sftp internal-sftp\nMatch User drop\n  ForceCommand internal-sftp\n  ChrootDirectory /srv/sftp\n";
const dial = ["ssh", "-W", "127.0.0.1:5432", "drop@server"];
const hello = { input: "GET /hello HTTP/1.0\r\n\r\n" };

test.for([
  { more: "", forwards: true },
  { more: "  DisableForwarding yes\n", forwards: false },
])("sftp alone, and %j", async ({ more, forwards }, { lab }) => {
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
