import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "Through -D, SOCKS5 hostnames are resolved on the server; without them home asks its own resolver",
    ja: "-D では、SOCKS5 でホスト名を渡すとサーバー側で名前解決する。渡さなければ自宅のリゾルバーに問い合わせる",
  },
  question: {
    en: "Only the server can resolve intranet.example. Does a browser that uses the proxy find it?",
    ja: "intranet.example を名前解決できるのはサーバーだけです。プロキシを使うブラウザーは接続できますか。",
  },
  predict: {
    en: "With the name sent through SOCKS? With the name resolved at home?",
    ja: "名前を SOCKS に渡す場合と、自宅で名前解決する場合、それぞれどうなりますか。",
  },
  commands: [
    "home$ ssh -D 1080 server",
    "home$ curl --socks5-hostname localhost:1080 http://intranet.example:8080/",
    "home$ curl --socks5 localhost:1080 http://intranet.example:8080/",
  ],
  seen: {
    en: "With the name sent along, the page loads. Otherwise home's resolver is asked, and it does not know the name.",
    ja: "名前を渡すと、ページが表示されます。渡さないと自宅のリゾルバーに問い合わせ、名前が見つかりません。",
  },
  why: {
    en: "SOCKS5 and 4a carry names or addresses, as the program chooses. Resolving at home also tells home's resolver where you are going.",
    ja: "SOCKS5 と 4a は名前もアドレスも運べ、どちらを使うかはプログラムが決めます。自宅で名前解決すると、接続先が自宅のリゾルバーにも知られます。",
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
