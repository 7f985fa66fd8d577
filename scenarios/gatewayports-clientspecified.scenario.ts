import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "With GatewayPorts clientspecified the client decides: everybody, the server alone, one address, or one family",
    ja: "GatewayPorts clientspecified では、クライアントが決める。全員、サーバーだけ、一つのアドレス、一つのファミリー",
  },
  question: {
    en: "What may stand before the port of `-R`, and what does each form open?",
    ja: "`-R` のポートの前には何を書けるか。それぞれ何が開くか。",
  },
  predict: {
    en: "For `*:`, `0.0.0.0:`, `[::]:`, one address and nothing: who gets in over IPv4 and over IPv6?",
    ja: "`*:`、`0.0.0.0:`、`[::]:`、一つのアドレス、何もなし。IPv4 と IPv6 で誰が入れるか。",
  },
  commands: [
    "home$ ssh -R '*:43234:localhost:3389' server",
    "home$ ssh -R 0.0.0.0:43234:localhost:3389 server",
    "home$ ssh -R '[::]:43234:localhost:3389' server",
    "home$ ssh -R 198.51.100.10:43234:localhost:3389 server",
    "home$ ssh -R 43234:localhost:3389 server",
  ],
  seen: {
    en: "A star is everybody, 0.0.0.0 is IPv4 alone, [::] is IPv6 alone, an address is that address and not even loopback, nothing is the server alone.",
    ja: "`*` は全員、0.0.0.0 は IPv4 だけ、[::] は IPv6 だけ、アドレスを書けばそのアドレスだけ(ループバックすら含まない)、何も書かなければサーバーだけ。",
  },
  why: {
    en: "sshd listens on exactly what the bind address of `-R` names.",
    ja: "sshd は、`-R` のバインドアドレスが名指したものだけで待ち受ける。",
  },
});

const sshd = "GatewayPorts clientspecified\n";

test("a star is the same as a bare colon: everybody", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", "*:43234:localhost:3389");
  await expect(lab.internet).toReach(forward);
});

test("0.0.0.0 is IPv4 alone", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", "0.0.0.0:43234:localhost:3389");
  await expect(lab.internet).toReach(forward, { family: 4 });
  await expect(lab.internet).not.toReach(forward, { family: 6 });
});

test("[::] is IPv6 alone", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", "[::]:43234:localhost:3389");
  await expect(lab.internet).toReach(forward, { family: 6 });
  await expect(lab.internet).not.toReach(forward, { family: 4 });
});

test("one address of the server is that address, not even its loopback", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", "198.51.100.10:43234:localhost:3389");
  await expect(lab.internet).toReach(forward, { family: 4 });
  await expect(lab.internet).not.toReach(forward, { family: 6 });
  await expect(lab.server).not.toReach(forward, { address: "127.0.0.1" });
});

test("no address is the server alone", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  await expect(lab.server).toReach(forward);
  await expect(lab.internet).not.toReach(forward);
});
