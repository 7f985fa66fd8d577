import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "A second ssh is refused a port that is taken; on another address of the server it is free",
    ja: "使用中のポートは、2 つ目の ssh には拒否される。サーバーの別のアドレスなら空いている",
  },
  question: {
    en: "Two hosts ask the server for port 43234. Who gets it?",
    ja: "2 台のホストがサーバーの 43234 番を要求します。取得できるのはどちらですか。",
  },
  predict: {
    en: "Does the second one replace the first, share the port, or go without?",
    ja: "2 台目は 1 台目を置き換えますか、ポートを共有しますか、取得できませんか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 server", "other-lan$ ssh -R 43234:localhost:22 server"],
  seen: {
    en: "The second is refused, and its ssh stays connected with just a warning. On 198.51.100.10 the same port is free.",
    ja: "2 台目は拒否され、その ssh は警告だけで接続を続けます。198.51.100.10 では同じ番号が空いています。",
  },
  why: {
    en: "The port belongs to the first session's socket. Each address has its own ports, so a listener on loopback takes nothing from another address.",
    ja: "ポートは、最初のセッションのソケットが使っています。ポートはアドレスごとに別なので、ループバックで待ち受けても、別のアドレスのポートは空いています。",
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

test("control: on another address the same port is free", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });
  await using first = await lab.home.ssh("-R", "43234:localhost:3389");
  await using second = await lab.otherLan.ssh("-R", "198.51.100.10:43234:localhost:8080");

  await expect(lab.server).toReach(first);
  await expect(lab.internet).toReach(second, { family: 4 });
});
