import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: {
    en: "A dead, unreachable or denied target of -L looks the same to its clients: accepted, then closed",
    ja: "-L の転送先が停止中でも、到達不能でも、拒否されていても、接続する側には同じに見える",
  },
  question: {
    en: "Three -L lead to a port where nothing runs, a host that is down, and a running service that PermitOpen denies. What does curl at home see?",
    ja: "3 つの -L の転送先は、何も動いていないポート、停止中のホスト、PermitOpen が拒否する動作中のサービスです。自宅の curl ではどう見えますか。",
  },
  predict: {
    en: "Refused, a timeout, an empty reply? And what does ssh print for each?",
    ja: "接続拒否、タイムアウト、空の応答のどれですか。ssh はそれぞれ何を表示しますか。",
  },
  commands: [
    "home$ ssh -L 8081:localhost:81 -L 8082:198.51.100.99:80 -L 8083:localhost:80 alice@server",
    "home$ curl http://localhost:8081/",
    "home$ curl http://localhost:8082/",
    "home$ curl http://localhost:8083/",
    "home$ ssh -L 8083:localhost:80 bob@server",
  ],
  seen: {
    en: "Three times a connection that is then closed, the second after some seconds. ssh prints `Connection refused`, `No route to host`, and for the denied one `administratively prohibited`.",
    ja: "3 つとも、接続された後に切断されます。2 つ目だけは数秒かかります。ssh は順に `Connection refused`、`No route to host`、`administratively prohibited` と表示します。",
  },
  why: {
    en: "ssh accepts before it asks the server to connect. The result appears only on ssh's own standard error, which -f or a supervisor may hide.",
    ja: "ssh は、サーバーに接続を要求する前に接続を受け付けます。結果は ssh の標準エラーにしか出ず、-f や監視ツールの下では見えないことがあります。",
  },
});

test("three times nothing, and what ssh says about each", async ({ lab }) => {
  await lab.use({
    sshd: "Match User alice\n  PermitOpen localhost:81 198.51.100.99:80\n",
    accounts: { alice: {}, bob: {} },
  });
  await lab.home.equip();
  await lab.server.serve(80);
  const targets = ["-L", "8081:localhost:81", "-L", "8082:198.51.100.99:80", "-L", "8083:localhost:80"];
  const ssh = await lab.home.start(["ssh", "-N", ...targets, "alice@server"], { listensOn: 8083 });

  const reasons = {
    8081: "connect failed: Connection refused",
    8082: "connect failed: No route to host",
    8083: "administratively prohibited",
  };
  for (const [port, reason] of Object.entries(reasons)) {
    const curl = await lab.home.run(["curl", "-sSv", `http://127.0.0.1:${port}/`]);
    expect(curl).toMatchObject({ stdout: "", stderr: expect.stringContaining("> GET / ") });
    const [emptyReply, reset] = [52, 56];
    expect([emptyReply, reset]).toContain(curl.code);
    expect(await ssh.waitForLine((text) => text.includes(reason) || undefined)).toBe(true);
  }
});

test("control: the denied service is running, and answers bob", async ({ lab }) => {
  await lab.use({ sshd: "Match User alice\n  PermitOpen localhost:81\n", accounts: { alice: {}, bob: {} } });
  await using denied = await lab.home.ssh("-L", "8083:localhost:80", { as: "alice" });
  await using allowed = await lab.home.ssh("-L", "8084:localhost:80", { as: "bob" });
  await expect(lab.home).toSee(denied, "closed", { address: "127.0.0.1", by: "sshd-policy" });
  await expect(lab.home).toReach(allowed);
});
