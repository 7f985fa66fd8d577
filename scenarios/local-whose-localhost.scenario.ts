import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: {
    en: "In -L the second localhost is the server's, in -R it is home's",
    ja: "-L の localhost はサーバーのもの、-R の localhost は自宅のもの",
  },
  question: {
    en: "Home and server both have a web server on port 80. Which one does `-L 8080:localhost:80` show?",
    ja: "自宅にもサーバーにも 80 番の Web サーバーがある。`-L 8080:localhost:80` で見えるのはどちらか。",
  },
  predict: { en: "And `-R 8080:localhost:80`, seen from the server?", ja: "`-R 8080:localhost:80` を、サーバーから見るとどうか。" },
  commands: [
    "home$ ssh -L 8080:localhost:80 server",
    "home$ curl http://localhost:8080/",
    "home$ ssh -R 8080:localhost:80 server",
    "server$ curl http://localhost:8080/",
  ],
  seen: { en: "-L shows the server's, -R shows home's.", ja: "-L ではサーバーのもの、-R では自宅のものが見える。" },
  why: {
    en: "The target is resolved and dialled at the far end of the tunnel, seen from the listener: by sshd for -L, by ssh for -R.",
    ja: "行き先は、待ち受けから見てトンネルの向こう端で解決され、ダイヤルされる。-L では sshd、-R では ssh。",
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
