import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A line appended to sshd_config belongs to the last Match block, not to the whole server",
    ja: "sshd_config の末尾に追加した行は、サーバー全体ではなく最後の Match に属する",
  },
  question: {
    en: "The file ends with a Match block for bob. `GatewayPorts clientspecified` is appended. To whom does it apply?",
    ja: "ファイルは bob 向けの Match で終わっています。そこに `GatewayPorts clientspecified` を追加すると、誰に適用されますか。",
  },
  predict: { en: "Does alice's colon work? Does bob's?", ja: "alice のコロンは効きますか。bob のコロンは効きますか。" },
  commands: ["server# echo 'GatewayPorts clientspecified' >> /etc/ssh/sshd_config", "home$ ssh -R :43234:localhost:3389 alice@server"],
  seen: {
    en: "To bob only. After a `Match all`, or at the top of the file, it applies to everyone.",
    ja: "bob だけです。前に `Match all` を置くか、ファイルの先頭に書けば、全員に適用されます。",
  },
  why: {
    en: "A Match block ends at the next Match or at the end of the file. Indentation and blank lines mean nothing.",
    ja: "Match は、次の Match かファイルの終わりまで続きます。字下げや空行に意味はありません。",
  },
});

const accounts = { alice: {}, bob: {} };
const file = "Match User bob\n  X11Forwarding no\n";
const appended = "\nGatewayPorts clientspecified\n";

test("appended, it is for bob only", async ({ lab }) => {
  await lab.use({ sshd: file + appended, accounts });

  await using alice = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "alice" });
  await expect(lab.internet).toSee(alice, "refused", { by: { layer: "bind-address", rule: "GatewayPorts no" } });
  await alice.kill();

  await using bob = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "bob" });
  await expect(lab.internet).toReach(bob);
});

test.for([appended + file, `${file}Match all${appended}`])("control: %j is for alice too", async (sshd, { lab }) => {
  await lab.use({ sshd, accounts });
  await using alice = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "alice" });
  await expect(lab.internet).toReach(alice);
});
