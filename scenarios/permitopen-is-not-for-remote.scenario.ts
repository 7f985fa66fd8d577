import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: { en: "PermitOpen none stops -L and leaves -R alone", ja: "PermitOpen none は -L を止めるが、-R には効かない" },
  question: {
    en: "PermitOpen none is meant to forbid all forwarding. Does it?",
    ja: "PermitOpen none で、すべての転送を禁じたつもり。そうなるか。",
  },
  predict: {
    en: "-L to the server's web server, -R to home, and -R as a SOCKS proxy?",
    ja: "サーバーの Web への -L、自宅への -R、SOCKS プロキシとしての -R。それぞれどうなるか。",
  },
  commands: ["home$ ssh -L 8080:localhost:80 server", "home$ ssh -R 43234:localhost:3389 server", "home$ ssh -R 1080 server"],
  seen: { en: "-L carries nothing; both forms of -R are reached.", ja: "-L は何も運ばない。-R はどちらの形も届く。" },
  why: {
    en: "PermitOpen is about what the server dials. For -R it is home that dials, so the setting for it is PermitListen.",
    ja: "PermitOpen は、サーバーがダイヤルする相手についての設定。-R でダイヤルするのは自宅なので、そのための設定は PermitListen。",
  },
});

test("PermitOpen none: -L is shut, -R is not", async ({ lab }) => {
  await lab.use({ sshd: "PermitOpen none\n" });
  await using local = await lab.home.ssh("-L", "8080:localhost:80");
  await using remote = await lab.home.ssh("-R", "43234:localhost:3389");
  await using socks = await lab.home.ssh("-R", "1080");

  await expect(lab.home).toSee(local, "closed", { address: "127.0.0.1", by: "sshd-policy" });
  await expect(lab.server).toReach(remote);
  await expect(lab.server).toReach(socks);
});

test("control: PermitListen none shuts -R, and leaves -L alone", async ({ lab }) => {
  await lab.use({ sshd: "PermitListen none\n" });
  await using local = await lab.home.ssh("-L", "8080:localhost:80");
  await using remote = await lab.home.ssh("-R", "43234:localhost:3389");

  await expect(lab.home).toReach(local);
  expect(remote.granted).toBe(false);
});
