import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"The key is removed, so the tunnel is gone": no, only the next login fails; an open tunnel stays open',
    ja: "「鍵を消したからトンネルも消えた」は誤り。防げるのは次のログインだけで、開いているトンネルは残る",
  },
  question: {
    en: "alice has left the company, and her key is removed from authorized_keys. Her ssh at home is still running. Who gets in?",
    ja: "alice が退職し、authorized_keys から鍵を削除しました。自宅の ssh はまだ動いています。接続できるのは誰ですか。",
  },
  predict: {
    en: "A visitor who comes after the removal? And after alice's processes on the server are killed?",
    ja: "鍵を削除した後の接続はどうなりますか。サーバーで alice のプロセスを終了させた後はどうですか。",
  },
  commands: [
    "home$ ssh -R :43234:localhost:3389 alice@server",
    "server# rm ~alice/.ssh/authorized_keys",
    "home$ ssh alice@server",
    "server# pkill -KILL -u alice",
  ],
  seen: {
    en: "A new login is refused, yet strangers still reach alice's host at home. Once her processes are killed, the port closes.",
    ja: "新しいログインは拒否されますが、第三者は引き続き alice の自宅のホストに接続できます。プロセスを終了させると、ポートは閉じます。",
  },
  why: {
    en: "sshd reads authorized_keys only at login. A session keeps its forwards until it ends.",
    ja: "sshd が authorized_keys を読むのはログインのときだけです。セッションの転送は、セッションが終わるまで残ります。",
  },
});

test("the key is removed, the forward stays until its session ends", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n", accounts: { alice: {} } });
  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");
  await lab.home.equip();
  expect(await lab.home.run(["ssh", "server", "id -un"])).toMatchObject({ stdout: "alice\n" });

  await lab.server.write({ "/home/alice/.ssh/authorized_keys": "" });

  const again = await lab.home.run(["ssh", "-o", "BatchMode=yes", "server", "id -un"]);
  expect(again).toMatchObject({ code: 255, stderr: expect.stringContaining("Permission denied (publickey") });
  await expect(lab.internet).toReach(forward);

  await lab.server.run(["pkill", "-KILL", "-u", "alice"]);

  await expect.poll(() => lab.server.listeners(43234), { interval: 20, timeout: 20_000 }).toEqual([]);
});
