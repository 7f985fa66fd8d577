import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: {
    en: "In -L, the target localhost is the server; in -R it is home",
    ja: "転送先の localhost は、-L ではサーバー、-R では自宅を指す",
  },
  question: {
    en: "Home and the server both run a web server on port 80. Which one does `-L 8080:localhost:80` show?",
    ja: "自宅でもサーバーでも、80 番で Web サーバーが動いています。`-L 8080:localhost:80` で見えるのはどちらですか。",
  },
  predict: { en: "And `-R 8080:localhost:80`, seen from the server?", ja: "`-R 8080:localhost:80` を、サーバーから見るとどうなりますか。" },
  commands: [
    "home$ ssh -L 8080:localhost:80 server",
    "home$ curl http://localhost:8080/",
    "home$ ssh -R 8080:localhost:80 server",
    "server$ curl http://localhost:8080/",
  ],
  seen: { en: "-L shows the server's, -R shows home's.", ja: "-L ではサーバーのもの、-R では自宅のものが見えます。" },
  why: {
    en: "The end of the tunnel that does not listen resolves the target and connects to it: sshd for -L, ssh for -R.",
    ja: "転送先の名前を解決して接続するのは、待ち受けとは反対側です。-L では sshd、-R では ssh です。",
  },
});

const look = ["curl", "-sS", "http://localhost:8080/hello"];

test("each leads to the other end", async ({ lab }) => {
  const atHome = await lab.home.serve(80);
  const onServer = await lab.server.serve(80);

  await using local = await lab.home.ssh("-L", "8080:localhost:80");
  await expect(lab.home).toReach(local);
  const fromHome = (await lab.home.run(look)).stdout;
  expect(fromHome).toContain(onServer.identity);
  expect(fromHome).not.toContain(atHome.identity);

  await using remote = await lab.home.ssh("-R", "8080:localhost:80");
  await expect(lab.server).toReach(remote);
  const fromServer = (await lab.server.run(look)).stdout;
  expect(fromServer).toContain(atHome.identity);
  expect(fromServer).not.toContain(onServer.identity);
});
