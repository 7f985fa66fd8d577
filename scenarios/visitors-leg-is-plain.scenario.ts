import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "A remote forward encrypts between home and the server alone; the visitor's leg is as plain as the protocol",
    ja: "リモート転送が暗号化するのは自宅とサーバーの間だけ。訪問者とサーバーの間は、そのプロトコルの平文のまま",
  },
  question: {
    en: "A visitor sends a password over HTTP to the forwarded port. Who on the way can read it?",
    ja: "訪問者が、転送されたポートに HTTP でパスワードを送る。途中の誰が読めるか。",
  },
  predict: {
    en: "A router between visitor and server, one between server and home, root on the server? And if the visitor comes by ssh, too?",
    ja: "訪問者とサーバーの間のルーター、サーバーと自宅の間のルーター、サーバーの root。訪問者も ssh で来たらどうなるか。",
  },
  commands: [
    "home$ ssh -R :8080:localhost:80 server",
    "other-lan$ curl -u alice:open-sesame http://server:8080/",
    "core# tcpdump -A -i any port 8080 or port 22",
  ],
  seen: {
    en: "Before the server all can read it, behind it nobody. A visitor who comes by ssh is read on the server alone, by root.",
    ja: "サーバーの手前では誰でも読め、その先では誰も読めない。訪問者も ssh で来れば、読めるのはサーバーの root だけ。",
  },
  why: {
    en: "ssh and sshd encrypt between each other. At the forwarded port sshd speaks plain TCP; only TLS that ends at home hides it there, too.",
    ja: "暗号化するのは ssh と sshd の間。転送されたポートで sshd が話すのは素の TCP で、そこも隠せるのは自宅で終わる TLS だけ。",
  },
});

/** alice:open-sesame, as HTTP sends it. */
const password = "YWxpY2U6b3Blbi1zZXNhbWU=";
const visit = (url: string) => ["curl", "-sS", "-u", "alice:open-sesame", url];
const readable = (packet: string) => packet.includes(password);
const of = (address: string) => (packet: string) => packet.includes(` ${address}.`) && !packet.includes("length 0");
const home = "203.0.113.7";
const visitor = "203.0.113.50";

test("the visitor's leg is readable, home's is not", async ({ lab }) => {
  await lab.use({ sshd: "GatewayPorts clientspecified\n" });
  const web = await lab.home.serve(80);
  await using _forward = await lab.home.ssh("-R", ":8080:localhost:80");
  const wire = await lab.capture("core", "ip and tcp");

  const { stdout } = await lab.otherLan.run(visit("http://198.51.100.10:8080/hello"));
  expect(stdout).toContain(web.identity);

  // The answer passes last, after all that went to home and back.
  await expect.poll(() => wire.packets.some((packet) => packet.includes(web.identity))).toBe(true);
  expect(wire.packets.filter(of(visitor)).some(readable)).toBe(true);
  expect(wire.packets.filter(of(home))).not.toEqual([]);
  expect(wire.packets.filter(of(home)).filter(readable)).toEqual([]);
});

test("control: a visitor who comes by ssh is read on the server alone", async ({ lab }) => {
  const web = await lab.home.serve(80);
  await using _forward = await lab.home.ssh("-R", "8080:localhost:80");
  await using _visitor = await lab.otherLan.ssh("-L", "8080:localhost:8080", { service: false });
  const [wire, server] = await Promise.all([lab.capture("core", "ip and tcp"), lab.capture("server", "tcp port 8080")]);

  const { stdout } = await lab.otherLan.run(visit("http://localhost:8080/hello"));
  expect(stdout).toContain(web.identity);

  await expect.poll(() => server.packets.some(readable)).toBe(true);
  // What passes later than all of that: a knock on a port where nobody listens.
  await lab.otherLan.run(["curl", "-4", "http://server:9/"]);
  await expect.poll(() => wire.packets.some((packet) => packet.includes(".9 > "))).toBe(true);
  expect(wire.packets.filter(of(visitor))).not.toEqual([]);
  expect(wire.packets.filter(of(home))).not.toEqual([]);
  expect(wire.packets.filter(readable)).toEqual([]);
});
