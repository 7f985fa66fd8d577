import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "A browser that uses -D as socks5:// opens the intranet as if it ran on the server, names included",
    ja: "-D を socks5:// で使うブラウザーは、サーバー上にいるかのようにイントラネットを開く。名前解決もサーバー側",
  },
  question: {
    en: "Only the server can resolve intranet.example. Does Chromium at home show the page?",
    ja: "intranet.example を名前解決できるのはサーバーだけです。自宅の Chromium でこのページを表示できますか。",
  },
  predict: {
    en: "With --proxy-server=socks5://localhost:1080? With socks4://? Without a proxy?",
    ja: "--proxy-server=socks5://localhost:1080 の場合、socks4:// の場合、プロキシなしの場合、それぞれどうなりますか。",
  },
  commands: [
    "home$ ssh -D 1080 server",
    "home$ chromium --proxy-server=socks5://localhost:1080 http://intranet.example:8080/",
    "home$ chromium --proxy-server=socks4://localhost:1080 http://intranet.example:8080/",
  ],
  seen: {
    en: "With socks5:// the page loads, and its server sees our server's address. With socks4:// or no proxy, the name is not found.",
    ja: "socks5:// ならページが表示され、相手に見えるのはサーバーのアドレスです。socks4:// やプロキシなしでは、名前を解決できません。",
  },
  why: {
    en: "With socks5://, Chromium hands the name to the proxy (curl calls that socks5h). SOCKS4 cannot carry names, so Chromium asks home's resolver.",
    ja: "socks5:// の場合、Chromium は名前をプロキシに渡します（curl の socks5h に相当）。SOCKS4 は名前を運べないため、自宅のリゾルバーに問い合わせます。",
  },
});

const test = labTest({ images: { home: "forwardlab/browser" } });

/** Prints the page as it is after its scripts have run. Chromium's sandbox does not work for root in a container. */
const chromium = (...rest: string[]) => ["chromium-headless-shell", "--no-sandbox", "--disable-gpu", "--dump-dom", ...rest];

test("the page loads only through socks5://", async ({ lab }) => {
  const hosts = (await lab.server.run(["cat", "/etc/hosts"])).stdout;
  await lab.server.write({ "/etc/hosts": `${hosts}198.51.100.20 intranet.example\n` });
  const intranet = await lab.campus.serve(8080);
  await using _proxy = await lab.home.ssh("-D", "1080");
  const open = async (...way: string[]) => (await lab.home.run(chromium(...way, "http://intranet.example:8080/hello"))).stdout;

  const page = await open("--proxy-server=socks5://localhost:1080");
  expect(page).toContain(intranet.identity);
  expect(page).toContain("198.51.100.10");

  expect(await open("--proxy-server=socks4://localhost:1080")).not.toContain(intranet.identity);
  expect(await open()).not.toContain(intranet.identity);
});

test("control: by address, the page loads the other ways too", async ({ lab }) => {
  const intranet = await lab.campus.serve(8080);
  await using _proxy = await lab.home.ssh("-D", "1080");

  for (const way of ["--proxy-server=socks4://localhost:1080", "--no-proxy-server"]) {
    const { stdout } = await lab.home.run(chromium(way, "http://198.51.100.20:8080/hello"));
    expect(stdout, way).toContain(intranet.identity);
  }
});
