import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "sftp needs no forward: the files come over the login itself, even where forwarding is disabled",
    ja: "sftp に転送は要らない。転送が禁じられていても、ファイルはログインの接続そのもので届く",
  },
  question: {
    en: "The server says DisableForwarding yes. Can home still fetch a file?",
    ja: "サーバーの設定は DisableForwarding yes。それでも自宅はファイルを取れるか。",
  },
  predict: { en: "With ssh -L to an FTP server there? With sftp?", ja: "そこの FTP サーバーへの ssh -L では。sftp では。" },
  commands: ["home$ ssh -W localhost:21 server", "home$ sftp server:/srv/letter.txt ."],
  seen: {
    en: "The forward is prohibited, sftp brings the file. Without the Subsystem line sftp ends, too.",
    ja: "転送は禁じられ、sftp はファイルを届ける。Subsystem の行がなければ sftp も終わる。",
  },
  why: {
    en: "sftp is a program that sshd starts for the session, and control and data share its one channel. Forwarding settings are not about sessions.",
    ja: "sftp は sshd がセッションのために始めるプログラムで、制御もデータも一つのチャネルを通る。転送の設定はセッションには及ばない。",
  },
});

const letter = { "/srv/letter.txt": "Dear home, all is well.\n" };
const sftp = ["sh", "-c", "sftp server:/srv/letter.txt /tmp/letter.txt && cat /tmp/letter.txt && rm /tmp/letter.txt"];

test("no forward, and the file comes", async ({ lab }) => {
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
