import { articleLab, expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "alternatives",
  title: {
    en: "A relay that holds the certificate reads everything, although every link is encrypted; TLS that ends at home prevents it",
    ja: "証明書を持つ中継サービスは、全区間が暗号化されていても内容を読める。自宅で TLS を終端すれば読めない",
  },
  question: {
    en: "A visitor sends a password over HTTPS through a relay with a valid certificate. Who can read it on the way?",
    ja: "有効な証明書を持つ中継サービスを通して、利用者が HTTPS でパスワードを送ります。途中で読めるのは誰ですか。",
  },
  predict: {
    en: "A router on the way? The relay's operator? And with ssh -R and TLS at home: the server, the relay?",
    ja: "途中のルーターと中継サービスの運営者はどうですか。ssh -R を使い、自宅で TLS を終端すると、サーバーと中継サービスには何が見えますか。",
  },
  commands: [
    "relay$ haproxy -f relay.cfg",
    "home$ haproxy -f tunnel.cfg",
    "other-lan$ curl --cacert ca.pem -u alice:open-sesame https://home.relay.example/",
    "home$ ssh -R :8443:localhost:443 server",
    "other-lan$ curl --cacert ca.pem -u alice:open-sesame --connect-to home.example:443:server:8443 https://home.example/",
  ],
  seen: {
    en: "No router can read it, but the relay's log has it. With -R and TLS at home, the server passes on ciphertext, and the relay gets no packet.",
    ja: "ルーターには読めませんが、中継サービスのログには残ります。-R を使い、自宅で TLS を終端すると、サーバーが中継するのは暗号文で、中継サービスにはパケットが届きません。",
  },
  why: {
    en: "TLS ends where the private key is. This relay decrypts each request to forward it; its operator can log it, change it, or answer in home's name.",
    ja: "TLS は秘密鍵のある場所で終端します。この中継サービスは転送のために要求を復号するので、運営者は記録も改変も、自宅になりすました応答もできます。",
  },
});

const test = labTest({
  sshd: "GatewayPorts clientspecified\n",
  spec: { ...articleLab(), names: { "home.relay.example": ["192.0.2.66"] } },
  images: { internet: "forwardlab/relay", home: "forwardlab/relay" },
});

const common = `
global
  expose-experimental-directives
  log stdout format raw local0
defaults
  mode http
  timeout connect 5s
  timeout client 1m
  timeout server 1m
`;
const web = `
backend web
  server web localhost:80
`;
const relay = `${common}
frontend visitors
  bind :443 ssl crt /tmp/relay.pem
  option httplog
  log global
  http-request capture req.hdr(Authorization) len 64
  default_backend home
frontend tunnels
  bind :7000 ssl crt /tmp/relay.pem alpn h2
  tcp-request session attach-srv home/tunnel
backend home
  server tunnel rhttp@
`;
const tunnel = `${common}
frontend tunnel
  bind rhttp@relay/relay nbconn 1
  default_backend web
backend relay
  server relay home.relay.example:7000 ssl ca-file /tmp/ca.pem verifyhost home.relay.example alpn h2
${web}`;
const tlsAtHome = `${common}
frontend visitors
  bind :443 ssl crt /tmp/home.pem
  default_backend web
${web}`;

/** A private CA, and for each name a key and the certificate it signed, in one file. */
const certificates = `
  new() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "$@"; }
  new -subj "/CN=the CA" -keyout ca.key -out ca.pem
  for name in relay:home.relay.example home:home.example; do
    file=\${name%:*}
    new -subj "/CN=\${name#*:}" -addext "subjectAltName=DNS:\${name#*:}" -CA ca.pem -CAkey ca.key -keyout $file.key -out $file.crt
    cat $file.key $file.crt > $file.pem
  done
`;

/** alice:open-sesame, as HTTP sends it. */
const password = "YWxpY2U6b3Blbi1zZXNhbWU=";
const readable = (text: string) => text.includes(password);
/** A packet that passes after all others: to a port where nothing listens. */
const knock = (name: string) => ["curl", "-sS", `http://${name}:9/`];
const knocks = (packet: string) => /\.9( >|: )/.test(packet);
const visit = (...to: string[]) => ["curl", "-sS", "--cacert", "/tmp/ca.pem", "-u", "alice:open-sesame", ...to];

test("the relay's log has what no link shows", async ({ lab }) => {
  const page = await lab.home.serve(80);
  expect(await lab.home.run(["sh", "-ec", certificates], { cwd: "/tmp" })).toMatchObject({ code: 0 });
  const file = async (name: string) => (await lab.home.run(["cat", name], { cwd: "/tmp" })).stdout;
  await lab.internet.write({ "/tmp/relay.pem": await file("relay.pem"), "/tmp/relay.cfg": relay });
  await lab.home.write({ "/tmp/tunnel.cfg": tunnel });
  await lab.otherLan.write({ "/tmp/ca.pem": await file("ca.pem") });
  const log = await lab.internet.start(["haproxy", "-db", "-f", "/tmp/relay.cfg"], { listensOn: 7000 });
  const wire = await lab.capture("core", "tcp");
  const lastStep = await lab.capture("home", "tcp port 80");
  await lab.home.start(["haproxy", "-db", "-f", "/tmp/tunnel.cfg"]);

  const look = async () => (await lab.otherLan.run(visit("https://home.relay.example/hello"))).stdout;
  await expect.poll(look).toContain(page.identity);

  await expect.poll(() => log.lines.some(({ text }) => readable(text) && text.includes(" 200 "))).toBe(true);
  await expect.poll(() => lastStep.packets.some(readable)).toBe(true);
  await lab.otherLan.run(knock("home.relay.example"));
  await expect.poll(() => wire.packets.some(knocks)).toBe(true);
  for (const leg of [" 192.0.2.66.443: ", " 192.0.2.66.7000: "]) {
    expect(wire.packets.filter((packet) => packet.includes(leg) && !packet.includes("length 0"))).not.toEqual([]);
  }
  expect(wire.packets.filter(readable)).toEqual([]);
});

test("control: with TLS that ends at home nobody on the way can read it, and the relay gets nothing", async ({ lab }) => {
  const page = await lab.home.serve(80);
  expect(await lab.home.run(["sh", "-ec", certificates], { cwd: "/tmp" })).toMatchObject({ code: 0 });
  await lab.otherLan.write({ "/tmp/ca.pem": (await lab.home.run(["cat", "/tmp/ca.pem"])).stdout });
  await lab.home.write({ "/tmp/home.cfg": tlsAtHome });
  await lab.home.start(["haproxy", "-db", "-f", "/tmp/home.cfg"], { listensOn: 443 });
  await using _forward = await lab.home.ssh("-R", ":8443:localhost:443", { service: false });
  const [atRelay, onServer] = await Promise.all([lab.capture("internet", "tcp"), lab.capture("server", "tcp port 8443 or tcp port 9")]);

  const { stdout } = await lab.otherLan.run(visit("--connect-to", "home.example:443:server:8443", "https://home.example/hello"));
  expect(stdout).toContain(page.identity);

  for (const name of ["home.relay.example", "server"]) await lab.otherLan.run(knock(name));
  await expect.poll(() => atRelay.packets.some(knocks) && onServer.packets.some(knocks)).toBe(true);
  expect(onServer.packets.filter((packet) => !knocks(packet)).length).toBeGreaterThan(5);
  expect(onServer.packets.filter(readable)).toEqual([]);
  expect(atRelay.packets.filter((packet) => !knocks(packet))).toEqual([]);
});
