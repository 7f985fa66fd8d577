import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"-w is for root alone": an account that owns a prepared device opens the tunnel with no root login anywhere near',
    ja: "「-w が使えるのは root だけ」は誤り。用意されたデバイスの持ち主なら、root のログインなしにトンネルを開ける",
  },
  question: {
    en: "PermitTunnel is yes and root may not log in. Can alice open a tunnel device on the server?",
    ja: "PermitTunnel は yes で、root はログインできない。alice はサーバーにトンネルデバイスを開けるか。",
  },
  predict: { en: "Before and after root has made tun0 for her?", ja: "root が alice 用に tun0 を作る前と後では、どうか。" },
  commands: ["server# ip tuntap add tun0 mode tun user alice", "home# ssh -N -w 0:0 alice@server"],
  seen: {
    en: "Before: Tunnel forwarding failed. After: the tunnel stands, and alice has never been root.",
    ja: "前なら Tunnel forwarding failed。後ならトンネルが立ち、alice は一度も root にならない。",
  },
  why: {
    en: "The session runs as alice, and it is the kernel that asks for root to make a device. To attach to one, being its owner is enough.",
    ja: "セッションは alice として動き、デバイスを作るのに root を求めるのはカーネル。すでにあるものにつなぐには、持ち主であればよい。",
  },
});

const tunnel = ["ssh", "-v", "-N", "-o", "ExitOnForwardFailure=yes", "-w", "0:0", "alice@server"];

test.for([false, true])("a device of alice's own: %s", async (prepared, { lab, onTestFinished }) => {
  await lab.use({ sshd: "PermitRootLogin no\nPermitTunnel yes\n", accounts: { alice: {} } });
  await lab.home.equip();
  if (prepared) {
    onTestFinished(async () => void (await lab.server.run(["ip", "link", "del", "tun0"])));
    await lab.server.run(["ip", "tuntap", "add", "tun0", "mode", "tun", "user", "alice"]);
  }

  if (prepared) await lab.home.start(tunnel, { says: /tunnel forward established/ });
  else expect(await lab.home.run(tunnel)).toMatchObject({ code: 255, stderr: expect.stringContaining("Tunnel forwarding failed") });
});
