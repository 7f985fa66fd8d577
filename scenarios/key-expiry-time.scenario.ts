import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  since: "9.1",
  title: {
    en: "expiry-time on a key ends logins, not tunnels: what was opened in time stays open",
    ja: "鍵の expiry-time で終わるのはログインだけ。期限内に開いたトンネルは残る",
  },
  question: {
    en: "A key has an expiry-time. A tunnel was opened shortly before it. What happens when the time comes?",
    ja: "鍵に expiry-time があり、トンネルはその少し前に開かれました。期限が来ると何が起きますか。",
  },
  predict: {
    en: "Does the port close? Can the same key log in again?",
    ja: "ポートは閉じますか。同じ鍵でもう一度ログインできますか。",
  },
  commands: ["server$ cat ~/.ssh/authorized_keys", "home$ ssh -R 43234:localhost:3389 server"],
  seen: {
    en: "The key is refused, and the tunnel goes on serving visitors.",
    ja: "鍵は拒否されますが、トンネルはそのまま使えます。",
  },
  why: {
    en: "sshd checks the time only at login. If a tunnel has to end, something must end it.",
    ja: "sshd が期限を確認するのは、ログインのときだけです。トンネルに期限を設けるなら、終了させる仕組みが別に必要です。",
  },
});

test("the tunnel stays up, the key is refused", async ({ lab }) => {
  await lab.use({ accounts: { alice: { keys: ['expiry-time="20990101000000Z"'] } } });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  await lab.home.equip();
  const login = () => lab.home.run(["ssh", "-o", "BatchMode=yes", "server", "id -un"]);
  expect(await login()).toMatchObject({ code: 0, stdout: "alice\n" });

  const inSeconds = new Date(Date.now() + 2_000).toISOString().replace(/[-:T]|\..*/g, "");
  const { stdout: line } = await lab.server.run(["cat", "/home/alice/.ssh/authorized_keys"]);
  await lab.server.write({ "/home/alice/.ssh/authorized_keys": line.replace("20990101000000Z", `${inSeconds}Z`) });

  await expect
    .poll(login, { interval: 200, timeout: 30_000 })
    .toMatchObject({ code: 255, stderr: expect.stringContaining("Permission denied (publickey") });
  await expect(lab.server).toReach(forward);
});
