import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "With the same key on two lines, the first match counts: one key can forward from home and only log in from elsewhere",
    ja: "同じ鍵が 2 行あれば、最初に一致した行が使われる。1 つの鍵で、自宅からは転送も、ほかからはログインだけを許可できる",
  },
  question: {
    en: "A key appears twice in authorized_keys: with from= and home's address, then with restrict. What may it do?",
    ja: "authorized_keys に同じ鍵が 2 行あります。1 行目は from= に自宅のアドレス、2 行目は restrict です。何ができますか。",
  },
  predict: {
    en: "From home? From another address? And with the two lines swapped?",
    ja: "自宅からと、別のアドレスからではどうですか。2 行の順が逆ならどうなりますか。",
  },
  commands: ["server$ cat ~/.ssh/authorized_keys", "home$ ssh -4 -R 43234:localhost:3389 server 'curl http://localhost:43234/'"],
  seen: {
    en: "From home it forwards; from elsewhere it logs in, but the forward is refused. With restrict first it never forwards.",
    ja: "自宅からは転送できます。ほかからはログインできますが、転送は拒否されます。restrict が先なら、どこからも転送できません。",
  },
  why: {
    en: "sshd skips a line whose from= does not match and reads on. The first matching line brings its options, and later ones are not read.",
    ja: "sshd は from= が一致しない行を飛ばして、先を読みます。最初に一致した行のオプションが使われ、後の行は読まれません。",
  },
});

const fromHome = 'from="203.0.113.7"';
const fromElsewhere = 'from="203.0.113.50"';
const table = [
  { lines: [fromHome, "restrict"], allowed: true },
  { lines: [fromElsewhere, "restrict"], allowed: false },
  { lines: ["restrict", fromHome], allowed: false },
];

test.for(table)("lines $lines, used at home: forwards is $allowed", async ({ lines, allowed }, { lab }) => {
  await lab.use({ accounts: { alice: { keys: [""] } } });
  const desktop = await lab.home.serve(3389);
  await lab.home.equip();
  const { stdout: key } = await lab.home.run(["ssh-keygen", "-y", "-f", "/root/.ssh/alice"]);
  await lab.server.write({ "/home/alice/.ssh/authorized_keys": lines.map((options) => `${options} ${key}`).join("") });

  const result = await lab.home.run([
    ...["ssh", "-4", "-R", "43234:localhost:3389", "server"],
    ...["id -un; curl -s http://localhost:43234/hello"],
  ]);

  expect(result.stdout).toMatch(/^alice\n/);
  if (allowed) expect(result.stdout).toContain(desktop.identity);
  else expect(result).toMatchObject({ stdout: "alice\n", stderr: expect.stringContaining("remote port forwarding failed") });
});
