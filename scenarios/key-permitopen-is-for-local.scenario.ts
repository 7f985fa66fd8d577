import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "permitopen on a key restricts -L, not -R, which stays as open as before",
    ja: "鍵の permitopen が制限するのは -L で、-R は制限されない",
  },
  question: {
    en: 'A key has permitopen="localhost:80" and nothing else. What can its owner open?',
    ja: '鍵には permitopen="localhost:80" だけが付いています。所有者は何を開けますか。',
  },
  predict: {
    en: "-L to port 80? -L to port 81? -R open to everyone?",
    ja: "80 番への -L、81 番への -L、全員に開く -R は、それぞれどうなりますか。",
  },
  commands: ["home$ ssh -L 8081:localhost:81 server", "home$ ssh -R :43234:localhost:3389 server"],
  seen: {
    en: "-L reaches only port 80. -R is granted, and everyone reaches it.",
    ja: "-L で接続できるのは 80 番だけです。-R は許可され、誰でも接続できます。",
  },
  why: {
    en: "permitopen limits what the server connects to, permitlisten where it listens. A key for -L alone also needs a permitlisten that lists only an unused port.",
    ja: "permitopen はサーバーの接続先を、permitlisten は待ち受け先を制限します。-L 専用の鍵には、使わないポートだけを挙げた permitlisten も必要です。",
  },
});

const sshd = "GatewayPorts clientspecified\n";

test("permitopen leaves -R alone", async ({ lab }) => {
  await lab.use({ sshd, accounts: { alice: { keys: ['permitopen="localhost:80"'] } } });
  await using listed = await lab.home.ssh("-L", "8080:localhost:80");
  await using other = await lab.home.ssh("-L", "8081:localhost:81");
  await using remote = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.home).toReach(listed);
  await expect(lab.home).toSee(other, "closed", { address: "127.0.0.1", by: { layer: "key-options", rule: 'permitopen="localhost:80"' } });
  await expect(lab.internet).toReach(remote);
});

test("control: an additional permitlisten refuses -R", async ({ lab }) => {
  await lab.use({ sshd, accounts: { alice: { keys: ['permitopen="localhost:80",permitlisten="localhost:1"'] } } });
  await using remote = await lab.home.ssh("-R", ":43234:localhost:3389");
  expect(remote.outcome).toMatchObject({ granted: false, refusedBy: { layer: "key-options" } });
});
