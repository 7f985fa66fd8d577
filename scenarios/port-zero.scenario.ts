import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "With -R 0 the server picks a free port: the same one for both families, a different one for each forward",
    ja: "-R 0 では、サーバーが空きポートを選ぶ。両方のファミリーで同じ番号、転送ごとに違う番号",
  },
  question: {
    en: "`ssh -R 0:localhost:3389 server`: which port opens, and who is told?",
    ja: "`ssh -R 0:localhost:3389 server` で開くのはどのポートですか。番号は誰に伝えられますか。",
  },
  predict: {
    en: "Is it one port or two? Does a second ssh get the same one?",
    ja: "ポートは 1 つですか、2 つですか。2 つ目の ssh は同じ番号になりますか。",
  },
  commands: ["home$ ssh -R 0:localhost:3389 server", "server$ ss -ltn"],
  seen: {
    en: "ssh prints the allocated port, the same over IPv4 and IPv6; the second ssh gets another one.",
    ja: "割り当てられたポートを ssh が表示します。IPv4 と IPv6 で同じ番号です。2 つ目の ssh は別の番号になります。",
  },
  why: {
    en: "The server's kernel picks a free port for the first socket; sshd uses the same one for the other family and tells the client.",
    ja: "サーバーのカーネルが、最初のソケットに空きポートを割り当てます。sshd はもう一方のファミリーにも同じ番号を使い、クライアントに伝えます。",
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

test("control: a colon before the zero opens it to everyone, if the server allows it", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });
  await using forward = await lab.home.ssh("-R", ":0:localhost:3389");
  await expect(lab.internet).toReach(forward);
});
