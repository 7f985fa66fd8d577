import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "sshd ignores a second PermitListen line, but reads a second permitlisten= on a key",
    ja: "2 行目の PermitListen は無視される。鍵の permitlisten= は 2 つ目も有効",
  },
  question: {
    en: "Two ports should be permitted, and each gets its own line. Which ports may be opened?",
    ja: "2 つのポートを許可するため、1 行に 1 つずつ書きました。開けるのはどのポートですか。",
  },
  predict: {
    en: "With two lines in the config? With both on one line? With two options on the key?",
    ja: "設定に 2 行書いた場合、1 行に 2 つ書いた場合、鍵にオプションを 2 つ付けた場合、それぞれどうなりますか。",
  },
  commands: [
    "server# sshd -T | grep -i permitlisten",
    "home$ ssh -R 43234:localhost:3389 server",
    "home$ ssh -R 43235:localhost:3389 server",
  ],
  seen: {
    en: "Of two lines only the first counts, and nothing warns about it. One line with both, or two options on the key, permit both.",
    ja: "2 行では 1 行目だけが有効で、警告もありません。1 行に 2 つ書くか、鍵にオプションを 2 つ付ければ、両方が許可されます。",
  },
  why: {
    en: "In sshd_config the first value of a setting counts, and a whole list is one value. Key options add up.",
    ja: "sshd_config では最初の値が使われ、一覧は全体で 1 つの値です。鍵のオプションは、すべて有効になります。",
  },
});

const table = [
  { where: "two lines in the config", sshd: "PermitListen 43234\nPermitListen 43235\n", key: "", ports: [43234] },
  { where: "one line in the config", sshd: "PermitListen 43234 43235\n", key: "", ports: [43234, 43235] },
  { where: "two options before the key", sshd: "", key: 'permitlisten="43234",permitlisten="43235"', ports: [43234, 43235] },
];

test.for(table)("$where: $ports", async ({ sshd, key, ports }, { lab }) => {
  await lab.use({ sshd, accounts: { alice: { keys: [key] } } });
  for (const port of [43234, 43235, 43236]) {
    await using forward = await lab.home.ssh("-R", `${port}:localhost:3389`);
    expect.soft(forward.granted, String(port)).toBe(ports.includes(port));
  }
});
