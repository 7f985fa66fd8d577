import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "A reload of sshd leaves open forwards as they are; only new logins obey the new config",
    ja: "sshd を再読み込みしても、開いている転送はそのまま。新しい設定に従うのは新しいログインだけ",
  },
  question: {
    en: "GatewayPorts is set to no, and sshd is reloaded. Is the port that was open to everybody closed?",
    ja: "GatewayPorts を no にして sshd を再読み込みした。全員に開いていたポートは閉じるか。",
  },
  predict: {
    en: "Who reaches the old forward, and what does a new one listen on?",
    ja: "古い転送に届くのは誰か。新しい転送は何で待ち受けるか。",
  },
  commands: [
    "home$ ssh -R :43234:localhost:3389 server",
    "server# echo 'GatewayPorts no' > /etc/ssh/sshd_config && pkill -HUP -o -x sshd",
    "internet$ xfreerdp /v:server:43234",
  ],
  seen: {
    en: "The old one stays open to the world. A new one gets loopback.",
    ja: "古い転送は全世界に開いたまま。新しい転送はループバックになる。",
  },
  why: {
    en: "Each session is a process of its own with the config of its login. To close what is open, end the sessions.",
    ja: "セッションはそれぞれ、ログイン時の設定を持った別のプロセス。開いているものを閉じるには、セッションを終わらせる。",
  },
});

test("the old forward stays open, the new one is not", async ({ lab }) => {
  // A text of its own: no later test may take the reloaded sshd for one that still runs it.
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
