import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "HTTPS through -R ends at home: the certificate proves home whoever holds the server's port, but it must be asked for by home's name",
    ja: "-R を通る HTTPS は自宅で終わる。サーバーのポートを誰が握っていても証明書が自宅を証明するが、自宅の名前で尋ねる必要がある",
  },
  question: {
    en: "nginx at home has a certificate for home.example. Another LAN comes to it through server:8443. Does the check of the certificate succeed?",
    ja: "自宅の nginx は home.example の証明書を持つ。別の LAN が server:8443 を通って来る。証明書の検査は通るか。",
  },
  predict: {
    en: "Asked for as home.example, asked for as server? And when somebody on the server listens on 8443 instead? Can root there read along?",
    ja: "home.example として尋ねたときと、server として尋ねたとき。サーバーの誰かが代わりに 8443 番で待ち受けたら。root は盗み読めるか。",
  },
  commands: [
    "home$ ssh -R :8443:localhost:443 server",
    "other-lan$ curl --cacert ca.pem --connect-to home.example:443:server:8443 https://home.example/",
    "other-lan$ curl --cacert ca.pem https://server:8443/",
    "server$ openssl s_server -accept 8443 -cert mine.pem -key mine.key -www",
  ],
  seen: {
    en: "As home.example yes, as server no. Somebody else on the port is refused, and root on the server sees no word of it.",
    ja: "home.example としてなら通り、server としてなら通らない。ポートを握った別人は拒まれ、サーバーの root には一語も見えない。",
  },
  why: {
    en: "The server passes bytes on and has no key for home's certificate. The name that is checked is the one in the URL, not the one that was dialled.",
    ja: "サーバーはバイトを渡すだけで、自宅の証明書の鍵を持たない。検査されるのは URL の名前で、ダイヤルした相手の名前ではない。",
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

test("the certificate is home's, by home's name alone, and the server reads nothing", async ({ lab }) => {
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

  // The same page without TLS can be read there.
  expect(await lab.otherLan.run(curl("http://server:8080/"))).toMatchObject({ code: 0, stdout: secret });
  await expect.poll(() => onServer.packets.some((packet) => packet.includes(secret))).toBe(true);
  const encrypted = onServer.packets.filter((packet) => packet.includes(".8443"));
  expect(encrypted.length).toBeGreaterThan(5);
  expect(encrypted.filter((packet) => packet.includes(secret))).toEqual([]);
});

test("control: somebody else on the port is refused, and believed by whoever does not check", async ({ lab }) => {
  expect(await lab.home.run(own, { cwd: "/tmp" })).toMatchObject({ code: 0 });
  await lab.otherLan.write({ "/tmp/ca.pem": (await lab.home.run(["cat", "/tmp/ca.pem"])).stdout });
  expect(await lab.server.run([...forged, forHome], { cwd: "/tmp", user: "nobody" })).toMatchObject({ code: 0 });
  const listen = ["openssl", "s_server", "-accept", "8443", "-cert", "mine.pem", "-key", "mine.key", "-www"];
  await lab.server.start(listen, { cwd: "/tmp", user: "nobody", listensOn: 8443 });

  expect(await lab.otherLan.run(curl(...checked, ...asHome))).toMatchObject({ code: 60, stdout: "" });
  expect(await lab.otherLan.run(curl("--insecure", ...asHome))).toMatchObject({ code: 0, stdout: expect.stringContaining("s_server") });
});
