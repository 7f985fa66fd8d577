import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "With GatewayPorts clientspecified the client decides: everyone, the server only, one address, or one family",
    ja: "GatewayPorts clientspecified では、クライアントが決める。全員、サーバーだけ、1 つのアドレス、1 つのファミリー",
  },
  question: {
    en: "What may precede the port in `-R`, and what does each form open?",
    ja: "`-R` のポートの前には何を書けますか。それぞれ何が開きますか。",
  },
  predict: {
    en: "`*:`, `0.0.0.0:`, `[::]:`, one address, nothing: who gets in over IPv4 and over IPv6?",
    ja: "`*:`、`0.0.0.0:`、`[::]:`、1 つのアドレス、指定なしのそれぞれで、IPv4 と IPv6 では誰が接続できますか。",
  },
  commands: [
    "home$ ssh -R '*:43234:localhost:3389' server",
    "home$ ssh -R 0.0.0.0:43234:localhost:3389 server",
    "home$ ssh -R '[::]:43234:localhost:3389' server",
    "home$ ssh -R 198.51.100.10:43234:localhost:3389 server",
    "home$ ssh -R 43234:localhost:3389 server",
  ],
  seen: {
    en: "`*` is everyone, 0.0.0.0 only IPv4, [::] only IPv6, an address is that address without even loopback, and nothing is the server only.",
    ja: "`*` は全員、0.0.0.0 は IPv4 だけ、[::] は IPv6 だけです。アドレスを書くとそのアドレスだけで、ループバックも含みません。何も書かなければサーバーだけです。",
  },
  why: {
    en: "sshd listens on exactly what the bind address of `-R` names.",
    ja: "sshd は、`-R` のバインドアドレスが示すとおりに待ち受けます。",
  },
});

const sshd = "GatewayPorts clientspecified\n";

test("a star is the same as a leading colon: everyone", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", "*:43234:localhost:3389");
  await expect(lab.internet).toReach(forward);
});

test("0.0.0.0 is IPv4 only", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", "0.0.0.0:43234:localhost:3389");
  await expect(lab.internet).toReach(forward, { family: 4 });
  await expect(lab.internet).not.toReach(forward, { family: 6 });
});

test("[::] is IPv6 only", async ({ lab }) => {
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

test("no address is the server only", async ({ lab }) => {
  await lab.use({ sshd });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  await expect(lab.server).toReach(forward);
  await expect(lab.internet).not.toReach(forward);
});
