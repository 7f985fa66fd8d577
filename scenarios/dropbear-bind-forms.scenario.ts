import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-servers",
  title: {
    en: "Dropbear listens like GatewayPorts no, with -a like clientspecified; there is no yes",
    ja: "Dropbear の待ち受けは GatewayPorts no と同じで、-a では clientspecified と同じ。yes に当たるものはない",
  },
  question: {
    en: "A router runs Dropbear instead of OpenSSH. What does each form of -R open there?",
    ja: "ルーターで動いているのは、OpenSSH ではなく Dropbear です。-R の各形式は何を開きますか。",
  },
  predict: {
    en: "Without -a and with it: which forms reach the outside, and which differ from OpenSSH?",
    ja: "-a なしと -a ありで、外に開くのはどの形式ですか。OpenSSH と違うのはどれですか。",
  },
  commands: ["server# dropbear -F -E -p 2222", "server# dropbear -F -E -p 2222 -a", "home$ ssh -p 2222 -R :43234:localhost:3389 server"],
  seen: {
    en: "Without -a every form is loopback; even 127.0.0.1 alone opens both families, which OpenSSH does not. With -a the two agree on every form.",
    ja: "-a なしでは、どの形式もループバックです。127.0.0.1 だけを指定しても両方のファミリーで待ち受ける点が、OpenSSH と異なります。-a では、すべての形式で一致します。",
  },
  why: {
    en: "Each server decides for itself what a requested address means; the SSH protocol only carries the wish. (Measured on Dropbear 2025.89, OpenSSH 10.0.)",
    ja: "要求されたアドレスをどう扱うかは、サーバーごとに異なります。SSH のプロトコルは希望を伝えるだけです。（Dropbear 2025.89、OpenSSH 10.0 で測定）",
  },
});

const test = labTest({ images: { server: "forwardlab/dropbear" } });

const forms = [
  "43234",
  ":43234",
  "*:43234",
  "0.0.0.0:43234",
  "[::]:43234",
  "127.0.0.1:43234",
  "[::1]:43234",
  "127.0.0.5:43234",
  "198.51.100.10:43234",
];

const servers = [
  { switches: "", gatewayPorts: "no", differ: ["127.0.0.1:43234", "[::1]:43234"] },
  { switches: "-a", gatewayPorts: "clientspecified", differ: [] },
];

for (const { switches, gatewayPorts, differ } of servers) {
  test(`dropbear ${switches} beside GatewayPorts ${gatewayPorts}`, async ({ lab }) => {
    await lab.use({ sshd: `GatewayPorts ${gatewayPorts}\n` });
    const key = "dropbearconvert openssh dropbear /etc/ssh/ssh_host_ed25519_key /tmp/dropbear-key";
    await lab.server.start(["sh", "-c", `${key}; exec dropbear -F -E -p 2222 -r /tmp/dropbear-key ${switches}`], { listensOn: 2222 });
    const listeners = async (...port: string[]) => {
      const found: Record<string, readonly string[]> = {};
      for (const form of forms) {
        await using forward = await lab.home.ssh([...port, "-R", `${form}:localhost:3389`].join(" "));
        found[form] = forward.granted ? forward.listeners : ["not granted"];
      }
      return found;
    };

    const openssh = await listeners();
    const dropbear = await listeners("-p 2222");

    expect(forms.filter((form) => String(dropbear[form]) !== String(openssh[form]))).toEqual(differ);
    for (const form of differ) expect(dropbear[form]).toEqual(["127.0.0.1:43234", "[::1]:43234"]);
    await using colon = await lab.home.ssh("-p 2222 -R :43234:localhost:3389");
    await expect(lab.server).toReach(colon);
    if (switches === "-a") await expect(lab.internet).toReach(colon);
    else await expect(lab.internet).toSee(colon, "refused", { by: "bind-address" });
  });
}
