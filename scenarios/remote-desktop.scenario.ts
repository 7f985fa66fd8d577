import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "Remote Desktop reaches home through one TCP port, and shows home's certificate under the server's name",
    ja: "リモートデスクトップは 1 つの TCP ポートで自宅に届く。サーバーの名前で接続しても、示されるのは自宅の証明書",
  },
  question: {
    en: "On another LAN, a Remote Desktop client opens server:43234. Whose certificate does it get?",
    ja: "別の LAN で、リモートデスクトップのクライアントが server:43234 に接続します。受け取るのは誰の証明書ですか。",
  },
  predict: {
    en: "The server's or home's? Does the client complain? Which address does home see? And who gets in at all, if the server's firewall accepts the other LAN only?",
    ja: "サーバーのものですか、自宅のものですか。クライアントは警告しますか。自宅から見た接続元はどのアドレスですか。サーバーのファイアウォールが別の LAN だけを許可しているとき、そもそも接続できるのは誰ですか。",
  },
  commands: [
    "home$ openssl x509 -in /etc/xrdp/cert.pem -noout -fingerprint -sha256",
    "home$ ssh -R :43234:localhost:3389 server",
    "other-lan$ xfreerdp3 /v:server:43234 /cert:fingerprint:sha256:7B:D0:…",
  ],
  seen: {
    en: "Home's. It does not name the server, so a strict client refuses it; a client that knows its fingerprint connects. Home sees ::1. A stranger's packets end at the firewall.",
    ja: "自宅のものです。サーバーの名前を含まないため、厳格なクライアントは拒否します。フィンガープリントを渡しておけば接続できます。自宅から見た接続元は ::1 です。第三者のパケットはファイアウォールで破棄されます。",
  },
  why: {
    en: "RDP needs a single TCP connection, and its TLS ends at home: the server passes on bytes that it cannot read.",
    ja: "RDP に必要な TCP 接続は 1 つです。TLS の終端は自宅で、サーバーは内容を読めないバイト列を中継するだけです。",
  },
});

const test = labTest({
  sshd: "GatewayPorts clientspecified\n",
  images: { home: "forwardlab/desktop", "other-lan": "forwardlab/desktop" },
});

const firewall = `
table inet filter {
  chain input {
    type filter hook input priority filter; policy drop;
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    tcp dport 22 accept
    ip saddr 203.0.113.50 tcp dport 43234 accept
    ip6 saddr 2001:db8:50::/64 tcp dport 43234 accept
  }
}
`;

/** Everything up to the password, so that no screen is needed. */
const connect = (certificate: string) => ["xfreerdp3", "/v:server:43234", "/u:alice", "/p:", "+auth-only", `/cert:${certificate}`];
const showFingerprint = ["openssl", "x509", "-in", "/etc/xrdp/cert.pem", "-noout", "-fingerprint", "-sha256"];

test("only the other LAN gets in, and what it gets is home's certificate", async ({ lab }) => {
  await lab.use({ firewall });
  {
    await lab.home.write({ "/var/log/xrdp.log": "" });
    await using _xrdp = await lab.home.start(["xrdp", "-n"], { listensOn: 3389 });
    await using _forward = await lab.home.ssh("-R", ":43234:localhost:3389", { service: false });
    const fingerprint = (await lab.home.run(showFingerprint)).stdout.trim().split("=")[1] ?? "";

    expect(await lab.otherLan.run(connect(`fingerprint:sha256:${fingerprint}`))).toMatchObject({ code: 0 });

    const { stdout: log } = await lab.home.run(["cat", "/var/log/xrdp.log"]);
    expect(log).toContain("connection accepted from [::1]");
    expect(log).toContain("Connected client computer name: other-lan");

    const strict = await lab.otherLan.run(connect("deny"));
    expect(strict.code).not.toBe(0);
    expect(strict.stderr).toMatch(/The hostname used for this connection \(server:43234\)/);
    expect(strict.stderr).toContain("does not match any of the names given in the certificate");
    expect(strict.stderr).toContain(fingerprint.toLowerCase());
  }

  await using forward = await lab.home.ssh("-R", ":43234:localhost:3389");

  await expect(lab.otherLan).toReach(forward);
  await expect(lab.internet).toSee(forward, "filtered", { by: "server-firewall" });
});

test("control: without the colon nothing answers on the other LAN", async ({ lab }) => {
  await lab.home.start(["xrdp", "-n"], { listensOn: 3389 });

  await using forward = await lab.home.ssh("-R", "43234:localhost:3389", { service: false });

  await expect(lab.otherLan).toSee(forward, "refused", { by: "bind-address" });
  const { code, stderr } = await lab.otherLan.run(connect("ignore"));
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/ERRCONNECT_CONNECT_\w*FAILED/);
});
