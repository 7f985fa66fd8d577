import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A second PermitListen line is not read; before a key, a second permitlisten= is",
    ja: "PermitListen の二行目は読まれない。鍵の前の permitlisten= は、二つ目も読まれる",
  },
  question: {
    en: "Two ports are to be permitted, and each gets a line of its own. Which of them may be opened?",
    ja: "二つのポートを許すつもりで、一行ずつ書いた。開けられるのはどれか。",
  },
  predict: {
    en: "Two lines in the config, one line with both, and two options before the key?",
    ja: "設定に二行、設定の一行に二つ、鍵の前にオプションを二つ。それぞれどうなるか。",
  },
  commands: [
    "server# sshd -T | grep -i permitlisten",
    "home$ ssh -R 43234:localhost:3389 server",
    "home$ ssh -R 43235:localhost:3389 server",
  ],
  seen: {
    en: "Of two lines the first alone, and nothing complains. One line with both, and two options before the key, permit both.",
    ja: "二行なら一行目だけで、警告もない。一行に二つ書くか、鍵の前にオプションを二つ書けば、両方が許される。",
  },
  why: {
    en: "In sshd_config the first value of a setting counts, and a list is one value. Options of a key line are added up.",
    ja: "sshd_config では最初の値が効き、一覧全体で一つの値。鍵の行のオプションは足し合わされる。",
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
