import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "A browser told to use -D as socks5:// opens the intranet as if it stood on the server, names included",
    ja: "-D を socks5:// として使うブラウザーは、サーバーの上にいるかのようにイントラネットを開く。名前の解決もサーバー側",
  },
  question: {
    en: "intranet.example is a name that only the server knows. Does Chromium at home show the page?",
    ja: "intranet.example はサーバーだけが知る名前。自宅の Chromium にそのページは出るか。",
  },
  predict: {
    en: "With --proxy-server=socks5://localhost:1080, with socks4://, and with no proxy?",
    ja: "--proxy-server=socks5://localhost:1080 のとき、socks4:// のとき、プロキシなしのとき。",
  },
  commands: [
    "home$ ssh -D 1080 server",
    "home$ chromium --proxy-server=socks5://localhost:1080 http://intranet.example:8080/",
    "home$ chromium --proxy-server=socks4://localhost:1080 http://intranet.example:8080/",
  ],
  seen: {
    en: "With socks5:// the page comes, and comes to the server's address. With socks4:// or without a proxy the name is not found.",
    ja: "socks5:// ならページが出て、相手に見えるのはサーバーのアドレス。socks4:// やプロキシなしでは名前が見つからない。",
  },
  why: {
    en: "For socks5:// Chromium hands the name to the proxy (curl calls that socks5h). SOCKS4 has no place for names, so it asks home's resolver.",
    ja: "socks5:// の Chromium は名前をプロキシに渡す(curl でいう socks5h)。SOCKS4 には名前の場所がなく、自宅の名前解決に尋ねる。",
  },
});

const test = labTest({ images: { home: "forwardlab/browser" } });

/** Prints the page as it stands after its scripts have run. A container has no sandbox to offer to root. */
const chromium = (...rest: string[]) => ["chromium-headless-shell", "--no-sandbox", "--disable-gpu", "--dump-dom", ...rest];

test("the page comes by socks5:// alone", async ({ lab }) => {
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

test("control: by its address the page needs no name, and comes those ways, too", async ({ lab }) => {
  const intranet = await lab.campus.serve(8080);
  await using _proxy = await lab.home.ssh("-D", "1080");

  for (const way of ["--proxy-server=socks4://localhost:1080", "--no-proxy-server"]) {
    const { stdout } = await lab.home.run(chromium(way, "http://198.51.100.20:8080/hello"));
    expect(stdout, way).toContain(intranet.identity);
  }
});
