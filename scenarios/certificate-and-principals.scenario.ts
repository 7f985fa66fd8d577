import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "Options before a principal restrict every certificate for it; they never grant what the certificate lacks",
    ja: "プリンシパルの前のオプションは、その名前の証明書をすべて制限する。証明書にない権限を与えることはない",
  },
  question: {
    en: "AuthorizedPrincipalsFile has options before the principal alice. What may a certificate for alice forward?",
    ja: "AuthorizedPrincipalsFile で、プリンシパル alice の前にオプションがあります。alice の証明書では何を転送できますか。",
  },
  predict: {
    en: "With permitlisten? With restrict? With port-forwarding when the certificate lacks that extension?",
    ja: "permitlisten の場合、restrict の場合、証明書に拡張がないのに port-forwarding と書いた場合、それぞれどうなりますか。",
  },
  commands: [
    "server# cat /etc/ssh/principals/alice",
    "home$ ssh-keygen -s ca -I alice -n alice id.pub",
    "home$ ssh -R 43234:localhost:3389 alice@server",
  ],
  seen: {
    en: 'permitlisten="43234" leaves only that port, restrict leaves nothing. port-forwarding gives nothing back to a certificate without the extension.',
    ja: 'permitlisten="43234" で転送できるのはそのポートだけで、restrict では何も転送できません。拡張のない証明書は、port-forwarding と書いても転送できません。',
  },
  why: {
    en: "sshd combines the permissions of the certificate and of the line, and allows only what both allow.",
    ja: "sshd は証明書と行の両方を確認し、どちらも許可しているものだけを許可します。",
  },
});

const key = "/root/.ssh/id";
const both = [43234, 43235];
const forwardBoth = [
  ...["ssh", "-F", "none", "-i", key, ...both.flatMap((port) => ["-R", `${port}:localhost:3389`])],
  ...["alice@server", both.map((port) => `curl -s http://localhost:${port}/hello`).join("; ")],
];
const all: string[] = [];
const none = ["-O", "clear"];
const table = [
  { line: "alice", extensions: all, ports: [43234, 43235] },
  { line: 'permitlisten="43234" alice', extensions: all, ports: [43234] },
  { line: "restrict alice", extensions: all, ports: [] },
  { line: "restrict,port-forwarding alice", extensions: all, ports: [43234, 43235] },
  { line: "restrict,port-forwarding alice", extensions: none, ports: [] },
];

test("what both the line and the certificate allow", async ({ lab }) => {
  await lab.use({
    sshd: "TrustedUserCAKeys /etc/ssh/ca.pub\nAuthorizedPrincipalsFile /etc/ssh/principals/%u\n",
    accounts: { alice: { keys: [] } },
  });
  const desktop = await lab.home.serve(3389);
  await lab.home.equip();
  await lab.home.run(["sh", "-c", "cd /root/.ssh && ssh-keygen -q -t ed25519 -N '' -f ca && ssh-keygen -q -t ed25519 -N '' -f id"]);
  await lab.server.write({ "/etc/ssh/ca.pub": (await lab.home.run(["cat", "/root/.ssh/ca.pub"])).stdout });

  for (const { line, extensions, ports } of table) {
    await lab.server.write({ "/etc/ssh/principals/alice": `${line}\n` });
    await lab.home.run(["ssh-keygen", "-q", "-s", "/root/.ssh/ca", "-I", "alice", "-n", "alice", ...extensions, `${key}.pub`]);
    const { stdout, stderr } = await lab.home.run(forwardBoth);
    const refused = [...stderr.matchAll(/remote port forwarding failed for listen port (\d+)/g)].map(([, port]) => Number(port));
    expect.soft(refused, `${line} ${extensions}`).toEqual(both.filter((port) => !ports.includes(port)));
    expect.soft(stdout.split(desktop.identity), `${line} ${extensions}`).toHaveLength(ports.length + 1);
  }
});
