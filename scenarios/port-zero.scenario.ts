import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "-R 0 lets the server choose a free port, the same one for both families, another one for each forward",
    ja: "-R 0 ではサーバーが空きポートを選ぶ。両ファミリーで同じ番号、転送ごとに別の番号",
  },
  question: {
    en: "`ssh -R 0:localhost:3389 server`: which port opens, and who is told?",
    ja: "`ssh -R 0:localhost:3389 server` で開くのはどのポートか。誰に知らされるか。",
  },
  predict: {
    en: "Is it one port or two? Does a second ssh get the same one?",
    ja: "ポートは一つか二つか。二つ目の ssh は同じ番号を得るか。",
  },
  commands: ["home$ ssh -R 0:localhost:3389 server", "server$ ss -ltn"],
  seen: {
    en: "ssh prints the allocated port, the same over IPv4 and IPv6; the second ssh gets another one.",
    ja: "ssh が割り当てられたポートを表示する。IPv4 と IPv6 で同じ番号。二つ目の ssh は別の番号を得る。",
  },
  why: {
    en: "The server's kernel picks a free port for the first socket, sshd takes the same one for the other family and tells the client.",
    ja: "サーバーのカーネルが最初のソケットに空きポートを選び、sshd がもう一方のファミリーにも同じ番号を使い、クライアントに伝える。",
  },
});

test("one port for both families, told to the client", async ({ lab }) => {
  await using first = await lab.home.ssh("-R", "0:localhost:3389");
  await using second = await lab.home.ssh("-R", "0:localhost:3389");

  expect(first.port).toBeGreaterThan(1023);
  expect(first.listeners).toEqual([`127.0.0.1:${first.port}`, `[::1]:${first.port}`]);
  expect(first.outcome.clientLog).toContain(`Allocated port ${first.port} for remote forward to localhost:3389`);
  expect(second.port).not.toBe(first.port);
  await expect(lab.server).toReach(first);
  await expect(lab.internet).toSee(first, "refused", { by: "bind-address" });
});

test("control: a colon before the zero opens it to everybody, where the server lets it", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });
  await using forward = await lab.home.ssh("-R", ":0:localhost:3389");
  await expect(lab.internet).toReach(forward);
});
