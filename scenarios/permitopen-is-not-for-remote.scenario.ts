import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: { en: "PermitOpen none stops -L, but not -R", ja: "PermitOpen none は -L を止めるが、-R には効かない" },
  question: {
    en: "PermitOpen none is meant to forbid all forwarding. Does it?",
    ja: "PermitOpen none で、すべての転送を禁止しようとしています。禁止できますか。",
  },
  predict: {
    en: "-L to the server's web server? -R to home? -R as a SOCKS proxy?",
    ja: "サーバーの Web サーバーへの -L、自宅への -R、SOCKS プロキシとしての -R は、それぞれどうなりますか。",
  },
  commands: ["home$ ssh -L 8080:localhost:80 server", "home$ ssh -R 43234:localhost:3389 server", "home$ ssh -R 1080 server"],
  seen: { en: "-L carries nothing; both kinds of -R work.", ja: "-L は何も運びません。-R はどちらの形式も使えます。" },
  why: {
    en: "PermitOpen limits what the server connects to. With -R it is home that connects; the setting for that is PermitListen.",
    ja: "PermitOpen が制限するのは、サーバーの接続先です。-R で接続するのは自宅なので、-R を制限するのは PermitListen です。",
  },
});

test("PermitOpen none stops -L, not -R", async ({ lab }) => {
  await lab.use({ sshd: "PermitOpen none\n" });
  await using local = await lab.home.ssh("-L", "8080:localhost:80");
  await using remote = await lab.home.ssh("-R", "43234:localhost:3389");
  await using socks = await lab.home.ssh("-R", "1080");

  await expect(lab.home).toSee(local, "closed", { address: "127.0.0.1", by: "sshd-policy" });
  await expect(lab.server).toReach(remote);
  await expect(lab.server).toReach(socks);
});

test("control: PermitListen none stops -R, not -L", async ({ lab }) => {
  await lab.use({ sshd: "PermitListen none\n" });
  await using local = await lab.home.ssh("-L", "8080:localhost:80");
  await using remote = await lab.home.ssh("-R", "43234:localhost:3389");

  await expect(lab.home).toReach(local);
  expect(remote.granted).toBe(false);
});
