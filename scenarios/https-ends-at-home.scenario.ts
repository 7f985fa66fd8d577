import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "HTTPS through -R ends at home: the certificate proves home, whoever holds the server's port",
    ja: "-R を通る HTTPS の終端は自宅。サーバーのポートを誰が使っていても、証明書で自宅と確認できる",
  },
  question: {
    en: "nginx at home has a certificate for home.example. Another LAN reaches it through server:8443. Does certificate verification succeed?",
    ja: "自宅の nginx は home.example の証明書を持っています。別の LAN から server:8443 を通して接続すると、証明書の検証に成功しますか。",
  },
  predict: {
    en: "As home.example? As server? When somebody else on the server listens on 8443 instead? And can root there read along?",
    ja: "home.example として接続する場合と、server として接続する場合はどうですか。サーバーの別の利用者が 8443 番で待ち受けていたらどうですか。サーバーの root は盗聴できますか。",
  },
  commands: [
    "home$ ssh -R :8443:localhost:443 server",
    "other-lan$ curl --cacert ca.pem --connect-to home.example:443:server:8443 https://home.example/",
    "other-lan$ curl --cacert ca.pem https://server:8443/",
    "server$ openssl s_server -accept 8443 -cert mine.pem -key mine.key -www",
  ],
  seen: {
    en: "As home.example yes, as server no. Someone else on the port fails verification, and root on the server cannot read the page.",
    ja: "home.example としてなら成功し、server としては失敗します。別の利用者がポートを使っていれば検証に失敗し、サーバーの root はページを読めません。",
  },
  why: {
    en: "The server passes bytes on and does not have home's private key. What is verified is the name in the URL, not the host that was connected to.",
    ja: "サーバーはバイト列を中継するだけで、自宅の秘密鍵を持っていません。検証されるのは URL の名前で、実際の接続先ではありません。",
  },
});

const test = labTest({
  sshd: "GatewayPorts clientspecified\n",
  images: { home: "forwardlab/web", server: "forwardlab/web" },
});

const secret = "the page at home";
const nginx = `
daemon off;
error_log stderr;
events {}
http {
  access_log off;
  server {
    listen 80;
    listen 443 ssl;
    ssl_certificate /tmp/home.pem;
    ssl_certificate_key /tmp/home.key;
    location / { return 200 "${secret}"; }
  }
}
`;

const request = (name: string, ...by: string[]) => [
  ...["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"],
  ...["-subj", `/CN=${name}`, ...by],
];
const own = request("home's CA", "-keyout", "ca.key", "-out", "ca.pem");
const signed = request("home.example", "-keyout", "home.key", "-out", "home.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-addext");
const forged = request("home.example", "-keyout", "mine.key", "-out", "mine.pem", "-addext");
const forHome = "subjectAltName=DNS:home.example";

const curl = (...rest: string[]) => ["curl", "-sS", ...rest];
const asHome = ["--connect-to", "home.example:443:server:8443", "https://home.example/"];
const checked = ["--cacert", "/tmp/ca.pem"];

test("the certificate is home's, valid only for home's name, and the server reads nothing", async ({ lab }) => {
  for (const command of [own, [...signed, forHome]]) expect(await lab.home.run(command, { cwd: "/tmp" })).toMatchObject({ code: 0 });
  await lab.home.write({ "/etc/nginx/nginx.conf": nginx });
  await lab.home.start(["nginx"], { listensOn: 443 });
  await lab.otherLan.write({ "/tmp/ca.pem": (await lab.home.run(["cat", "/tmp/ca.pem"])).stdout });
  await using _https = await lab.home.ssh("-R", ":8443:localhost:443", { service: false });
  await using _http = await lab.home.ssh("-R", ":8080:localhost:80", { service: false });
  const onServer = await lab.capture("server", "tcp port 8443 or tcp port 8080");

  expect(await lab.otherLan.run(curl(...checked, ...asHome))).toMatchObject({ code: 0, stdout: secret });
  const byServer = await lab.otherLan.run(curl(...checked, "https://server:8443/"));
  expect(byServer).toMatchObject({ code: 60, stdout: "", stderr: expect.stringContaining("'server'") });

  // Without TLS the same page can be read there.
  expect(await lab.otherLan.run(curl("http://server:8080/"))).toMatchObject({ code: 0, stdout: secret });
  await expect.poll(() => onServer.packets.some((packet) => packet.includes(secret))).toBe(true);
  const encrypted = onServer.packets.filter((packet) => packet.includes(".8443"));
  expect(encrypted.length).toBeGreaterThan(5);
  expect(encrypted.filter((packet) => packet.includes(secret))).toEqual([]);
});

test("control: someone else on the port fails verification, and is trusted by clients that do not verify", async ({ lab }) => {
  expect(await lab.home.run(own, { cwd: "/tmp" })).toMatchObject({ code: 0 });
  await lab.otherLan.write({ "/tmp/ca.pem": (await lab.home.run(["cat", "/tmp/ca.pem"])).stdout });
  expect(await lab.server.run([...forged, forHome], { cwd: "/tmp", user: "nobody" })).toMatchObject({ code: 0 });
  const listen = ["openssl", "s_server", "-accept", "8443", "-cert", "mine.pem", "-key", "mine.key", "-www"];
  await lab.server.start(listen, { cwd: "/tmp", user: "nobody", listensOn: 8443 });

  expect(await lab.otherLan.run(curl(...checked, ...asHome))).toMatchObject({ code: 60, stdout: "" });
  expect(await lab.otherLan.run(curl("--insecure", ...asHome))).toMatchObject({ code: 0, stdout: expect.stringContaining("s_server") });
});
