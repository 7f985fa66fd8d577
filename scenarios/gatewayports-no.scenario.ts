import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "With GatewayPorts no, the default, the colon is ignored without a word",
    ja: "既定の GatewayPorts no では、先頭のコロンは黙って無視される",
  },
  question: { en: "ssh says that the forward stands. Who reaches it?", ja: "ssh は転送が開いたと言う。届くのは誰か。" },
  predict: { en: "What listens on the server, and does ssh warn of anything?", ja: "サーバーで何が待ち受けるか。ssh は何か警告するか。" },
  commands: ["home$ ssh -R :43234:localhost:3389 server", "server$ ss -ltn 'sport = :43234'"],
  seen: {
    en: "No warning, and a listener on 127.0.0.1 and ::1 alone: only processes on the server get in.",
    ja: "警告はなく、待ち受けは 127.0.0.1 と ::1 だけ。入れるのはサーバー上のプロセスだけ。",
  },
  why: {
    en: "sshd maps every address that is asked for to loopback, and ssh is told only that the forward stands.",
    ja: "sshd は頼まれたアドレスをすべてループバックに置き換え、ssh には転送が開いたとだけ伝える。",
  },
});

test.for(["", "GatewayPorts no\n"])("the colon is ignored with the config %j", async (sshd, { lab }) => {
  await lab.use({ sshd });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  expect(forward.granted).toBe(true);
  expect(forward.outcome.clientLog).not.toMatch(/warning|gateway/i);
  expect(forward.listeners).toEqual(["127.0.0.1:43234", "[::1]:43234"]);
  await expect(lab.server).toReach(forward);
  await expect(lab.otherLan).not.toReach(forward);
  await expect(lab.internet).toSee(forward, "refused", { by: { layer: "bind-address", rule: "GatewayPorts no" } });
});

test("control: clientspecified heeds the colon", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.otherLan).toReach(forward);
});
