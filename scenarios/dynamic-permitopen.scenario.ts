import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "Only PermitOpen keeps a SOCKS user away from everything else the server can reach",
    ja: "SOCKS の利用者の接続先を、サーバーから届く範囲より狭めるには、PermitOpen が必要",
  },
  question: {
    en: "A user has `-D 1080` and no shell. What can they reach, and what limits that?",
    ja: "利用者が使えるのは `-D 1080` だけで、シェルはありません。どこまで接続でき、何がそれを制限しますか。",
  },
  predict: {
    en: "The server's loopback and its neighbour: without PermitOpen, and with PermitOpen localhost:80?",
    ja: "PermitOpen がない場合と、PermitOpen localhost:80 の場合で、サーバーのループバックと隣のホストに接続できますか。",
  },
  commands: ["home$ ssh -D 1080 server", "home$ curl --socks5-hostname localhost:1080 http://198.51.100.20:8080/"],
  seen: {
    en: "Without it, everything that the server can connect to. With it, only what is listed; the rest is closed although it is running.",
    ja: "なければ、サーバーから接続できるものすべてです。あれば、指定したものだけです。ほかは動いていても切断されます。",
  },
  why: {
    en: "Each SOCKS connection is a separate request to the server, just like one of -L, and is checked on its own.",
    ja: "SOCKS の接続は 1 つずつ、-L の接続と同じくサーバーへの独立した要求になり、個別に確認されます。",
  },
});

const fetch = (from: string) => ["curl", "-sS", "--socks5-hostname", "localhost:1080", `http://${from}/hello`];

test("only what is listed, although the rest is running", async ({ lab }) => {
  await lab.use({ sshd: "PermitOpen localhost:80\n" });
  const [web, neighbour] = await Promise.all([lab.server.serve(80), lab.campus.serve(8080)]);
  await expect(lab.server).toReach(neighbour);
  await using proxy = await lab.home.ssh("-D", "1080");

  expect((await lab.home.run(fetch("localhost:80"))).stdout).toContain(web.identity);
  expect((await lab.home.run(fetch("198.51.100.20:8080"))).stdout).toBe("");
  expect(proxy.outcome.clientLog).toContain("administratively prohibited");
});

test("control: without PermitOpen the server's neighbour answers too", async ({ lab }) => {
  const neighbour = await lab.campus.serve(8080);
  await using proxy = await lab.home.ssh("-D", "1080");
  await expect(lab.home).toReach(proxy);
  expect((await lab.home.run(fetch("198.51.100.20:8080"))).stdout).toContain(neighbour.identity);
});
