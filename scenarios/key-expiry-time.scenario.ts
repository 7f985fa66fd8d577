import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  since: "9.1",
  title: {
    en: "expiry-time in a key line ends logins, not tunnels: what was opened in time goes on",
    ja: "鍵の expiry-time が終わらせるのはログインで、トンネルではない。期限内に開いたものは続く",
  },
  question: {
    en: "A key line carries expiry-time. The tunnel was opened a moment before. What happens at that time?",
    ja: "鍵の行に expiry-time がある。トンネルはその少し前に開かれた。その時刻に何が起きるか。",
  },
  predict: {
    en: "Does the port close? Does the same key log in again?",
    ja: "ポートは閉じるか。同じ鍵でもう一度ログインできるか。",
  },
  commands: ["server$ cat ~/.ssh/authorized_keys", "home$ ssh -R 43234:localhost:3389 server"],
  seen: {
    en: "The key is refused, and the tunnel carries visitors as before.",
    ja: "鍵は拒否されるが、トンネルは前と変わらず訪問者を運ぶ。",
  },
  why: {
    en: "The time is compared at the login, and nobody looks at it again. A tunnel with an end needs somebody who ends it.",
    ja: "時刻が比べられるのはログインのときだけ。終わりのあるトンネルには、終わらせる者が要る。",
  },
});

test("the tunnel goes on, the key is refused", async ({ lab }) => {
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
