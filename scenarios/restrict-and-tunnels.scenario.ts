import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "Up to OpenSSH 10.0, neither restrict on a key nor DisableForwarding yes stops a -w tunnel; in 10.6 both do",
    ja: "OpenSSH 10.0 までは、鍵の restrict も DisableForwarding yes も -w のトンネルを止めない。10.6 ではどちらも止める",
  },
  question: {
    en: "PermitTunnel is yes because someone needs it. Does restrict keep a key from using -w? Does DisableForwarding yes stop everyone?",
    ja: "必要な人がいるため、PermitTunnel を yes にしています。restrict の付いた鍵では -w を使えませんか。DisableForwarding yes なら誰も使えませんか。",
  },
  predict: { en: "With OpenSSH 10.0? With 10.6?", ja: "OpenSSH 10.0 ではどうですか。10.6 ではどうですか。" },
  commands: ["server$ cat ~/.ssh/authorized_keys", "home# ssh -N -w 0:0 root@server"],
  seen: {
    en: "10.0 opens the tunnel although it refuses -R. 10.6 refuses both. PermitTunnel no stops it in either.",
    ja: "10.0 は -R を拒否しても、トンネルは許可します。10.6 はどちらも拒否します。PermitTunnel no なら、どちらのバージョンでも拒否されます。",
  },
  why: {
    en: "The older sshd checks only PermitTunnel for this kind of channel. If you cannot set it to no for everyone, allow it only in a Match for those who need it.",
    ja: "古い sshd は、この種のチャネルについて PermitTunnel しか確認しません。全員に no を設定できなければ、必要な人の Match だけで許可してください。",
  },
});

const tunnel = ["ssh", "-v", "-N", "-o", "ExitOnForwardFailure=yes", "-w", "0:0", "root@server"];
const config = (permit: string, more = "") => `PermitRootLogin yes\nPermitTunnel ${permit}\n${more}`;
const locks = [
  { lock: "restrict", sshd: config("yes"), options: "restrict" },
  { lock: "DisableForwarding yes", sshd: config("yes", "DisableForwarding yes\n"), options: "" },
];
const oldAndNew = [
  { test: labTest({ openssh: "10.0" }), version: "10.0", stops: false },
  { test: labTest({ openssh: "10.6" }), version: "10.6", stops: true },
];

for (const { test, version, stops } of oldAndNew) {
  test(`OpenSSH ${version}`, async ({ lab }) => {
    for (const { lock, sshd, options } of locks) {
      await lab.use({ sshd, accounts: { root: { keys: [options] } } });
      await lab.home.equip();
      await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
      expect(forward.granted, lock).toBe(false);

      const ssh = await lab.home.start(tunnel, { says: /tunnel forward established|Tunnel forwarding failed/ });
      const devices = await lab.server.run(["ls", "/sys/class/net"]);

      expect(devices.stdout.includes("tun0"), lock).toBe(!stops);
      await ssh.kill();
      await ssh.exited;
    }

    await lab.use({ sshd: config("no"), accounts: { root: { keys: [""] } } });
    await lab.home.equip();
    expect(await lab.home.run(tunnel)).toMatchObject({ code: 255, stderr: expect.stringContaining("Tunnel forwarding failed") });
  });
}
