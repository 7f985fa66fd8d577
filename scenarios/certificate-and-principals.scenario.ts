import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "Options before a principal narrow every certificate for that name; they never give what the certificate lacks",
    ja: "プリンシパルの前のオプションは、その名前の証明書をすべて狭める。証明書にないものは決して与えない",
  },
  question: {
    en: "AuthorizedPrincipalsFile holds options before the name alice. What may a certificate for alice forward?",
    ja: "AuthorizedPrincipalsFile で、alice の名前の前にオプションがある。alice の証明書は何を転送できるか。",
  },
  predict: {
    en: "With permitlisten before the name, with restrict, and with port-forwarding while the certificate has no such extension?",
    ja: "名前の前が permitlisten のとき、restrict のとき、証明書に拡張がないまま port-forwarding のとき、どうなるか。",
  },
  commands: [
    "server# cat /etc/ssh/principals/alice",
    "home$ ssh-keygen -s ca -I alice -n alice id.pub",
    "home$ ssh -R 43234:localhost:3389 alice@server",
  ],
  seen: {
    en: 'permitlisten="43234" leaves that port alone, restrict leaves none. port-forwarding gives nothing back to a certificate without the extension.',
    ja: 'permitlisten="43234" ではそのポートだけが残り、restrict では何も残らない。拡張のない証明書には、port-forwarding と書いても何も戻らない。',
  },
  why: {
    en: "sshd takes the certificate's permissions and those of the line, and allows what both allow.",
    ja: "sshd は証明書の許可と行の許可を突き合わせ、両方が許すものだけを許す。",
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
