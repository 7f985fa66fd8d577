import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "sftp needs no forward: files travel over the login itself, even where forwarding is disabled",
    ja: "sftp に転送は要らない。転送が禁止されていても、ファイルはログインした接続そのもので届く",
  },
  question: {
    en: "The server has DisableForwarding yes. Can home still fetch a file?",
    ja: "サーバーの設定は DisableForwarding yes です。それでも自宅からファイルを取得できますか。",
  },
  predict: {
    en: "Through a forward to an FTP server there? With sftp?",
    ja: "サーバーの FTP への転送ではどうですか。sftp ではどうですか。",
  },
  commands: ["home$ ssh -W localhost:21 server", "home$ sftp server:/srv/letter.txt ."],
  seen: {
    en: "The forward is prohibited, but sftp fetches the file. Without the Subsystem line, sftp fails too.",
    ja: "転送は禁止されますが、sftp ではファイルを取得できます。Subsystem の行がなければ、sftp も失敗します。",
  },
  why: {
    en: "sftp is a program that sshd starts in the session, and control and data share one channel. Forwarding settings do not apply to sessions.",
    ja: "sftp は、sshd がセッションの中で起動するプログラムで、制御もデータも 1 つのチャネルを通ります。転送の設定はセッションには適用されません。",
  },
});

const letter = { "/srv/letter.txt": "Dear home, all is well.\n" };
const sftp = ["sh", "-c", "sftp server:/srv/letter.txt /tmp/letter.txt && cat /tmp/letter.txt && rm /tmp/letter.txt"];

test("no forward, and the file arrives", async ({ lab }) => {
  await lab.use({ sshd: "DisableForwarding yes\nSubsystem sftp internal-sftp\n" });
  await lab.server.write(letter);
  await lab.server.serve(21, "127.0.0.1");
  await lab.home.equip();

  const forward = await lab.home.run(["ssh", "-W", "localhost:21", "server"]);
  expect(forward).toMatchObject({ code: 255, stderr: expect.stringContaining("administratively prohibited") });
  expect(await lab.home.run(sftp)).toMatchObject({ code: 0, stdout: expect.stringContaining("Dear home, all is well.\n") });
});

test("control: without the subsystem there is no sftp", async ({ lab }) => {
  await lab.use({ sshd: "" });
  await lab.server.write(letter);
  await lab.home.equip();

  expect(await lab.home.run(sftp)).toMatchObject({ code: 255, stderr: expect.stringContaining("subsystem request failed") });
});
