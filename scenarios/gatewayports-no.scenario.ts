import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "With GatewayPorts no, the default, sshd silently ignores the colon",
    ja: "既定の GatewayPorts no では、先頭のコロンは警告なしに無視される",
  },
  question: { en: "ssh says that the forward is open. Who can reach it?", ja: "ssh は転送が開いたと報告します。接続できるのは誰ですか。" },
  predict: {
    en: "What listens on the server, and does ssh print a warning?",
    ja: "サーバーでは何が待ち受けますか。ssh は警告を出しますか。",
  },
  commands: ["home$ ssh -R :43234:localhost:3389 server", "server$ ss -ltn 'sport = :43234'"],
  seen: {
    en: "No warning, and a listener on 127.0.0.1 and ::1 only: none but processes on the server get in.",
    ja: "警告はなく、127.0.0.1 と ::1 だけで待ち受けます。接続できるのは、サーバー上のプロセスだけです。",
  },
  why: {
    en: "sshd replaces any requested address by loopback and tells ssh only that the forward is open.",
    ja: "sshd は要求されたアドレスをすべてループバックに置き換え、ssh には転送が開いたとだけ伝えます。",
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
