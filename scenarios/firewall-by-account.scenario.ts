import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "firewall-and-nat",
  title: {
    en: "The server's output chain can tell accounts apart: what -L and -D dial, the kernel sees as the account's own",
    ja: "サーバーの output チェーンはアカウントを見分ける。-L や -D のダイヤルは、カーネルにはそのアカウントのものに見える",
  },
  question: {
    en: "alice may use -L to a database beside the server, bob may not. Can the firewall keep them apart?",
    ja: "サーバーの隣のデータベースへの -L を、alice には許し、bob には許さない。ファイアウォールで分けられるか。",
  },
  predict: {
    en: "Both come through sshd, from the same address. A rule with `meta skuid`: for whom does it hold?",
    ja: "二人とも sshd を通り、同じアドレスから出ていく。`meta skuid` の規則は誰に効くか。",
  },
  commands: [
    "server# nft add rule inet filter output meta skuid bob tcp dport 5432 reject",
    "home$ ssh -W 198.51.100.20:5432 alice@server",
    "home$ ssh -W 198.51.100.20:5432 bob@server",
  ],
  seen: {
    en: "alice reaches the database, bob's ssh says Connection refused. Without the rule both reach it.",
    ja: "alice はデータベースに届き、bob の ssh は Connection refused と言う。規則がなければ、どちらも届く。",
  },
  why: {
    en: "After the login sshd goes on as the account, and so do the sockets that it opens. PermitOpen compares names that were typed; this rule sees where they led.",
    ja: "ログインの後の sshd はそのアカウントとして動き、開くソケットも同じ。PermitOpen が比べるのは打たれた名前で、この規則が見るのはその行き先。",
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
