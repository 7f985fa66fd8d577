import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "A NAT forgets an idle connection: the port stays open, but nobody gets an answer; ServerAliveInterval prevents it",
    ja: "NAT はアイドル状態の接続を忘れる。ポートは開いたままでも応答はない。ServerAliveInterval で防げる",
  },
  question: {
    en: "A NAT on the way forgets connections after 4 s of silence. Nobody uses the forward that long; then someone does. What happens?",
    ja: "途中の NAT は、通信が 4 秒ない接続を忘れます。その間、転送は使われませんでした。その後で接続するとどうなりますか。",
  },
  predict: {
    en: "For alice with ServerAliveInterval 1? For bob with the defaults, which include TCPKeepAlive yes?",
    ja: "ServerAliveInterval 1 の alice と、TCPKeepAlive yes を含む既定のままの bob では、それぞれどうなりますか。",
  },
  commands: [
    "home$ ssh -o ServerAliveInterval=1 -R 43234:localhost:80 alice@server",
    "home$ ssh -R 43235:localhost:80 bob@server",
    "server$ curl http://localhost:43234/",
    "server$ curl http://localhost:43235/",
  ],
  seen: {
    en: "alice's visitor gets an answer. bob's is accepted and waits: his port still listens, his ssh still runs, and neither notices anything.",
    ja: "alice への接続には応答があります。bob への接続は受け付けられますが、待たされます。ポートも ssh もそのままで、どちらも異常に気付きません。",
  },
  why: {
    en: "Without an entry, the NAT cannot tell where the server's packets belong. Real NATs often forget within minutes; TCPKeepAlive first probes after two hours.",
    ja: "記録がなければ、NAT はサーバーからのパケットの宛先がわかりません。実際の NAT は数分で忘れることも多いのですが、TCPKeepAlive が最初に確認するのは 2 時間後です。",
  },
});

test("bob is forgotten, alice is not", async ({ lab }) => {
  const isp = lab.router("isp");
  await isp.set({ "net.netfilter.nf_conntrack_tcp_timeout_established": 4 });
  await lab.use({ accounts: { alice: {}, bob: {} } });
  await lab.home.equip();
  const known = async () =>
    (await isp.run(["conntrack", "-L", "-p", "tcp", "--dport", "22", "--state", "ESTABLISHED"])).stdout.match(/sport=22 dport=\d+/g) ?? [];
  await isp.run(["conntrack", "-F"]);
  await using ofAlice = await lab.home.ssh("-4", "-o", "ServerAliveInterval=1", "-R", "43234:localhost:80");
  const [alice] = await known();
  const bob = await lab.home.start(["ssh", "-4N", "-R", "43235:localhost:80", "bob@server"]);
  await expect.poll(() => lab.server.listeners(43235), { interval: 50, timeout: 20_000 }).toHaveLength(2);
  expect(await known()).toHaveLength(2);

  await expect.poll(known, { interval: 100, timeout: 20_000 }).toEqual([alice]);

  const ofBob = await lab.server.start(["curl", "-sSv", "http://localhost:43235/"], { says: /^> GET / });
  await expect(lab.server).toReach(ofAlice);
  expect(ofBob.lines.map(({ text }) => text)).not.toContainEqual(expect.stringMatching(/^< HTTP/));
  expect(await lab.server.listeners(43235)).toHaveLength(2);
  expect(await lab.home.run(["pgrep", "-f", "43235:localhost:80"])).toMatchObject({ code: 0 });
  expect(bob.lines).toEqual([]);
  expect(await known()).toEqual([alice]);
});
