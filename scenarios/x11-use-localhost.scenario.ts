import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "X11UseLocalhost no opens a port of the server to everyone; only a cookie then protects the screen at home",
    ja: "X11UseLocalhost no は、サーバーのポートを全員に開く。自宅の画面を守るのはクッキーだけになる",
  },
  question: {
    en: "alice logs in with -X, and the server has X11UseLocalhost no. Can someone on another LAN see her screen?",
    ja: "alice が -X でログインします。サーバーの設定は X11UseLocalhost no です。別の LAN から alice の画面を見られますか。",
  },
  predict: {
    en: "Without the cookie? With a copy of it? And with X11UseLocalhost yes, or a firewall?",
    ja: "クッキーがない場合と、コピーがある場合はどうですか。X11UseLocalhost yes やファイアウォールがあるとどうなりますか。",
  },
  commands: [
    "home$ ssh -X alice@server",
    "server$ ss -ltn 'sport = :6010'; xauth list",
    "other-lan$ xauth add 198.51.100.10:10 . COOKIE; DISPLAY=198.51.100.10:10 xwininfo -root",
  ],
  seen: {
    en: "Without the right cookie, ssh at home rejects them; with it they see the screen. With yes, the default, or a firewall, they cannot reach the port at all.",
    ja: "正しいクッキーがなければ自宅の ssh に拒否され、あれば画面が見えます。既定の yes やファイアウォールがあれば、ポートにも届きません。",
  },
  why: {
    en: "The setting is the GatewayPorts of displays. Between that program and the server, the cookie crosses the network in the clear.",
    ja: "この設定は、画面にとっての GatewayPorts です。クッキーは、そのプログラムとサーバーの間を平文で流れます。",
  },
});

const test = labTest({ images: { home: "forwardlab/display", server: "forwardlab/display", "other-lan": "forwardlab/display" } });
const size = "1234x567";
const sshAlone = `
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
  }
}
`;
const look = `rm -f /tmp/copy; xauth -q -f /tmp/copy add "198.51.100.10:$1" . "$2"
XAUTHORITY=/tmp/copy DISPLAY="198.51.100.10:$1" timeout "$3" xdpyinfo 2>&1; [ $? != 124 ] || echo timed out`;
const everywhere = ["0.0.0.0", "[::]"];
const table = [
  { useLocalhost: "no", firewall: null, listeners: everywhere, patience: 20, seen: size },
  { useLocalhost: "yes", firewall: null, listeners: ["127.0.0.1", "[::1]"], patience: 20, seen: "unable to open display" },
  { useLocalhost: "no", firewall: sshAlone, listeners: everywhere, patience: 2, seen: "timed out" },
];

test.for(table)("X11UseLocalhost $useLocalhost: $seen", async ({ useLocalhost, firewall, listeners, patience, seen }, { lab }) => {
  await lab.use({ sshd: `X11Forwarding yes\nX11UseLocalhost ${useLocalhost}\n`, firewall, accounts: { alice: {} } });
  await lab.home.equip();
  await lab.home.run(["sh", "-c", "xauth -f /root/.ssh/cookie add :7 . $(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')"]);
  const screen = ["Xvfb", ":7", "-screen", "0", `${size}x24`, "-nolisten", "tcp", "-auth", "/root/.ssh/cookie", "-displayfd", "1"];
  await lab.home.start(screen, { says: /^7$/ });
  await lab.server.run(["rm", "-f", "/home/alice/.Xauthority"]);
  const env = { DISPLAY: ":7", XAUTHORITY: "/root/.ssh/cookie" };
  const ssh = await lab.home.start(["ssh", "-X", "alice@server", "xdpyinfo && echo DISPLAY=$DISPLAY && xauth list && sleep infinity"], {
    env,
    says: /MAGIC-COOKIE/,
  });
  // Not always 10: unless sshd binds only loopback, it skips a port that was in use a moment ago.
  const display = await ssh.waitForLine((text) => /^DISPLAY=.*:(\d+)/.exec(text)?.[1]);
  const port = 6000 + Number(display);
  expect(await lab.server.listeners(port)).toEqual(listeners.map((address) => `${address}:${port}`));
  const cookie = await ssh.waitForLine((text) => /MAGIC-COOKIE-1 +([0-9a-f]{32})/.exec(text)?.[1]);
  const guess = cookie.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));

  const lookWith = async (word: string) => (await lab.otherLan.run(["sh", "-c", look, "sh", display, word, String(patience)])).stdout;

  expect(await lookWith(cookie)).toContain(seen);
  expect(await lookWith(guess)).not.toContain(size);
});
