import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-servers",
  title: {
    en: "Dropbear's -I ends a tunnel that nobody uses, -K one whose client has gone silent; with neither it stays",
    ja: "Dropbear の -I は使われていないトンネルを、-K は応答のないクライアントのトンネルを終了させる。どちらもなければ残る",
  },
  question: {
    en: "A tunnel through Dropbear is up but idle. The line to home breaks. What ends the tunnel?",
    ja: "Dropbear を通るトンネルは開いていますが、通信はありません。自宅への回線が切れると、何がトンネルを終了させますか。",
  },
  predict: {
    en: "With -K 1, with -I 2, with neither: does the port on the server close?",
    ja: "-K 1 の場合、-I 2 の場合、どちらもない場合、サーバーのポートは閉じますか。",
  },
  commands: [
    "server# dropbear -F -E -p 2222 -K 1",
    "server# dropbear -F -E -p 2222 -I 2",
    "home$ ssh -p 2222 -R 43234:localhost:3389 server",
  ],
  seen: {
    en: "-I ends even a healthy tunnel after two idle seconds. -K keeps it and closes the port once the line is dead. A server with neither is still listening then.",
    ja: "-I は、正常なトンネルでも 2 秒間通信がなければ切断します。-K は切断せず、回線が切れてからポートを閉じます。どちらもないサーバーは、その後も待ち受けています。",
  },
  why: {
    en: "An open forward alone is no traffic. -K probes the client and gives up after three probes without an answer, like ClientAliveInterval. (Measured on 2025.89.)",
    ja: "転送は、開いているだけでは通信になりません。-K は ClientAliveInterval と同様にクライアントへ確認を送り、3 回応答がなければ諦めます。（2025.89 で測定）",
  },
});

const test = labTest({ images: { server: "forwardlab/dropbear" } });
const dropbear = (port: number, switches: string) => [
  "sh",
  "-c",
  `dropbearconvert openssh dropbear /etc/ssh/ssh_host_ed25519_key /tmp/key-${port}; exec dropbear -F -E -p ${port} -r /tmp/key-${port} ${switches}`,
];
const patiently = { timeout: 60_000, interval: 50 };

test("-I ends a healthy but idle tunnel; -K keeps it", async ({ lab }) => {
  const idling = await lab.server.start(dropbear(2222, "-I 2"), { listensOn: 2222 });
  await lab.server.start(dropbear(2223, "-K 1"), { listensOn: 2223 });
  await using asked = await lab.home.ssh("-p 2223 -R 43235:localhost:3389");
  await lab.home.ssh("-p 2222 -R 43234:localhost:3389");

  await expect.poll(() => lab.server.listeners(43234), patiently).toEqual([]);

  await idling.waitForLine((text) => (text.includes("Idle timeout") ? true : undefined));
  await expect(lab.server).toReach(asked);
});

test("-K closes the port when the line is dead; without it the port stays", async ({ lab }) => {
  const asking = await lab.server.start(dropbear(2222, "-K 1"), { listensOn: 2222 });
  await lab.server.start(dropbear(2223, ""), { listensOn: 2223 });
  await lab.home.ssh("-p 2223 -R 43235:localhost:3389");
  await lab.home.ssh("-p 2222 -R 43234:localhost:3389");

  await lab.cut("home");

  await expect.poll(() => lab.server.listeners(43234), patiently).toEqual([]);
  await asking.waitForLine((text) => (text.includes("Keepalive timeout") ? true : undefined));
  expect(await lab.server.listeners(43235)).toEqual(["127.0.0.1:43235", "[::1]:43235"]);
});
