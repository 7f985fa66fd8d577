import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "A port that is taken is refused to the second ssh; on another address of the server it is another port",
    ja: "使われているポートは二つ目の ssh には拒否される。サーバーの別のアドレスなら別のポート",
  },
  question: {
    en: "Two machines ask the server for port 43234. Who gets it?",
    ja: "二台の機械がサーバーの 43234 番を求める。得るのはどちらか。",
  },
  predict: {
    en: "Does the second one replace the first, share the port, or go without?",
    ja: "二つ目は最初のものを置き換えるか、分け合うか、得られないか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 server", "other-lan$ ssh -R 43234:localhost:22 server"],
  seen: {
    en: "The second is refused, and ssh stays connected with a warning alone. On 198.51.100.10 the same number is free.",
    ja: "二つ目は拒否され、ssh は警告だけで接続を保つ。198.51.100.10 では同じ番号が空いている。",
  },
  why: {
    en: "The port belongs to the first session's socket. Each address has ports of its own, so a listener on loopback takes nothing from another address.",
    ja: "ポートは最初のセッションのソケットのもの。ポートはアドレスごとに別なので、ループバックの待ち受けは別のアドレスから何も奪わない。",
  },
});

test("the second is refused, the first stays", async ({ lab }) => {
  await using first = await lab.home.ssh("-R", "43234:localhost:3389");
  await using second = await lab.otherLan.ssh("-R", "43234:localhost:8080");

  expect(second.granted).toBe(false);
  expect(second.outcome.clientLog).toContain("Warning: remote port forwarding failed for listen port 43234");
  expect(second.outcome.refusedBy).toMatchObject({ layer: "bind-address", text: expect.stringContaining("Address already in use") });
  await expect(lab.server).toReach(first);
});

test("control: another address has the same port to give", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });
  await using first = await lab.home.ssh("-R", "43234:localhost:3389");
  await using second = await lab.otherLan.ssh("-R", "198.51.100.10:43234:localhost:8080");

  await expect(lab.server).toReach(first);
  await expect(lab.internet).toReach(second, { family: 4 });
});
