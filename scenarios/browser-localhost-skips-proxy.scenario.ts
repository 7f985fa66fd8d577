import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "With -D, localhost in the browser is still home: Chromium sends loopback past any proxy until told otherwise",
    ja: "-D を使っても、ブラウザーの localhost は自宅のまま。Chromium は既定でループバックをプロキシに通さない",
  },
  question: {
    en: "Chromium uses -D and opens http://localhost:8081/. Both home and the server run a web server on that port. Which one answers?",
    ja: "Chromium が -D を使って http://localhost:8081/ を開きます。そのポートでは自宅でもサーバーでも Web サーバーが動いています。応答するのはどちらですか。",
  },
  predict: {
    en: "For localhost and for 127.0.0.1? With --proxy-bypass-list='<-loopback>'? And with curl?",
    ja: "localhost と 127.0.0.1 ではどうですか。--proxy-bypass-list='<-loopback>' を付けるとどうなりますか。curl ではどうですか。",
  },
  commands: [
    "home$ ssh -D 1080 server",
    "home$ chromium --proxy-server=socks5://localhost:1080 http://localhost:8081/",
    "home$ chromium --proxy-server=socks5://localhost:1080 --proxy-bypass-list='<-loopback>' http://localhost:8081/",
    "home$ curl --socks5-hostname localhost:1080 http://localhost:8081/",
  ],
  seen: {
    en: "Home's. With <-loopback> it is the server's, as with curl, which makes no exception.",
    ja: "自宅のものです。<-loopback> を付けると、例外を設けない curl と同じく、サーバーのものになります。",
  },
  why: {
    en: "The browser never asks the proxy for loopback addresses, so ssh is not involved. The minus sign removes that rule.",
    ja: "ブラウザーはループバックへの接続をプロキシに要求しないため、ssh は関与しません。マイナス記号はこのルールを取り除きます。",
  },
});

const test = labTest({ images: { home: "forwardlab/browser" } });

/** Chromium's sandbox does not work for root in a container. */
const chromium = ["chromium-headless-shell", "--no-sandbox", "--disable-gpu", "--dump-dom", "--proxy-server=socks5://localhost:1080"];
const curl = ["curl", "-sS", "--socks5-hostname", "localhost:1080"];

test("localhost is home, unless loopback goes to the proxy too", async ({ lab }) => {
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
