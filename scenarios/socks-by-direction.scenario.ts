import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "AllowTcpForwarding local stops the SOCKS proxy of -R, remote that of -D; PermitOpen limits only -D's",
    ja: "AllowTcpForwarding local は -R の SOCKS を、remote は -D の SOCKS を止める。PermitOpen は -D にしか効かない",
  },
  question: {
    en: "-D and -R with only a port are both SOCKS proxies. Which of them does AllowTcpForwarding stop?",
    ja: "-D も、ポートだけの -R も SOCKS プロキシです。AllowTcpForwarding はどちらを止めますか。",
  },
  predict: {
    en: "With local and with remote, what happens to each proxy? And with PermitOpen none and PermitListen none?",
    ja: "local と remote で、それぞれのプロキシはどうなりますか。PermitOpen none と PermitListen none ではどうですか。",
  },
  commands: ["home$ ssh -D 1080 server", "home$ ssh -R 1080 server"],
  seen: {
    en: "local and PermitListen none stop only -R; remote and PermitOpen none stop only what -D carries.",
    ja: "local と PermitListen none が止めるのは -R だけです。remote と PermitOpen none が止めるのは、-D が運ぶ通信だけです。",
  },
  why: {
    en: "What counts is who listens. With -R that is sshd; ssh at home then makes the connections and asks sshd for nothing more.",
    ja: "重要なのは、どちらが待ち受けるかです。-R で待ち受けるのは sshd ですが、その先へ接続するのは自宅の ssh で、sshd にはもう何も要求しません。",
  },
});

const table = [
  { sshd: "AllowTcpForwarding yes", dynamic: true, remote: true },
  { sshd: "AllowTcpForwarding local", dynamic: true, remote: false },
  { sshd: "AllowTcpForwarding remote", dynamic: false, remote: true },
  { sshd: "PermitOpen none", dynamic: false, remote: true },
  { sshd: "PermitListen none", dynamic: true, remote: false },
];

test.for(table)("$sshd", async ({ sshd, dynamic, remote }, { lab }) => {
  await lab.use({ sshd: `${sshd}\n` });

  await using atHome = await lab.home.ssh("-D", "1080");
  if (dynamic) await expect(lab.home).toReach(atHome);
  else await expect(lab.home).toSee(atHome, "closed", { address: "127.0.0.1", by: "sshd-policy" });

  await using onServer = await lab.home.ssh("-R", "1080");
  expect(onServer.granted).toBe(remote);
  if (remote) await expect(lab.server).toReach(onServer);
  else await expect(lab.server).toSee(onServer, "refused", { by: "sshd-policy" });
});
