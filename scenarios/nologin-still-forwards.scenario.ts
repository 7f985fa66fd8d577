import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"nologin, ForceCommand or PermitTTY no lock an account out": out of the shell only; it forwards as before',
    ja: "「nologin、ForceCommand、PermitTTY no でアカウントは使えなくなる」は誤り。使えないのはシェルだけで、転送はできる",
  },
  question: {
    en: "The account's shell is /usr/sbin/nologin. Can its key still do harm?",
    ja: "アカウントのシェルは /usr/sbin/nologin です。その鍵でまだ何かできますか。",
  },
  predict: {
    en: "With nologin, with ForceCommand /bin/false, with command= and no-pty on the key: does -R listen, and does -L carry anything?",
    ja: "nologin、ForceCommand /bin/false、鍵の command= と no-pty のそれぞれで、-R は待ち受け、-L は通信を運びますか。",
  },
  commands: [
    "home$ ssh parked@server id",
    "home$ ssh -N -R 43234:localhost:3389 parked@server",
    "home$ ssh -N -L 8080:localhost:80 parked@server",
  ],
  seen: {
    en: "No command runs, but -R and -L both work. It takes a setting about forwarding to stop them, such as DisableForwarding yes or restrict on the key.",
    ja: "コマンドは実行できませんが、-R も -L も使えます。止めるには、DisableForwarding yes や鍵の restrict など、転送に関する設定が必要です。",
  },
  why: {
    en: "The shell is started for a session, and with -N nobody asks for one. sshd itself does the forwarding.",
    ja: "シェルが起動されるのはセッションのためで、-N はセッションを要求しません。転送を行うのは sshd 自身です。",
  },
});

const table = [
  { how: "shell nologin", sshd: "", account: { shell: "/usr/sbin/nologin" } },
  { how: "ForceCommand", sshd: "ForceCommand /bin/false\nPermitTTY no\n", account: {} },
  { how: "command=", sshd: "", account: { keys: ['command="/bin/false",no-pty'] } },
];

test.for(table)("$how: no command runs, -R and -L work", async ({ sshd, account }, { lab }) => {
  await lab.use({ sshd, accounts: { parked: account } });
  await lab.home.equip();

  expect(await lab.home.run(["ssh", "server", "id"])).toMatchObject({ code: 1, stdout: expect.not.stringContaining("uid=") });

  await using remote = await lab.home.ssh("-R", "43234:localhost:3389");
  await expect(lab.server).toReach(remote);
  await using local = await lab.home.ssh("-L", "8080:localhost:80");
  await expect(lab.home).toReach(local);
});

test("control: DisableForwarding yes stops both", async ({ lab }) => {
  await lab.use({ sshd: "DisableForwarding yes\n", accounts: { parked: { shell: "/usr/sbin/nologin" } } });
  await using remote = await lab.home.ssh("-R", "43234:localhost:3389");
  await expect(lab.server).toSee(remote, "refused", { by: "sshd-policy" });
  await using local = await lab.home.ssh("-L", "8080:localhost:80");
  await expect(lab.home).toSee(local, "closed", { address: "127.0.0.1", by: "sshd-policy" });
});
