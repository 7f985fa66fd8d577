import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "A remote forward encrypts only between home and the server; between visitor and server the protocol stays as it is",
    ja: "リモート転送が暗号化するのは自宅とサーバーの間だけ。接続元とサーバーの間は、元のプロトコルのまま",
  },
  question: {
    en: "A visitor sends a password over HTTP to the forwarded port. Who on the way can read it?",
    ja: "利用者が、転送ポートに HTTP でパスワードを送ります。途中で読めるのは誰ですか。",
  },
  predict: {
    en: "A router between visitor and server? One between server and home? root on the server? And if the visitor also comes over ssh?",
    ja: "利用者とサーバーの間のルーター、サーバーと自宅の間のルーター、サーバーの root はどうですか。利用者も ssh で接続するとどうなりますか。",
  },
  commands: [
    "home$ ssh -R :8080:localhost:80 server",
    "other-lan$ curl -u alice:open-sesame http://server:8080/",
    "core# tcpdump -A -i any port 8080 or port 22",
  ],
  seen: {
    en: "On the way to the server everyone can read it, from there to home nobody. If the visitor comes over ssh, only root on the server can.",
    ja: "サーバーまでの区間では誰でも読め、サーバーから自宅までは誰も読めません。利用者も ssh で接続すれば、読めるのはサーバーの root だけです。",
  },
  why: {
    en: "Encryption runs between ssh and sshd. On the forwarded port sshd speaks plain TCP; only TLS that ends at home also covers that part.",
    ja: "暗号化されるのは ssh と sshd の間です。転送ポートでは、sshd は平文の TCP を話します。そこも保護できるのは、自宅で終端する TLS だけです。",
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

  // The reply passes last, after everything that went to home and back.
  await expect.poll(() => wire.packets.some((packet) => packet.includes(web.identity))).toBe(true);
  expect(wire.packets.filter(of(visitor)).some(readable)).toBe(true);
  expect(wire.packets.filter(of(home))).not.toEqual([]);
  expect(wire.packets.filter(of(home)).filter(readable)).toEqual([]);
});

test("control: if the visitor comes over ssh, only the server can read it", async ({ lab }) => {
  const web = await lab.home.serve(80);
  await using _forward = await lab.home.ssh("-R", "8080:localhost:80");
  await using _visitor = await lab.otherLan.ssh("-L", "8080:localhost:8080", { service: false });
  const [wire, server] = await Promise.all([lab.capture("core", "ip and tcp"), lab.capture("server", "tcp port 8080")]);

  const { stdout } = await lab.otherLan.run(visit("http://localhost:8080/hello"));
  expect(stdout).toContain(web.identity);

  await expect.poll(() => server.packets.some(readable)).toBe(true);
  // A packet that passes after all of that: to a port where nothing listens.
  await lab.otherLan.run(["curl", "-4", "http://server:9/"]);
  await expect.poll(() => wire.packets.some((packet) => packet.includes(".9 > "))).toBe(true);
  expect(wire.packets.filter(of(visitor))).not.toEqual([]);
  expect(wire.packets.filter(of(home))).not.toEqual([]);
  expect(wire.packets.filter(readable)).toEqual([]);
});
