import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "PermitOpen is what keeps a SOCKS user from everything behind the server",
    ja: "SOCKS の利用者をサーバーの奥のすべてから遠ざけるのは PermitOpen",
  },
  question: {
    en: "A user has `-D 1080` and no shell. What can be reached through it, and what stops that?",
    ja: "利用者には `-D 1080` だけがあり、シェルはない。どこまで届き、何がそれを止めるか。",
  },
  predict: {
    en: "The server's loopback and its neighbour: without PermitOpen, and with PermitOpen localhost:80?",
    ja: "サーバーのループバックと隣の機械。PermitOpen がない場合と、PermitOpen localhost:80 の場合。",
  },
  commands: ["home$ ssh -D 1080 server", "home$ curl --socks5-hostname localhost:1080 http://198.51.100.20:8080/"],
  seen: {
    en: "Without it everything that the server can dial answers. With it only what is listed; the rest is closed, though it lives.",
    ja: "なければ、サーバーがダイヤルできるものすべてが応答する。あれば一覧にあるものだけで、ほかは生きていても閉じられる。",
  },
  why: {
    en: "Each SOCKS connection is a request of its own to the server, the same as one of -L, and is judged alone.",
    ja: "SOCKS の接続は一つ一つが、-L のものと同じサーバーへの要求で、個別に判断される。",
  },
});

const fetch = (from: string) => ["curl", "-sS", "--socks5-hostname", "localhost:1080", `http://${from}/hello`];

test("only what is listed, though the rest lives", async ({ lab }) => {
  await lab.use({ sshd: "PermitOpen localhost:80\n" });
  const [web, neighbour] = await Promise.all([lab.server.serve(80), lab.campus.serve(8080)]);
  await expect(lab.server).toReach(neighbour);
  await using proxy = await lab.home.ssh("-D", "1080");

  expect((await lab.home.run(fetch("localhost:80"))).stdout).toContain(web.identity);
  expect((await lab.home.run(fetch("198.51.100.20:8080"))).stdout).toBe("");
  expect(proxy.outcome.clientLog).toContain("administratively prohibited");
});

test("control: without PermitOpen the server's neighbour answers, too", async ({ lab }) => {
  const neighbour = await lab.campus.serve(8080);
  await using proxy = await lab.home.ssh("-D", "1080");
  await expect(lab.home).toReach(proxy);
  expect((await lab.home.run(fetch("198.51.100.20:8080"))).stdout).toContain(neighbour.identity);
});
