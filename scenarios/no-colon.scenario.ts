import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "Without the colon, -R is only for processes on the server, even where clientspecified would allow more",
    ja: "コロンがなければ、clientspecified でも、-R に接続できるのはサーバー上のプロセスだけ",
  },
  question: {
    en: "The server has GatewayPorts clientspecified. Who can reach `-R 43234:localhost:3389`?",
    ja: "サーバーの設定は GatewayPorts clientspecified です。`-R 43234:localhost:3389` に接続できるのは誰ですか。",
  },
  predict: {
    en: "What listens on the server, and what does the other LAN see: a refusal, or silence?",
    ja: "サーバーでは何が待ち受けますか。別の LAN からの接続は拒否されますか、それとも応答がありませんか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 server", "server$ ss -ltn 'sport = :43234'"],
  seen: {
    en: "127.0.0.1 and ::1 listen. Everyone else is refused, because nothing listens on the server's other addresses.",
    ja: "127.0.0.1 と ::1 で待ち受けます。ほかのアドレスには待ち受けがないので、外からの接続はすべて拒否されます。",
  },
  why: {
    en: "Without a bind address ssh asks for `localhost`, and the server does as asked.",
    ja: "バインドアドレスがなければ、ssh は `localhost` を要求し、サーバーはそれに従います。",
  },
});

test("without the colon the port is for the server only", async ({ lab }) => {
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
