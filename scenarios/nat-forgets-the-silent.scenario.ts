import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "A NAT forgets a connection that is silent for too long: the port stays, nobody is answered; ServerAliveInterval keeps it known",
    ja: "NAT は長く黙った接続を忘れる。ポートは残るが誰にも応答がない。ServerAliveInterval があれば覚えられている",
  },
  question: {
    en: "A NAT on the way forgets what is silent for 4 s. Nobody visits the forward for that long. Then somebody does. What happens?",
    ja: "途中の NAT は、4 秒黙った接続を忘れる。その間、転送に訪問者がない。その後に来た訪問者はどうなるか。",
  },
  predict: {
    en: "For alice with ServerAliveInterval 1, and for bob with the defaults, TCPKeepAlive yes among them?",
    ja: "ServerAliveInterval 1 の alice と、TCPKeepAlive yes を含む既定のままの bob。それぞれどうか。",
  },
  commands: [
    "home$ ssh -o ServerAliveInterval=1 -R 43234:localhost:80 alice@server",
    "home$ ssh -R 43235:localhost:80 bob@server",
    "server$ curl http://localhost:43234/",
    "server$ curl http://localhost:43235/",
  ],
  seen: {
    en: "alice's visitor is answered. bob's is accepted and waits: his port still listens, his ssh still runs, neither knows of anything.",
    ja: "alice の訪問者は応答を得る。bob の訪問者は受け付けられ、待つ。ポートは待ち受けたまま、ssh は動いたままで、どちらも何も知らない。",
  },
  why: {
    en: "Without an entry the NAT does not know whose the server's packets are. Real ones forget after minutes; TCPKeepAlive asks after two hours.",
    ja: "記録がなければ、NAT はサーバーからのパケットが誰のものか分からない。実際の NAT は数分で忘れ、TCPKeepAlive が尋ねるのは 2 時間後。",
  },
});

test("bob is forgotten, alice is not", async ({ lab }) => {
  const isp = lab.router("isp");
  await isp.set({ "net.netfilter.nf_conntrack_tcp_timeout_established": 4 });
  await lab.use({ accounts: { alice: {}, bob: {} } });
  await lab.home.equip();
  await lab.home.serve(80);
  const known = async () =>
    (await isp.run(["conntrack", "-L", "-p", "tcp", "--dport", "22", "--state", "ESTABLISHED"])).stdout.match(/sport=22 dport=\d+/g) ?? [];
  await isp.run(["conntrack", "-F"]);
  await lab.home.start(["ssh", "-4N", "-o", "ServerAliveInterval=1", "-R", "43234:localhost:80", "alice@server"]);
  await expect.poll(() => lab.server.listeners(43234), { interval: 50, timeout: 20_000 }).toHaveLength(2);
  const [alice] = await known();
  const bob = await lab.home.start(["ssh", "-4N", "-R", "43235:localhost:80", "bob@server"]);
  await expect.poll(() => lab.server.listeners(43235), { interval: 50, timeout: 20_000 }).toHaveLength(2);
  expect(await known()).toHaveLength(2);

  await expect.poll(known, { interval: 100, timeout: 20_000 }).toEqual([alice]);

  const ofBob = await lab.server.start(["curl", "-sSv", "http://localhost:43235/"], { says: /^> GET / });
  expect(await lab.server.run(["curl", "-sS", "http://localhost:43234/"])).toMatchObject({ code: 0 });
  expect(ofBob.lines.map(({ text }) => text)).not.toContainEqual(expect.stringMatching(/^< HTTP/));
  expect(await lab.server.listeners(43235)).toHaveLength(2);
  expect(await lab.home.run(["pgrep", "-f", "43235:localhost:80"])).toMatchObject({ code: 0 });
  expect(bob.lines).toEqual([]);
  expect(await known()).toEqual([alice]);
});
