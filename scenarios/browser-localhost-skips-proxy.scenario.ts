import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "Behind -D, localhost in the browser is still home: Chromium sends loopback past every proxy until it is told not to",
    ja: "-D の手前でも、ブラウザーの localhost は自宅のまま。Chromium は、やめさせるまでループバックをどのプロキシにも通さない",
  },
  question: {
    en: "Chromium uses -D. It opens http://localhost:8081/. Both home and server have a web server there. Which one answers?",
    ja: "Chromium が -D を使い、http://localhost:8081/ を開く。自宅にもサーバーにもその Web サーバーがある。応答するのはどちらか。",
  },
  predict: {
    en: "By the name localhost and by 127.0.0.1? And with --proxy-bypass-list='<-loopback>'? What does curl do?",
    ja: "localhost と 127.0.0.1 ではどうか。--proxy-bypass-list='<-loopback>' を付けたら。curl ならどうか。",
  },
  commands: [
    "home$ ssh -D 1080 server",
    "home$ chromium --proxy-server=socks5://localhost:1080 http://localhost:8081/",
    "home$ chromium --proxy-server=socks5://localhost:1080 --proxy-bypass-list='<-loopback>' http://localhost:8081/",
    "home$ curl --socks5-hostname localhost:1080 http://localhost:8081/",
  ],
  seen: {
    en: "Home's. With <-loopback> the server's, as with curl, which makes no exception.",
    ja: "自宅のもの。<-loopback> を付ければサーバーのもの。例外を設けない curl でも、サーバーのもの。",
  },
  why: {
    en: "The browser never asks the proxy for loopback, so ssh does not come into it. The minus sign takes that rule away.",
    ja: "ループバックについてブラウザーはプロキシに頼まず、ssh の出番がない。マイナス記号がその規則を取り除く。",
  },
});

const test = labTest({ images: { home: "forwardlab/browser" } });

/** A container has no sandbox to offer to root. */
const chromium = ["chromium-headless-shell", "--no-sandbox", "--disable-gpu", "--dump-dom", "--proxy-server=socks5://localhost:1080"];
const curl = ["curl", "-sS", "--socks5-hostname", "localhost:1080"];

test("localhost is home's, unless loopback is sent to the proxy, too", async ({ lab }) => {
  const [atHome, onServer] = await Promise.all([lab.home.serve(8081), lab.server.serve(8081)]);
  await using _proxy = await lab.home.ssh("-D", "1080");
  const opens = async (browser: readonly string[], url: string) => {
    const { stdout } = await lab.home.run([...browser, url]);
    return [atHome, onServer].filter(({ identity }) => stdout.includes(identity)).map(({ host }) => host);
  };

  const url = "http://localhost:8081/hello";
  expect(await opens(chromium, url)).toEqual(["home"]);
  expect(await opens(chromium, "http://127.0.0.1:8081/hello")).toEqual(["home"]);
  expect(await opens([...chromium, "--proxy-bypass-list=<-loopback>"], url)).toEqual(["server"]);
  expect(await opens(curl, url)).toEqual(["server"]);
});
