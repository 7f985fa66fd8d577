import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A Match block in an included file ends with that file; the same lines pasted into the main file swallow what follows",
    ja: "取り込んだファイルの中の Match は、そのファイルで終わる。同じ行を本体に貼り付けると、後に続く行を飲み込む",
  },
  question: {
    en: "A drop-in that is included at the top ends with a Match block for alice. GatewayPorts comes after the Include. For whom is it?",
    ja: "先頭で取り込むドロップインは、alice 向けの Match で終わる。GatewayPorts は Include の後にある。誰に効くか。",
  },
  predict: {
    en: "For alice alone, for everybody? And when somebody tidies up and puts both into one file?",
    ja: "alice だけか、全員か。誰かが整理して、両方を一つのファイルにまとめたらどうか。",
  },
  commands: ["server# head /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*", "home$ ssh -R :43234:localhost:3389 bob@server"],
  seen: {
    en: "With the drop-in bob opens the port to everybody. In one file the same lines give it to alice alone.",
    ja: "ドロップインなら bob はポートを全員に開く。一つのファイルでは、同じ行が alice だけのものになる。",
  },
  why: {
    en: "sshd goes back to where it was before the Include. Text that is moved between files can change its meaning without a change of a letter.",
    ja: "sshd は、ファイルを読み終えると Include の前の状態に戻る。一字も変えなくても、ファイルの間で移すだけで意味が変わることがある。",
  },
});

const accounts = { alice: {}, bob: {} };
const oneFile = "Match User alice\n  X11Forwarding no\nGatewayPorts clientspecified\n";

test("as a drop-in, bob's colon works", async ({ lab }) => {
  await lab.use({ sshd: { path: "files/match-in-drop-in" }, accounts });
  await using bob = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "bob" });
  await expect(lab.internet).toReach(bob);
});

test("control: in one file it is alice's alone", async ({ lab }) => {
  await lab.use({ sshd: oneFile, accounts });
  await using bob = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "bob" });
  await expect(lab.internet).toSee(bob, "refused", { by: { layer: "bind-address", rule: "GatewayPorts no" } });
  await bob.kill();
  await using alice = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "alice" });
  await expect(lab.internet).toReach(alice);
});
