import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"nologin, ForceCommand and PermitTTY no lock the account out": of the shell; it forwards as before',
    ja: "「nologin や ForceCommand や PermitTTY no でアカウントは閉じる」は誤り。閉じるのはシェルで、転送はそのまま",
  },
  question: {
    en: "The account's shell is /usr/sbin/nologin. Can its key still do harm?",
    ja: "アカウントのシェルは /usr/sbin/nologin。その鍵で、まだ何かできるか。",
  },
  predict: {
    en: "With nologin, with ForceCommand /bin/false, with command= and no-pty before the key: does -R listen, does -L carry?",
    ja: "nologin、ForceCommand /bin/false、鍵の前の command= と no-pty。それぞれで -R は待ち受けるか、-L は運ぶか。",
  },
  commands: [
    "home$ ssh parked@server id",
    "home$ ssh -N -R 43234:localhost:3389 parked@server",
    "home$ ssh -N -L 8080:localhost:80 parked@server",
  ],
  seen: {
    en: "No command runs, and every forward works. Only DisableForwarding yes, AllowTcpForwarding no or restrict before the key stop it.",
    ja: "コマンドは走らないが、転送はどれも動く。止めるのは DisableForwarding yes、AllowTcpForwarding no、鍵の前の restrict。",
  },
  why: {
    en: "A shell is started for a session, and with -N nobody asks for one. The forwards are sshd's own work.",
    ja: "シェルが起動されるのはセッションのためで、-N なら誰も頼まない。転送は sshd 自身の仕事。",
  },
});

const table = [
  { how: "shell nologin", sshd: "", account: { shell: "/usr/sbin/nologin" } },
  { how: "ForceCommand", sshd: "ForceCommand /bin/false\nPermitTTY no\n", account: {} },
  { how: "command=", sshd: "", account: { keys: ['command="/bin/false",no-pty'] } },
];

test.for(table)("$how: no command, every forward", async ({ sshd, account }, { lab }) => {
  await lab.use({ sshd, accounts: { parked: account } });
  await lab.home.equip();

  expect(await lab.home.run(["ssh", "server", "id"])).toMatchObject({ code: 1, stdout: expect.not.stringContaining("uid=") });

  await using remote = await lab.home.ssh("-R", "43234:localhost:3389");
  await expect(lab.server).toReach(remote);
  await using local = await lab.home.ssh("-L", "8080:localhost:80");
  await expect(lab.home).toReach(local);
});

test("control: DisableForwarding yes is about forwards", async ({ lab }) => {
  await lab.use({ sshd: "DisableForwarding yes\n", accounts: { parked: { shell: "/usr/sbin/nologin" } } });
  await using remote = await lab.home.ssh("-R", "43234:localhost:3389");
  await expect(lab.server).toSee(remote, "refused", { by: "sshd-policy" });
  await using local = await lab.home.ssh("-L", "8080:localhost:80");
  await expect(lab.home).toSee(local, "closed", { address: "127.0.0.1", by: "sshd-policy" });
});
