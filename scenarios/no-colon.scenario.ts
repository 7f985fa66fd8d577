import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "Without the colon, -R is for processes on the server alone, even where clientspecified allows more",
    ja: "コロンがなければ、clientspecified がもっと許していても、-R はサーバー上のプロセスだけのもの",
  },
  question: {
    en: "The server has GatewayPorts clientspecified. Who reaches `-R 43234:localhost:3389`?",
    ja: "サーバーは GatewayPorts clientspecified。`-R 43234:localhost:3389` に届くのは誰か。",
  },
  predict: {
    en: "What listens on the server, and what does the other LAN see: a refusal, or silence?",
    ja: "サーバーで何が待ち受けるか。別の LAN に見えるのは拒否か、沈黙か。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 server", "server$ ss -ltn 'sport = :43234'"],
  seen: {
    en: "127.0.0.1 and ::1 listen. Everybody else is refused, since nothing listens there.",
    ja: "待ち受けは 127.0.0.1 と ::1。そこに待ち受けがないので、ほかの全員は拒否される。",
  },
  why: {
    en: "With no bind address ssh asks for `localhost`, and the server does as asked.",
    ja: "バインドアドレスがなければ ssh は `localhost` を頼み、サーバーはそのとおりにする。",
  },
});

test("without the colon the port is the server's own", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });

  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");

  expect(forward.listeners).toEqual(["127.0.0.1:43234", "[::1]:43234"]);
  await expect(lab.server).toReach(forward);
  for (const outsider of [lab.otherLan, lab.campus, lab.internet, lab.home, lab.homeLan]) {
    await expect(outsider).not.toReach(forward);
    await expect(outsider).toSee(forward, "refused", { by: "bind-address" });
  }
});

test("control: the colon opens it", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.otherLan).toReach(forward);
});
