import { articleLab, expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "alternatives",
  title: {
    en: "A relay that holds the certificate reads every word, though all wires are encrypted; TLS that ends at home behind -R shows it to nobody",
    ja: "証明書を持つ中継は、すべての回線が暗号化されていても一語残らず読む。-R の先の自宅で終わる TLS なら誰にも見えない",
  },
  question: {
    en: "A visitor sends a password over HTTPS, through a relay whose certificate is in order. Who can read it on the way?",
    ja: "訪問者が、正しい証明書を持つ中継を通して HTTPS でパスワードを送る。途中で読めるのは誰か。",
  },
  predict: {
    en: "A router on the way, the relay's operator? And with ssh -R and TLS at home: the server, the relay?",
    ja: "途中のルーター、中継の運営者。ssh -R と自宅の TLS を使えば、サーバーと中継には何が見えるか。",
  },
  commands: [
    "relay$ haproxy -f relay.cfg",
    "home$ haproxy -f tunnel.cfg",
    "other-lan$ curl --cacert ca.pem -u alice:open-sesame https://home.relay.example/",
    "home$ ssh -R :8443:localhost:443 server",
    "other-lan$ curl --cacert ca.pem -u alice:open-sesame --connect-to home.example:443:server:8443 https://home.example/",
  ],
  seen: {
    en: "No router reads it, and the relay's log has it. With -R and TLS at home the server passes ciphertext on, and the relay gets no packet.",
    ja: "ルーターには読めないが、中継のログには残る。-R と自宅の TLS なら、サーバーが渡すのは暗号文で、中継にはパケットひとつ届かない。",
  },
  why: {
    en: "TLS ends where its key is. The relay has to read a request to know whose it is; the operator may log it, change it, or answer in home's name.",
    ja: "TLS は鍵のある所で終わる。中継は宛先を知るために要求を読む。運営者は記録も改変も、自宅の名で答えることもできる。",
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

/** A CA of one's own, and what it signed for each name: key and certificate in one file. */
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
/** What passes later than all before it: a packet to a port where nobody listens. */
const knock = (name: string) => ["curl", "-sS", `http://${name}:9/`];
const knocks = (packet: string) => /\.9( >|: )/.test(packet);
const visit = (...to: string[]) => ["curl", "-sS", "--cacert", "/tmp/ca.pem", "-u", "alice:open-sesame", ...to];

test("the relay's log has what no wire shows", async ({ lab }) => {
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

test("control: TLS that ends at home is read by nobody on the way, and the relay is not on it", async ({ lab }) => {
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
