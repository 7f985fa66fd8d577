import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-servers",
  title: {
    en: "Dropbear's -I ends a tunnel that nobody uses; -K ends one whose client has gone silent; without either it stays for ever",
    ja: "Dropbear の -I は誰も使わないトンネルを終わらせ、-K は黙ったクライアントのものを終わらせる。どちらもなければいつまでも残る",
  },
  question: {
    en: "A tunnel through Dropbear stands and carries nothing. The line to home breaks. What ends it?",
    ja: "Dropbear を通るトンネルが、何も運ばず立っている。自宅への線が切れる。何がそれを終わらせるか。",
  },
  predict: {
    en: "With -K 1, with -I 2, and with neither: does the port on the server close?",
    ja: "-K 1、-I 2、どちらもなし。それぞれサーバーのポートは閉じるか。",
  },
  commands: [
    "server# dropbear -F -E -p 2222 -K 1",
    "server# dropbear -F -E -p 2222 -I 2",
    "home$ ssh -p 2222 -R 43234:localhost:3389 server",
  ],
  seen: {
    en: "-I cuts a healthy tunnel after two silent seconds. -K leaves it, and closes the port once the line is dead. A server with neither still listens then.",
    ja: "-I は健全なトンネルを二秒の沈黙で切る。-K はそれを残し、線が切れてからポートを閉じる。どちらもないサーバーは、その後もまだ待ち受けている。",
  },
  why: {
    en: "A standing forward is no traffic. -K asks the client and gives up after three questions without an answer, like ClientAliveInterval. (Measured on 2025.89.)",
    ja: "立っているだけの転送は通信ではない。-K はクライアントに尋ね、三回答えがなければ諦める。ClientAliveInterval と同じ。(2025.89 で測定)",
  },
});

const test = labTest({ images: { server: "forwardlab/dropbear" } });
const dropbear = (port: number, switches: string) => [
  "sh",
  "-c",
  `dropbearconvert openssh dropbear /etc/ssh/ssh_host_ed25519_key /tmp/key-${port}; exec dropbear -F -E -p ${port} -r /tmp/key-${port} ${switches}`,
];
const patiently = { timeout: 60_000, interval: 50 };

test("-I: the idle tunnel goes, although all is well; -K leaves it", async ({ lab }) => {
  const idling = await lab.server.start(dropbear(2222, "-I 2"), { listensOn: 2222 });
  await lab.server.start(dropbear(2223, "-K 1"), { listensOn: 2223 });
  await using asked = await lab.home.ssh("-p 2223 -R 43235:localhost:3389");
  await lab.home.ssh("-p 2222 -R 43234:localhost:3389");

  await expect.poll(() => lab.server.listeners(43234), patiently).toEqual([]);

  await idling.waitForLine((text) => (text.includes("Idle timeout") ? true : undefined));
  await expect(lab.server).toReach(asked);
});

test("-K: the port goes when the line is dead; without it the port stays", async ({ lab }) => {
  const asking = await lab.server.start(dropbear(2222, "-K 1"), { listensOn: 2222 });
  await lab.server.start(dropbear(2223, ""), { listensOn: 2223 });
  await lab.home.ssh("-p 2223 -R 43235:localhost:3389");
  await lab.home.ssh("-p 2222 -R 43234:localhost:3389");

  await lab.cut("home");

  await expect.poll(() => lab.server.listeners(43234), patiently).toEqual([]);
  await asking.waitForLine((text) => (text.includes("Keepalive timeout") ? true : undefined));
  expect(await lab.server.listeners(43235)).toEqual(["127.0.0.1:43235", "[::1]:43235"]);
});
