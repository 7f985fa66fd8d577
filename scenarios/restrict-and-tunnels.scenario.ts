import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "Up to OpenSSH 10.0, neither restrict before a key nor DisableForwarding yes stops a -w tunnel; 10.6 heeds both",
    ja: "OpenSSH 10.0 までは、鍵の前の restrict も DisableForwarding yes も -w のトンネルを止めない。10.6 は両方に従う",
  },
  question: {
    en: "PermitTunnel is yes for somebody's sake. Is a key with restrict kept from -w? Is everybody, by DisableForwarding yes?",
    ja: "ある人のために PermitTunnel が yes になっている。restrict の付いた鍵に -w は使えないか。DisableForwarding yes なら誰も使えないか。",
  },
  predict: { en: "With OpenSSH 10.0, with 10.6?", ja: "OpenSSH 10.0 ではどうか。10.6 ではどうか。" },
  commands: ["server$ cat ~/.ssh/authorized_keys", "home# ssh -N -w 0:0 root@server"],
  seen: {
    en: "10.0 gives the tunnel although -R is refused. 10.6 refuses it. PermitTunnel no refuses it in both.",
    ja: "10.0 は -R を拒否しながらトンネルは与え、10.6 はそれも拒否する。PermitTunnel no ならどちらも拒否する。",
  },
  why: {
    en: "The older sshd asks PermitTunnel alone for this kind of channel. Where it is not no for all, put it into a Match for those who need it.",
    ja: "古い sshd は、この種のチャネルについて PermitTunnel しか見ない。要る人がいるなら、その人の Match の中だけで許すこと。",
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
