import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A line appended to sshd_config belongs to the last Match block, not to the server",
    ja: "sshd_config の末尾に足した行は、サーバー全体ではなく最後の Match のものになる",
  },
  question: {
    en: "The file ends with a Match block for bob. `GatewayPorts clientspecified` is appended. For whom is it?",
    ja: "ファイルの最後は bob 向けの Match。そこに `GatewayPorts clientspecified` を足す。誰に効くか。",
  },
  predict: { en: "Does alice's colon work, and does bob's?", ja: "alice のコロンは効くか。bob のコロンは効くか。" },
  commands: ["server# echo 'GatewayPorts clientspecified' >> /etc/ssh/sshd_config", "home$ ssh -R :43234:localhost:3389 alice@server"],
  seen: {
    en: "For bob alone. With `Match all` before it, or at the head of the file, it is for everybody.",
    ja: "bob だけ。その前に `Match all` を置くか、ファイルの先頭に書けば、全員に効く。",
  },
  why: {
    en: "A Match block ends at the next Match or at the end of the file. Indentation and empty lines mean nothing.",
    ja: "Match は、次の Match かファイルの終わりまで続く。字下げも空行も意味を持たない。",
  },
});

const accounts = { alice: {}, bob: {} };
const file = "Match User bob\n  X11Forwarding no\n";
const appended = "\nGatewayPorts clientspecified\n";

test("appended, it is bob's alone", async ({ lab }) => {
  await lab.use({ sshd: file + appended, accounts });

  await using alice = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "alice" });
  await expect(lab.internet).toSee(alice, "refused", { by: { layer: "bind-address", rule: "GatewayPorts no" } });
  await alice.kill();

  await using bob = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "bob" });
  await expect(lab.internet).toReach(bob);
});

test.for([appended + file, `${file}Match all${appended}`])("control: %j is for alice, too", async (sshd, { lab }) => {
  await lab.use({ sshd, accounts });
  await using alice = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "alice" });
  await expect(lab.internet).toReach(alice);
});
