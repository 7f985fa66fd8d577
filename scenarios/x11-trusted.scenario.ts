import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "On Debian -X is as trusting as -Y: programs on the server may type into home's windows; ForwardX11Trusted=no takes that away",
    ja: "Debian の -X は -Y と同じく相手を信用し、サーバーのプログラムは自宅の画面に打ち込める。それを取り上げるのは ForwardX11Trusted=no",
  },
  question: {
    en: "The manual calls -X the careful one and -Y the trusting one. What may a program on the server do with each?",
    ja: "マニュアルでは、慎重なのが -X、相手を信用するのが -Y。サーバーのプログラムには、それぞれ何ができるか。",
  },
  predict: {
    en: "Is XTEST, by which a program types and clicks for the user, offered with -X, with -Y, with -o ForwardX11Trusted=no?",
    ja: "利用者に代わって打鍵やクリックをする XTEST は、-X、-Y、-o ForwardX11Trusted=no のそれぞれで使えるか。",
  },
  commands: [
    "home$ ssh -G server | grep -i forwardx11trusted",
    "home$ ssh -X server xdpyinfo",
    "home$ ssh -X -o ForwardX11Trusted=no server xdpyinfo",
  ],
  seen: {
    en: "With -X and -Y alike it is there. With ForwardX11Trusted=no the screen is seen as before, and XTEST is not.",
    ja: "-X でも -Y でも使える。ForwardX11Trusted=no なら、画面は同じように見えるが XTEST はない。",
  },
  why: {
    en: "Debian's /etc/ssh/ssh_config says ForwardX11Trusted yes, as many programs fail without. Then ssh hands on the real cookie's rights; with no it makes one for untrusted programs.",
    ja: "多くのプログラムが動かなくなるため、Debian の /etc/ssh/ssh_config は ForwardX11Trusted yes にしている。no なら、ssh は信用しない相手用のクッキーを作って渡す。",
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
