import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "On Debian -X trusts as much as -Y: programs on the server may type into home's windows",
    ja: "Debian の -X は -Y と同じ権限を与える。サーバーのプログラムは、自宅のウィンドウにキー入力できる",
  },
  question: {
    en: "The manual says that -X restricts remote programs and -Y trusts them. What may a program on the server do with each?",
    ja: "マニュアルでは、-X はリモートのプログラムを制限し、-Y は信頼します。サーバーのプログラムには、それぞれ何ができますか。",
  },
  predict: {
    en: "XTEST lets a program type and click for the user. Is it available with -X, with -Y, with -o ForwardX11Trusted=no?",
    ja: "XTEST を使うと、プログラムが利用者の代わりにキー入力やクリックをできます。-X、-Y、-o ForwardX11Trusted=no のそれぞれで使えますか。",
  },
  commands: [
    "home$ ssh -G server | grep -i forwardx11trusted",
    "home$ ssh -X server xdpyinfo",
    "home$ ssh -X -o ForwardX11Trusted=no server xdpyinfo",
  ],
  seen: {
    en: "With both -X and -Y it is there. With ForwardX11Trusted=no the screen is still visible, but XTEST is gone.",
    ja: "-X でも -Y でも使えます。ForwardX11Trusted=no では、画面は見えますが、XTEST は使えません。",
  },
  why: {
    en: "Debian sets ForwardX11Trusted yes in /etc/ssh/ssh_config, because many programs fail without it. Then ssh grants the rights of the real cookie; with no, it creates one for untrusted clients.",
    ja: "多くのプログラムが動かなくなるため、Debian は /etc/ssh/ssh_config で ForwardX11Trusted yes を設定しています。yes では本物のクッキーの権限が与えられ、no では信頼しないクライアント用のクッキーが作られます。",
  },
});

const test = labTest({
  images: { home: "forwardlab/display", server: "forwardlab/display" },
  sshd: "X11Forwarding yes\n",
  accounts: { alice: {} },
});
const size = "1234x567";

test("XTEST with -X, with -Y, and without trust", async ({ lab }) => {
  await lab.home.equip();
  await lab.home.run(["sh", "-c", "xauth -f /root/.ssh/cookie add :7 . $(od -An -N16 -tx1 /dev/urandom | tr -d ' \\n')"]);
  const screen = [
    "Xvfb",
    ":7",
    "-noreset",
    "-screen",
    "0",
    `${size}x24`,
    "-nolisten",
    "tcp",
    "-auth",
    "/root/.ssh/cookie",
    "-displayfd",
    "1",
  ];
  await lab.home.start(screen, { says: /^7$/ });
  const env = { DISPLAY: ":7", XAUTHORITY: "/root/.ssh/cookie" };

  for (const [options, trusted] of [
    [["-X"], true],
    [["-Y"], true],
    [["-X", "-o", "ForwardX11Trusted=no"], false],
  ] as const) {
    const { stdout, stderr } = await lab.home.run(["ssh", ...options, "alice@server", "xdpyinfo"], { env });
    expect.soft(stdout, `${options.join(" ")} ${stderr}`).toContain(size);
    expect.soft(stdout.includes("XTEST"), options.join(" ")).toBe(trusted);
  }
});
