import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "Reloading sshd leaves open forwards as they are; only new logins get the new config",
    ja: "sshd を再読み込みしても、開いている転送は変わらない。新しい設定は新しいログインにだけ適用される",
  },
  question: {
    en: "GatewayPorts is set to no, and sshd is reloaded. Does the port that was open to everyone close?",
    ja: "GatewayPorts を no にして sshd を再読み込みしました。全員に開いていたポートは閉じますか。",
  },
  predict: {
    en: "Who can reach the old forward, and where does a new one listen?",
    ja: "古い転送に接続できるのは誰ですか。新しい転送はどこで待ち受けますか。",
  },
  commands: [
    "home$ ssh -R :43234:localhost:3389 server",
    "server# echo 'GatewayPorts no' > /etc/ssh/sshd_config && pkill -HUP -o -x sshd",
    "internet$ xfreerdp /v:server:43234",
  ],
  seen: {
    en: "The old one stays open to everyone. A new one listens on loopback.",
    ja: "古い転送は全員に開いたままです。新しい転送はループバックで待ち受けます。",
  },
  why: {
    en: "Each session is a process with the config from its login. To close what is open, end the sessions.",
    ja: "セッションはそれぞれ、ログイン時の設定で動く別のプロセスです。開いている転送を閉じるには、セッションを終了させます。",
  },
});

test("the old forward stays open, a new one is not", async ({ lab }) => {
  // A text of its own, so that no later test mistakes the reloaded sshd for one that still runs it.
  await lab.use({ sshd: "GatewayPorts clientspecified\n# until the reload\n" });
  await using old = await lab.home.ssh("-R", ":43234:localhost:3389");
  const log = () => lab.forwardLab.server.log();
  const starts = () => log().filter((line) => line.startsWith("Server listening on ")).length;
  const before = starts();

  await lab.server.run(["tee", "/etc/ssh/sshd_config"], { input: "GatewayPorts no\n" });
  expect(await lab.server.run(["pkill", "-HUP", "-o", "-x", "sshd"])).toMatchObject({ code: 0 });
  await expect.poll(starts, { interval: 10, timeout: 15_000 }).toBe(2 * before);

  await using fresh = await lab.home.ssh("-R", ":43235:localhost:3389");
  expect(fresh.listeners).toEqual(["127.0.0.1:43235", "[::1]:43235"]);
  await expect(lab.internet).toReach(old);
});
