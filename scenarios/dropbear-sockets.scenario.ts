import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-servers",
  title: {
    en: "Through Dropbear, -L reaches a Unix socket on the server, such as Docker's; -R cannot listen on one",
    ja: "Dropbear でも、-L は Docker のようなサーバー上の Unix ソケットに接続できる。-R ではソケットで待ち受けられない",
  },
  question: {
    en: "Which Unix sockets can a client of Dropbear use?",
    ja: "Dropbear のクライアントは、どの Unix ソケットを使えますか。",
  },
  predict: {
    en: "`-L 2375:/run/app.sock`? `-R /tmp/x.sock:localhost:3389`? And the first one with -j?",
    ja: "`-L 2375:/run/app.sock` と `-R /tmp/x.sock:localhost:3389` はどうなりますか。-j を付けたときの前者はどうですか。",
  },
  commands: [
    "server# dropbear -F -E -p 2222",
    "home$ ssh -p 2222 -L 2375:/run/app.sock server",
    "home$ ssh -p 2222 -R /tmp/x.sock:localhost:3389 server",
  ],
  seen: {
    en: "The first reaches the service behind the socket, with the account's permissions; -j closes it. The second is refused, while OpenSSH grants it.",
    ja: "前者はアカウントの権限でソケットの先のサービスに届き、-j を付けると切断されます。後者は OpenSSH なら許可されますが、拒否されます。",
  },
  why: {
    en: "direct-streamlocal and streamlocal-forward are OpenSSH extensions; Dropbear supports only the first. (Measured on 2025.89.)",
    ja: "direct-streamlocal と streamlocal-forward は OpenSSH の拡張です。Dropbear が対応しているのは前者だけです。（2025.89 で測定）",
  },
});

const test = labTest({ images: { server: "forwardlab/dropbear" } });
const dropbear = (switches: string) => [
  "sh",
  "-c",
  `dropbearconvert openssh dropbear /etc/ssh/ssh_host_ed25519_key /tmp/dropbear-key; exec dropbear -F -E -p 2222 -r /tmp/dropbear-key ${switches}`,
];

test("-L to a socket is reached, -R on one is refused", async ({ lab }) => {
  await lab.server.start(dropbear(""), { listensOn: 2222 });

  await using local = await lab.home.ssh("-p 2222 -L 2375:/run/app.sock");
  await expect(lab.home).toReach(local);
  await using remote = await lab.home.ssh("-p 2222 -R /tmp/x.sock:localhost:3389");
  expect(remote.granted).toBe(false);
  await using byOpenSsh = await lab.home.ssh("-R /tmp/x.sock:localhost:3389");
  expect(byOpenSsh.granted).toBe(true);
});

test("control: -j closes -L to a socket too", async ({ lab }) => {
  await lab.server.start(dropbear("-j"), { listensOn: 2222 });

  await using local = await lab.home.ssh("-p 2222 -L 2375:/run/app.sock");

  await expect(lab.home).toSee(local, "closed", { address: "127.0.0.1" });
});
