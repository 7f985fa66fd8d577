import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "ssh -X lends home's display to whoever can read the cookie on the server: to root there, not to another account",
    ja: "ssh -X は、サーバーでクッキーを読める者に自宅の画面を貸す。root には貸し、ほかのアカウントには貸さない",
  },
  question: {
    en: "alice logs in with -X. Who else on the server can draw on her screen at home, and read it?",
    ja: "alice が -X でログインする。サーバーのほかの誰が、自宅の画面に描き、それを読めるか。",
  },
  predict: {
    en: "bob, root? And what stops it: AllowTcpForwarding no, X11Forwarding no, DisableForwarding yes, restrict before the key?",
    ja: "bob はどうか。root はどうか。AllowTcpForwarding no、X11Forwarding no、DisableForwarding yes、鍵の前の restrict のどれで止まるか。",
  },
  commands: [
    "home$ ssh -X alice@server",
    "server$ ss -ltn 'sport = :6010'",
    "server# runuser -u bob -- env DISPLAY=localhost:10 xwininfo -root",
    "server# XAUTHORITY=~alice/.Xauthority DISPLAY=localhost:10 xwininfo -root",
  ],
  seen: {
    en: "sshd listens on loopback. bob is turned away by ssh at home; root looks at home's screen. AllowTcpForwarding no stops nothing here, the other three do.",
    ja: "sshd はループバックで待ち受ける。bob は自宅の ssh に追い返され、root は自宅の画面を見る。AllowTcpForwarding no では何も止まらず、残る三つなら止まる。",
  },
  why: {
    en: "The display is a forward with a password: a cookie in alice's home folder on the server. Root reads every file there.",
    ja: "画面の転送は合言葉付きで、それはサーバーの alice のホームにあるクッキー。root はそこのどのファイルも読める。",
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

test.for(shut)("control: $what lends nothing", async ({ sshd, key }, { lab }) => {
  await lab.use({ sshd, accounts: { alice: { keys: [accounts.alice.keys[key] as string] } } });
  await lab.home.equip();
  await lab.home.run(["sh", "-c", "xauth -f /root/.ssh/cookie add :7 . 00112233445566778899aabbccddeeff"]);
  const env = { DISPLAY: ":7", XAUTHORITY: "/root/.ssh/cookie" };

  const ssh = await lab.home.run(["ssh", "-X", "alice@server", "echo DISPLAY=$DISPLAY"], { env });

  expect(ssh).toMatchObject({ code: 0, stdout: "DISPLAY=\n", stderr: expect.stringContaining("X11 forwarding request failed") });
});
