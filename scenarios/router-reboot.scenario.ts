import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "After a reboot of home's router visitors wait until home speaks; then the old connection works again, if the NAT takes it up",
    ja: "自宅のルーターが再起動すると、訪問者は自宅が話すまで待つ。NAT が引き継げば、元の接続はまた使える",
  },
  question: {
    en: "The router at home is switched off and on again, while ssh stands. Does the forward survive?",
    ja: "ssh がつながったまま、自宅のルーターの電源を切って入れ直す。転送は生き残るか。",
  },
  predict: {
    en: "alice's ssh has ServerAliveInterval 1, bob's says nothing by itself. Whose visitor is answered, and when?",
    ja: "alice の ssh には ServerAliveInterval 1 があり、bob の ssh は自分からは話さない。誰の訪問者が、いつ応答を得るか。",
  },
  commands: [
    "home$ ssh -o ServerAliveInterval=1 -R 43234:localhost:80 alice@server",
    "home$ ssh -R 43235:localhost:80 -L 8080:localhost:80 bob@server",
    "server$ curl http://localhost:43234/",
    "server$ curl http://localhost:43235/",
    "home$ curl http://localhost:8080/",
  ],
  seen: {
    en: "alice's at once. bob's waits until somebody at home uses his -L. With a NAT that takes up no running connection, or gives it another port, both are lost.",
    ja: "alice の訪問者はすぐ。bob の訪問者は、自宅で誰かが bob の -L を使うまで待つ。通信中の接続を引き継がない NAT や、別のポートを与える NAT では、どちらも失われる。",
  },
  why: {
    en: "The NAT has forgotten whose port that was, and drops what the server sends. A packet from home makes a new entry, most often with the same port.",
    ja: "NAT はどのポートが誰のものかを忘れ、サーバーから来るものを捨てる。自宅からのパケットが新しい記録を作り、たいていポートも同じになる。",
  },
});

const accounts = { alice: {}, bob: {} };
const asking = ["-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2"];
const visit = (port: number) => ["curl", "-sSv", `http://localhost:${port}/`];

test("who speaks at home is found again", async ({ lab }) => {
  await lab.use({ accounts });
  await lab.home.equip();
  await lab.home.serve(80);
  await lab.home.start(["ssh", "-4N", ...asking, "-R", "43234:localhost:80", "alice@server"]);
  await lab.home.start(["ssh", "-4N", "-R", "43235:localhost:80", "-L", "8080:localhost:80", "bob@server"]);
  const open = async () => [...(await lab.server.listeners(43234)), ...(await lab.server.listeners(43235))].length;
  await expect.poll(open, { interval: 50, timeout: 20_000 }).toBe(4);
  // No packet of bob's is on its way, so none makes an entry.
  await expect.poll(() => lab.server.unacknowledged(22), { interval: 20, timeout: 20_000 }).toBe(0);

  await lab.router("home-router").reboot();
  const ofBob = await lab.server.start(visit(43235), { says: /^> GET / });

  expect(await lab.server.run(visit(43234))).toMatchObject({ code: 0 });
  expect(ofBob.lines.map(({ text }) => text)).not.toContainEqual(expect.stringMatching(/^< HTTP/));
  await lab.home.start(["curl", "-sS", "http://localhost:8080/"]);
  expect(await ofBob.exited).toMatchObject({ code: 0 });
});

test("control: a NAT that wants to see connections begin", async ({ lab }) => {
  await lab.use({ accounts });
  await lab.router("home-router").set({ "net.netfilter.nf_conntrack_tcp_loose": 0 });
  await lab.home.equip();
  const ssh = await lab.home.start(["ssh", "-4N", ...asking, "-R", "43234:localhost:80", "alice@server"]);
  await expect.poll(() => lab.server.listeners(43234), { interval: 50, timeout: 20_000 }).toHaveLength(2);

  await lab.router("home-router").reboot();

  expect(await ssh.exited).toMatchObject({ code: 255 });
  expect(ssh.lines.at(-1)?.text).toBe("Timeout, server server not responding.");
  expect(await lab.server.listeners(43234)).toHaveLength(2);
});

test("control: a NAT that gives every entry another port", async ({ lab, onTestFinished }) => {
  await lab.use({ accounts });
  const router = lab.router("home-router");
  const masquerade = (how: string) =>
    router.run(["nft", `flush chain ip nat postrouting; add rule ip nat postrouting oifname "uplink" masquerade ${how}`]);
  expect(await masquerade("random")).toMatchObject({ code: 0 });
  onTestFinished(async () => {
    await masquerade("");
  });
  await lab.home.equip();
  const ssh = await lab.home.start(["ssh", "-4N", ...asking, "-R", "43234:localhost:80", "alice@server"]);
  await expect.poll(() => lab.server.listeners(43234), { interval: 50, timeout: 20_000 }).toHaveLength(2);

  await router.reboot();

  expect(await ssh.exited).toMatchObject({ code: 255 });
  expect(ssh.lines.map(({ text }) => text)).toContainEqual(expect.stringContaining("Connection reset by peer"));
  expect(await lab.server.listeners(43234)).toHaveLength(2);
});
