import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "lifetime",
  title: {
    en: "After home's router reboots, visitors wait until home sends something; then the NAT may pick the connection up again",
    ja: "自宅のルーターが再起動すると、自宅から何か送るまで応答がない。その後、NAT が接続を引き継ぐことがある",
  },
  question: {
    en: "The router at home is power-cycled while ssh is connected. Does the forward survive?",
    ja: "ssh がつながったまま、自宅のルーターの電源を入れ直します。転送は使えるままですか。",
  },
  predict: {
    en: "alice's ssh has ServerAliveInterval 1, bob's sends nothing by itself. Whose visitor gets an answer, and when?",
    ja: "alice の ssh には ServerAliveInterval 1 があり、bob の ssh は自わからは何も送りません。誰への接続に、いつ応答がありますか。",
  },
  commands: [
    "home$ ssh -o ServerAliveInterval=1 -R 43234:localhost:80 alice@server",
    "home$ ssh -R 43235:localhost:80 -L 8080:localhost:80 bob@server",
    "server$ curl http://localhost:43234/",
    "server$ curl http://localhost:43235/",
    "home$ curl http://localhost:8080/",
  ],
  seen: {
    en: "alice's at once. bob's waits until someone at home uses his -L. With a NAT that does not pick up running connections, or gives them another port, even alice's connection is lost.",
    ja: "alice への接続にはすぐに応答があります。bob への接続は、自宅で誰かが bob の -L を使うまで待たされます。通信中の接続を引き継がない NAT や、別のポートを割り当てる NAT では、alice の接続も失われます。",
  },
  why: {
    en: "The NAT has forgotten whose port that was and drops what the server sends. A packet from home makes a new entry, usually with the same port.",
    ja: "NAT はポートの対応を忘れ、サーバーからのパケットを破棄します。自宅からパケットを送ると新しい記録ができ、たいていは同じポートになります。",
  },
});

const accounts = { alice: {}, bob: {} };
const asking = ["-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=2"];
const visit = (port: number) => ["curl", "-sSv", `http://localhost:${port}/`];

test("the connection works again once home sends something", async ({ lab }) => {
  await lab.use({ accounts });
  await lab.home.equip();
  await lab.home.serve(80);
  await lab.home.start(["ssh", "-4N", ...asking, "-R", "43234:localhost:80", "alice@server"]);
  await lab.home.start(["ssh", "-4N", "-R", "43235:localhost:80", "-L", "8080:localhost:80", "bob@server"]);
  const open = async () => [...(await lab.server.listeners(43234)), ...(await lab.server.listeners(43235))].length;
  await expect.poll(open, { interval: 50, timeout: 20_000 }).toBe(4);
  // None of bob's packets is in flight, so none makes an entry.
  await expect.poll(() => lab.server.unacknowledged(22), { interval: 20, timeout: 20_000 }).toBe(0);

  await lab.router("home-router").reboot();
  const ofBob = await lab.server.start(visit(43235), { says: /^> GET / });

  expect(await lab.server.run(visit(43234))).toMatchObject({ code: 0 });
  expect(ofBob.lines.map(({ text }) => text)).not.toContainEqual(expect.stringMatching(/^< HTTP/));
  await lab.home.start(["curl", "-sS", "http://localhost:8080/"]);
  expect(await ofBob.exited).toMatchObject({ code: 0 });
});

test("control: a NAT that does not pick up running connections", async ({ lab }) => {
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

test("control: a NAT that assigns another port to each entry", async ({ lab, onTestFinished }) => {
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
