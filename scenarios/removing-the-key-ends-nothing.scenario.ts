import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"The key is removed, so the tunnel is gone": only the next login is; what is open stays open, with new visitors',
    ja: "「鍵を消したからトンネルも消えた」は誤り。消えるのは次のログインで、開いたものは開いたまま、新しい訪問者も入れる",
  },
  question: {
    en: "alice has left, and her line is taken out of authorized_keys. Her ssh at home is still running. Who gets in?",
    ja: "alice が去り、その行を authorized_keys から消した。自宅ではまだ ssh が動いている。誰が入れるか。",
  },
  predict: {
    en: "A visitor who comes after the removal? And after alice's processes on the server are ended?",
    ja: "消した後に来た訪問者は入れるか。サーバーで alice のプロセスを終わらせた後はどうか。",
  },
  commands: [
    "home$ ssh -R :43234:localhost:3389 alice@server",
    "server# rm ~alice/.ssh/authorized_keys",
    "home$ ssh alice@server",
    "server# pkill -KILL -u alice",
  ],
  seen: {
    en: "The new login is refused, and strangers still reach alice's machine at home. When her processes end the port closes.",
    ja: "新しいログインは拒否されるのに、第三者はまだ alice の自宅の機械に届く。プロセスを終わらせるとポートは閉じる。",
  },
  why: {
    en: "authorized_keys is read at the login and never again. A session holds its forwards until it ends.",
    ja: "authorized_keys が読まれるのはログインのときだけ。セッションは、終わるまで自分の転送を持ち続ける。",
  },
});

test("the key goes, the forward stays until its session is ended", async ({ lab }) => {
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
