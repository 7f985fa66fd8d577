import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "Through -D with SOCKS5 hostnames the far end resolves the name; without them the near end asks its own resolver",
    ja: "-D でホスト名を SOCKS5 に渡せば向こう側が名前を解決する。渡さなければ手元の名前解決に尋ねる",
  },
  question: {
    en: "intranet.example is a name that only the server knows. Does a browser behind the proxy find it?",
    ja: "intranet.example はサーバーだけが知る名前。プロキシの手前のブラウザーは見つけられるか。",
  },
  predict: {
    en: "With names sent through SOCKS, and with names resolved at home?",
    ja: "名前を SOCKS に渡す場合と、自宅で解決する場合。それぞれどうなるか。",
  },
  commands: [
    "home$ ssh -D 1080 server",
    "home$ curl --socks5-hostname localhost:1080 http://intranet.example:8080/",
    "home$ curl --socks5 localhost:1080 http://intranet.example:8080/",
  ],
  seen: {
    en: "With the hostname sent along the page comes. Without it home's resolver is asked, and knows nothing.",
    ja: "ホスト名を渡せばページが来る。渡さなければ自宅の名前解決が尋ねられ、何も知らない。",
  },
  why: {
    en: "SOCKS5 and 4a carry names or addresses; the program chooses. A name that is resolved near home also tells home's resolver where one goes.",
    ja: "SOCKS5 と 4a は名前もアドレスも運べ、選ぶのはプログラム。手元で解決された名前は、行き先を手元の DNS にも知らせる。",
  },
});

const fetchBy = (way: string) => ["curl", "-sS", way, "localhost:1080", "http://intranet.example:8080/hello"];

test("the server knows the name, home does not", async ({ lab, onTestFinished }) => {
  const hosts = (await lab.server.run(["cat", "/etc/hosts"])).stdout;
  onTestFinished(async () => {
    await lab.server.run(["tee", "/etc/hosts"], { input: hosts });
  });
  await lab.server.run(["tee", "-a", "/etc/hosts"], { input: "198.51.100.20 intranet.example\n" });
  const intranet = await lab.campus.serve(8080);
  await using proxy = await lab.home.ssh("-D", "1080");
  await expect(lab.home).toReach(proxy);

  expect((await lab.home.run(fetchBy("--socks5-hostname"))).stdout).toContain(intranet.identity);
  expect(await lab.home.run(["getent", "hosts", "intranet.example"])).toMatchObject({ code: 2, stdout: "" });
  expect(await lab.home.run(fetchBy("--socks5"))).toMatchObject({ code: 97, stdout: "" });
});
