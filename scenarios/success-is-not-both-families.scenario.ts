import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"ExitOnForwardFailure proves that the port listens": one family is enough, and IPv4 may lead to another program',
    ja: "「ExitOnForwardFailure なら必ず待ち受けている」は誤り。片方のファミリーだけでも成功になる",
  },
  question: {
    en: "A program on the server already listens on 0.0.0.0:43234. Does ssh with ExitOnForwardFailure=yes fail?",
    ja: "サーバーのプログラムがすでに 0.0.0.0:43234 で待ち受けています。ExitOnForwardFailure=yes の ssh は失敗しますか。",
  },
  predict: {
    en: "What listens, and where do visitors end up over IPv4 and over IPv6? And with 0.0.0.0 given explicitly?",
    ja: "何が待ち受け、IPv4 と IPv6 の接続はどこに届きますか。0.0.0.0 を明示するとどうなりますか。",
  },
  commands: [
    "home$ ssh -o ExitOnForwardFailure=yes -R :43234:localhost:3389 server",
    "internet$ curl -4 http://server:43234/",
    "internet$ curl -6 http://server:43234/",
  ],
  seen: {
    en: "It succeeds, on [::] only. Over IPv4 the other program answers. Asked explicitly for 0.0.0.0, ssh fails as it should.",
    ja: "[::] だけで成功になります。IPv4 では別のプログラムが応答します。0.0.0.0 を明示すると、ssh は期待どおり失敗します。",
  },
  why: {
    en: "The colon asks for both families at once, and for sshd one of them is a success. An explicit address has no second family.",
    ja: "コロンは両方のファミリーを一度に要求し、sshd は片方でも成功とみなします。アドレスを明示すれば、もう片方はありません。",
  },
});

const sshd = "GatewayPorts clientspecified\n";

test("granted, and IPv4 visitors end up elsewhere", async ({ lab }) => {
  await lab.use({ sshd });
  await lab.server.serve(43234, "0.0.0.0");

  await using forward = await lab.home.ssh("-o", "ExitOnForwardFailure=yes", "-R", ":43234:localhost:3389");

  expect(forward.granted).toBe(true);
  expect(forward.listeners).toEqual(["[::]:43234"]);
  await expect(lab.internet).toReach(forward, { family: 6 });
  await expect(lab.internet).toSee(forward, "wrong-service", { family: 4 });
});

test("control: an explicit 0.0.0.0 is refused", async ({ lab }) => {
  await lab.use({ sshd });
  await lab.server.serve(43234, "0.0.0.0");
  await using forward = await lab.home.ssh("-R", "0.0.0.0:43234:localhost:3389");
  expect(forward.granted).toBe(false);
});

test("control: if the port is free, both families listen", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-o", "ExitOnForwardFailure=yes", "-R", ":43234:localhost:3389");
  await expect(lab.internet).toReach(forward);
});
