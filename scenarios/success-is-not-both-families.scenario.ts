import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"ExitOnForwardFailure proves that the port listens": one family is enough for success, and IPv4 may belong to somebody else',
    ja: "「ExitOnForwardFailure なら待ち受けは確か」は誤り。片方のファミリーで成功になり、IPv4 は別の誰かのものかもしれない",
  },
  question: {
    en: "Something on the server already holds 0.0.0.0:43234. Does ssh with ExitOnForwardFailure=yes fail?",
    ja: "サーバーの何かがすでに 0.0.0.0:43234 を使っている。ExitOnForwardFailure=yes の ssh は失敗するか。",
  },
  predict: {
    en: "What listens, and where do visitors land over IPv4 and over IPv6? And with an explicit 0.0.0.0?",
    ja: "何が待ち受け、訪問者は IPv4 と IPv6 でどこに着くか。0.0.0.0 を明示するとどうか。",
  },
  commands: [
    "home$ ssh -o ExitOnForwardFailure=yes -R :43234:localhost:3389 server",
    "internet$ curl -4 http://server:43234/",
    "internet$ curl -6 http://server:43234/",
  ],
  seen: {
    en: "Success, on [::] alone. Over IPv4 the other program answers. Asked for 0.0.0.0 by name, ssh fails as it should.",
    ja: "[::] だけで成功になる。IPv4 では別のプログラムが応答する。0.0.0.0 を名指しすれば、ssh は正しく失敗する。",
  },
  why: {
    en: "The colon asks for both families at once, and sshd is content with one. An explicit address has no second family to be content with.",
    ja: "コロンは両ファミリーを一度に頼み、sshd は片方で満足する。アドレスを明示すれば、満足すべきもう片方がない。",
  },
});

const sshd = "GatewayPorts clientspecified\n";

test("granted, and IPv4 visitors land elsewhere", async ({ lab }) => {
  await lab.use({ sshd });
  await lab.server.serve(43234, "0.0.0.0");

  await using forward = await lab.home.ssh("-o", "ExitOnForwardFailure=yes", "-R", ":43234:localhost:3389");

  expect(forward.granted).toBe(true);
  expect(forward.listeners).toEqual(["[::]:43234"]);
  await expect(lab.internet).toReach(forward, { family: 6 });
  await expect(lab.internet).toSee(forward, "wrong-service", { family: 4 });
});

test("control: 0.0.0.0 by name is refused", async ({ lab }) => {
  await lab.use({ sshd });
  await lab.server.serve(43234, "0.0.0.0");
  await using forward = await lab.home.ssh("-R", "0.0.0.0:43234:localhost:3389");
  expect(forward.granted).toBe(false);
});

test("control: where the port is free both families listen", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-o", "ExitOnForwardFailure=yes", "-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(forward);
});
