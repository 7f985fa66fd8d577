import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "AllowTcpForwarding local forbids the SOCKS proxy of -R and allows that of -D; remote does the reverse, and no PermitOpen narrows -R's",
    ja: "AllowTcpForwarding local は -R の SOCKS を禁じ -D の SOCKS を許す。remote は逆で、-R の SOCKS を狭める PermitOpen はない",
  },
  question: {
    en: "-D and -R with a port alone are both SOCKS proxies. Which of them does AllowTcpForwarding stop?",
    ja: "-D も、ポートだけの -R も SOCKS プロキシ。AllowTcpForwarding はどちらを止めるか。",
  },
  predict: {
    en: "For local and for remote, the proxy on each side? And with PermitOpen none and PermitListen none?",
    ja: "local と remote で、それぞれの側のプロキシはどうなるか。PermitOpen none と PermitListen none ではどうか。",
  },
  commands: ["home$ ssh -D 1080 server", "home$ ssh -R 1080 server"],
  seen: {
    en: "local and PermitListen none stop -R alone; remote and PermitOpen none stop what -D carries alone.",
    ja: "local と PermitListen none が止めるのは -R だけ。remote と PermitOpen none が止めるのは -D の中身だけ。",
  },
  why: {
    en: "What counts is who listens. With -R it is sshd, and where its visitors then go is dialled by ssh at home, which asks sshd for nothing more.",
    ja: "問われるのは誰が待ち受けるか。-R では sshd で、訪問者の行き先には自宅の ssh がダイヤルし、sshd にはもう何も尋ねない。",
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
