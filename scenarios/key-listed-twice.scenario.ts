import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "The same key on two lines: the first line that fits counts, so one key may forward from home and only log in from elsewhere",
    ja: "同じ鍵が二行あれば、最初に合う行が効く。一つの鍵で、自宅からは転送まで、ほかからはログインだけにできる",
  },
  question: {
    en: "A key stands twice in authorized_keys: with from= and home's address, then with restrict. What may it do?",
    ja: "authorized_keys に同じ鍵が二度ある。一行目は from= に自宅のアドレス、二行目は restrict。何ができるか。",
  },
  predict: {
    en: "From home, and from another address? And with the two lines the other way round?",
    ja: "自宅からと、別のアドレスから。二行の順が逆ならどうか。",
  },
  commands: ["server$ cat ~/.ssh/authorized_keys", "home$ ssh -4 -R 43234:localhost:3389 server 'curl http://localhost:43234/'"],
  seen: {
    en: "From home it forwards; from elsewhere it logs in and is refused the forward. With restrict first it never forwards.",
    ja: "自宅からは転送できる。ほかからはログインはできるが、転送は拒否される。restrict が先なら、どこからも転送できない。",
  },
  why: {
    en: "A line whose from= does not fit is passed over, and sshd reads on. The first line that fits brings its options, and no later one is read.",
    ja: "from= が合わない行は飛ばされ、sshd は先を読む。最初に合った行のオプションが効き、後の行は読まれない。",
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
