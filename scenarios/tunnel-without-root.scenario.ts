import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"-w is for root only": an account that owns a prepared device can open the tunnel without any root login',
    ja: "「-w が使えるのは root だけ」は誤り。用意されたデバイスの所有者なら、root でログインしなくてもトンネルを開ける",
  },
  question: {
    en: "PermitTunnel is yes, and root may not log in. Can alice open a tunnel device on the server?",
    ja: "PermitTunnel は yes で、root はログインできません。alice はサーバーのトンネルデバイスを開けますか。",
  },
  predict: { en: "Before and after root has created tun0 for her?", ja: "root が alice 用に tun0 を作る前と後ではどうなりますか。" },
  commands: ["server# ip tuntap add tun0 mode tun user alice", "home# ssh -N -w 0:0 alice@server"],
  seen: {
    en: "Before: Tunnel forwarding failed. After: the tunnel is up, and alice has never been root.",
    ja: "前なら Tunnel forwarding failed になります。後ならトンネルが開き、alice は root になっていません。",
  },
  why: {
    en: "The session runs as alice, and the kernel requires root only to create a device. To attach to an existing one, owning it is enough.",
    ja: "セッションは alice の権限で動き、カーネルが root を要求するのはデバイスを作るときだけです。既存のデバイスを使うには、所有者であれば足ります。",
  },
});

const tunnel = ["ssh", "-v", "-N", "-o", "ExitOnForwardFailure=yes", "-w", "0:0", "alice@server"];

test.for([false, true])("a device that alice owns: %s", async (prepared, { lab, onTestFinished }) => {
  await lab.use({ sshd: "PermitRootLogin no\nPermitTunnel yes\n", accounts: { alice: {} } });
  await lab.home.equip();
  if (prepared) {
    onTestFinished(async () => void (await lab.server.run(["ip", "link", "del", "tun0"])));
    await lab.server.run(["ip", "tuntap", "add", "tun0", "mode", "tun", "user", "alice"]);
  }

  if (prepared) await lab.home.start(tunnel, { says: /tunnel forward established/ });
  else expect(await lab.home.run(tunnel)).toMatchObject({ code: 255, stderr: expect.stringContaining("Tunnel forwarding failed") });
});
