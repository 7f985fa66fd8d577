import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "The server's output chain can tell accounts apart: the kernel sees -L and -D connections as the account's own",
    ja: "サーバーの output チェーンはアカウントを区別できる。カーネルは -L や -D の接続をそのアカウントのものとして扱う",
  },
  question: {
    en: "alice may use -L to a database next to the server, bob may not. Can the firewall tell them apart?",
    ja: "サーバーの隣にあるデータベースへの -L を、alice には許可し、bob には許可しません。ファイアウォールで区別できますか。",
  },
  predict: {
    en: "Both connect through sshd, from the same address. To whom does a rule with `meta skuid` apply?",
    ja: "どちらも sshd を通り、接続元アドレスは同じです。`meta skuid` のルールは誰に適用されますか。",
  },
  commands: [
    "server# nft add rule inet filter output meta skuid bob tcp dport 5432 reject",
    "home$ ssh -W 198.51.100.20:5432 alice@server",
    "home$ ssh -W 198.51.100.20:5432 bob@server",
  ],
  seen: {
    en: "alice reaches the database, bob's ssh reports Connection refused. Without the rule, bob reaches it too.",
    ja: "alice はデータベースに接続でき、bob の ssh は Connection refused になります。ルールがなければ、bob も接続できます。",
  },
  why: {
    en: "After login, sshd runs as the account, and so its sockets belong to it. PermitOpen compares the name as typed; this rule sees where it led.",
    ja: "ログイン後の sshd はそのアカウントの権限で動き、開くソケットもそのアカウントのものです。PermitOpen は入力された名前を比較しますが、このルールは実際の接続先を見ます。",
  },
});

const accounts = { alice: { uid: 2001 }, bob: { uid: 2002 } };
const notBob = `
table inet filter {
  chain output {
    type filter hook output priority filter; policy accept;
    meta skuid 2002 tcp dport 5432 reject with tcp reset
  }
}
`;
const dial = (account: string) => ["ssh", "-W", "198.51.100.20:5432", `${account}@server`];
const hello = { input: "GET /hello HTTP/1.0\r\n\r\n" };

test("alice passes, bob does not", async ({ lab }) => {
  await lab.use({ sshd: "", accounts, firewall: notBob });
  const database = await lab.campus.serve(5432);
  await lab.home.equip();

  expect((await lab.home.run(dial("alice"), hello)).stdout).toContain(database.identity);
  expect(await lab.home.run(dial("bob"), hello)).toMatchObject({
    code: 255,
    stdout: "",
    stderr: expect.stringContaining("Connection refused"),
  });
});

test("control: without the rule bob passes", async ({ lab }) => {
  await lab.use({ sshd: "", accounts, firewall: null });
  const database = await lab.campus.serve(5432);
  await lab.home.equip();

  expect((await lab.home.run(dial("bob"), hello)).stdout).toContain(database.identity);
});
