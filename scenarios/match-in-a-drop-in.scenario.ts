import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "A Match block in an included file ends with that file; pasted into the main file, it swallows what follows",
    ja: "Include されたファイルの Match は、そのファイルで終わる。本体に貼り付けると、後に続く行まで含まれてしまう",
  },
  question: {
    en: "A drop-in included at the top ends with a Match block for alice. GatewayPorts follows the Include. To whom does it apply?",
    ja: "先頭で Include されるドロップインは、alice 向けの Match で終わります。GatewayPorts は Include の後にあります。誰に適用されますか。",
  },
  predict: {
    en: "To alice only, or to everyone? And when someone tidies up and puts both into one file?",
    ja: "alice だけですか、全員ですか。整理のために両方を 1 つのファイルにまとめるとどうなりますか。",
  },
  commands: ["server# head /etc/ssh/sshd_config /etc/ssh/sshd_config.d/*", "home$ ssh -R :43234:localhost:3389 bob@server"],
  seen: {
    en: "With the drop-in, bob opens the port to everyone. In a single file, the same lines apply to alice only.",
    ja: "ドロップインなら、bob もポートを全員に開けます。1 つのファイルでは、同じ行が alice だけに適用されます。",
  },
  why: {
    en: "At the end of an included file, sshd returns to where it was. Moving lines between files can change their meaning, with no letter changed.",
    ja: "sshd は、ファイルを読み終えると Include の前の状態に戻ります。1 文字も変えなくても、別のファイルに移すだけで意味が変わることがあります。",
  },
});

const accounts = { alice: {}, bob: {} };
const oneFile = "Match User alice\n  X11Forwarding no\nGatewayPorts clientspecified\n";

test("as a drop-in, bob's colon works", async ({ lab }) => {
  await lab.use({ sshd: { path: "files/match-in-drop-in" }, accounts });
  await using bob = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "bob" });
  await expect(lab.internet).toReach(bob);
});

test("control: in one file it is for alice only", async ({ lab }) => {
  await lab.use({ sshd: oneFile, accounts });
  await using bob = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "bob" });
  await expect(lab.internet).toSee(bob, "refused", { by: { layer: "bind-address", rule: "GatewayPorts no" } });
  await bob.kill();
  await using alice = await lab.home.ssh("-R", ":43234:localhost:3389", { as: "alice" });
  await expect(lab.internet).toReach(alice);
});
