import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "permitopen in a key line restricts -L alone; -R stays as open as before",
    ja: "鍵の permitopen が制限するのは -L だけ。-R は元どおり開いている",
  },
  question: {
    en: 'A key carries permitopen="localhost:80" and nothing else. What can its owner open?',
    ja: '鍵には permitopen="localhost:80" だけが付いている。持ち主は何を開けるか。',
  },
  predict: {
    en: "-L to port 80, -L to port 81, and -R open to the world?",
    ja: "80 番への -L、81 番への -L、全世界に開く -R。それぞれどうなるか。",
  },
  commands: ["home$ ssh -L 8081:localhost:81 server", "home$ ssh -R :43234:localhost:3389 server"],
  seen: {
    en: "-L reaches port 80 alone. -R is granted, and everybody reaches it.",
    ja: "-L が届くのは 80 番だけ。-R は許され、誰でも届く。",
  },
  why: {
    en: "permitopen is about what the server dials, permitlisten about where it listens. A key for one purpose needs restrict first.",
    ja: "permitopen はサーバーがダイヤルする相手、permitlisten は待ち受ける場所についてのもの。用途を一つに絞る鍵には、まず restrict が要る。",
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

test("control: a permitlisten beside it shuts -R", async ({ lab }) => {
  await lab.use({ sshd, accounts: { alice: { keys: ['permitopen="localhost:80",permitlisten="localhost:1"'] } } });
  await using remote = await lab.home.ssh("-R", ":43234:localhost:3389");
  expect(remote.outcome).toMatchObject({ granted: false, refusedBy: { layer: "key-options" } });
});
