import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-servers",
  title: {
    en: "Through Dropbear -L reaches a Unix socket of the server, also one of Docker's kind; a socket as listener of -R it does not know",
    ja: "Dropbear でも -L はサーバーの Unix ソケットに届く。Docker のようなものにも。-R の待ち受けとしてのソケットは知らない",
  },
  question: {
    en: "Which Unix sockets can a client of Dropbear use?",
    ja: "Dropbear のクライアントが使える Unix ソケットはどれか。",
  },
  predict: {
    en: "`-L 2375:/run/app.sock`, `-R /tmp/x.sock:localhost:3389`, and the first one with -j?",
    ja: "`-L 2375:/run/app.sock`、`-R /tmp/x.sock:localhost:3389`、そして -j のときの前者。それぞれどうなるか。",
  },
  commands: [
    "server# dropbear -F -E -p 2222",
    "home$ ssh -p 2222 -L 2375:/run/app.sock server",
    "home$ ssh -p 2222 -R /tmp/x.sock:localhost:3389 server",
  ],
  seen: {
    en: "The first one reaches the service behind the socket, with the account's rights; -j closes it. The second is refused, while OpenSSH grants it.",
    ja: "前者はアカウントの権限でソケットの先のサービスに届き、-j がそれを閉じる。後者は拒否される。OpenSSH なら許される。",
  },
  why: {
    en: "direct-streamlocal and streamlocal-forward are OpenSSH's extensions; Dropbear has taken over the first one alone. (Measured on 2025.89.)",
    ja: "direct-streamlocal と streamlocal-forward は OpenSSH の拡張。Dropbear が取り入れたのは前者だけ。(2025.89 で測定)",
  },
});

const test = labTest({ images: { server: "forwardlab/dropbear" } });
const dropbear = (switches: string) => [
  "sh",
  "-c",
  `dropbearconvert openssh dropbear /etc/ssh/ssh_host_ed25519_key /tmp/dropbear-key; exec dropbear -F -E -p 2222 -r /tmp/dropbear-key ${switches}`,
];

test("-L to a socket is reached, -R from one is refused", async ({ lab }) => {
  await lab.server.start(dropbear(""), { listensOn: 2222 });

  await using local = await lab.home.ssh("-p 2222 -L 2375:/run/app.sock");
  await expect(lab.home).toReach(local);
  await using remote = await lab.home.ssh("-p 2222 -R /tmp/x.sock:localhost:3389");
  expect(remote.granted).toBe(false);
  await using byOpenSsh = await lab.home.ssh("-R /tmp/x.sock:localhost:3389");
  expect(byOpenSsh.granted).toBe(true);
});

test("control: -j closes -L to a socket, too", async ({ lab }) => {
  await lab.server.start(dropbear("-j"), { listensOn: 2222 });

  await using local = await lab.home.ssh("-p 2222 -L 2375:/run/app.sock");

  await expect(lab.home).toSee(local, "closed", { address: "127.0.0.1" });
});
