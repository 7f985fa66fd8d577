import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "ssh -X opens home's display to anyone who can read the cookie on the server, such as root",
    ja: "ssh -X を使うと、root などサーバーでクッキーを読める人に自宅の画面が開く",
  },
  question: {
    en: "alice logs in with -X. Who else on the server can draw on her screen at home, and read it?",
    ja: "alice が -X でログインします。サーバーのほかの誰が、自宅の画面に描画したり、内容を見たりできますか。",
  },
  predict: {
    en: "bob? root? And what stops it: AllowTcpForwarding no, X11Forwarding no, DisableForwarding yes, restrict on the key?",
    ja: "bob や root はどうですか。AllowTcpForwarding no、X11Forwarding no、DisableForwarding yes、鍵の restrict のうち、どれで止まりますか。",
  },
  commands: [
    "home$ ssh -X alice@server",
    "server$ ss -ltn 'sport = :6010'",
    "server# runuser -u bob -- env DISPLAY=localhost:10 xwininfo -root",
    "server# XAUTHORITY=~alice/.Xauthority DISPLAY=localhost:10 xwininfo -root",
  ],
  seen: {
    en: "sshd listens on loopback. ssh at home rejects bob; root can see home's screen. AllowTcpForwarding no does not stop it, the other three do.",
    ja: "sshd はループバックで待ち受けます。bob は自宅の ssh に拒否されますが、root は自宅の画面を見られます。AllowTcpForwarding no では止まらず、残りの 3 つでは止まります。",
  },
  why: {
    en: "The display forward is protected by a cookie in alice's home directory on the server, and root can read every file there.",
    ja: "画面の転送を守るのは、サーバーにある alice のホームディレクトリのクッキーです。root は、そこのどのファイルも読めます。",
  },
});

const test = labTest({ images: { home: "forwardlab/display", server: "forwardlab/display" } });
const accounts = { alice: { keys: ["", "restrict"] }, bob: {} };
const size = "1234x567";
const look = ["sh", "-c", "DISPLAY=localhost:10.0 xdpyinfo | grep dimensions"];

test("root sees home's screen, bob does not", async ({ lab }) => {
  await lab.use({ sshd: "X11Forwarding yes\nAllowTcpForwarding no\n", accounts });
  await lab.home.equip();
  await lab.home.run(["sh", "-c", "xauth -f /root/.ssh/cookie add :7 . $(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')"]);
  const screen = ["Xvfb", ":7", "-screen", "0", `${size}x24`, "-nolisten", "tcp", "-auth", "/root/.ssh/cookie", "-displayfd", "1"];
  await lab.home.start(screen, { says: /^7$/ });
  const env = { DISPLAY: ":7", XAUTHORITY: "/root/.ssh/cookie" };

  const ssh = await lab.home.start(["ssh", "-X", "alice@server", "xdpyinfo && sleep infinity"], { env, says: /dimensions/ });

  expect(ssh.lines.map(({ text }) => text).join("\n")).toContain(size);
  expect(await lab.server.listeners(6010)).toEqual(["127.0.0.1:6010", "[::1]:6010"]);
  const byRoot = await lab.server.run(look, { env: { XAUTHORITY: "/home/alice/.Xauthority" } });
  expect(byRoot.stdout).toContain(size);
  const byBob = await lab.server.run(look, { user: "bob", env: { XAUTHORITY: "/home/alice/.Xauthority" } });
  expect(byBob).toMatchObject({ stdout: "", stderr: expect.stringContaining("unable to open display") });
  await ssh.waitForLine((text) => (text.includes("X11 connection rejected because of wrong authentication") ? true : undefined));
});

const shut = [
  { what: "X11Forwarding no", sshd: "X11Forwarding no\n", key: 0 },
  { what: "DisableForwarding yes", sshd: "X11Forwarding yes\nDisableForwarding yes\n", key: 0 },
  { what: "restrict before the key", sshd: "X11Forwarding yes\n", key: 1 },
];

test.for(shut)("control: $what exposes nothing", async ({ sshd, key }, { lab }) => {
  await lab.use({ sshd, accounts: { alice: { keys: [accounts.alice.keys[key] as string] } } });
  await lab.home.equip();
  await lab.home.run(["sh", "-c", "xauth -f /root/.ssh/cookie add :7 . 00112233445566778899aabbccddeeff"]);
  const env = { DISPLAY: ":7", XAUTHORITY: "/root/.ssh/cookie" };

  const ssh = await lab.home.run(["ssh", "-X", "alice@server", "echo DISPLAY=$DISPLAY"], { env });

  expect(ssh).toMatchObject({ code: 0, stdout: "DISPLAY=\n", stderr: expect.stringContaining("X11 forwarding request failed") });
});
