import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "-D is no VPN: programs that do not use the proxy go out directly, and home's router sees the names they look up",
    ja: "-D は VPN ではない。プロキシを使わないプログラムは直接接続し、調べた名前は自宅のルーターに見える",
  },
  question: {
    en: "`ssh -D 1080` is running and the browser uses it. Which way does everything else go?",
    ja: "`ssh -D 1080` が動き、ブラウザーはそれを使っています。ほかのプログラムの通信はどこを通りますか。",
  },
  predict: {
    en: "With the proxy and without it: which address does the web server see, and what does home's router see?",
    ja: "プロキシを使う場合と使わない場合で、Web サーバーに見えるアドレスは何ですか。自宅のルーターには何が見えますか。",
  },
  commands: [
    "home$ ssh -D 1080 server",
    "home$ curl --socks5-hostname localhost:1080 http://hidden.example/",
    "home$ curl http://open.example/",
    "home$ curl http://198.51.100.20:8080/",
  ],
  seen: {
    en: "With the proxy, the web server sees our server's address, and home's router no lookup. Without it, they see home's address and the name.",
    ja: "プロキシを使うと、Web サーバーに見えるのはサーバーのアドレスで、自宅のルーターに名前の問い合わせは見えません。使わないと、それぞれ自宅のアドレスと名前が見えます。",
  },
  why: {
    en: "ssh changes neither routes nor the resolver. It opens a port and serves whoever connects to it.",
    ja: "ssh は経路もリゾルバーも変えません。ポートを 1 つ開き、そこへの接続に応じるだけです。",
  },
});

const proxied = ["--socks5-hostname", "localhost:1080"];

test("the web server sees who connects", async ({ lab }) => {
  const web = await lab.campus.serve(8080);
  await using _proxy = await lab.home.ssh("-D", "1080");
  const seenBy = async (...way: string[]) => {
    const capture = await lab.capture("campus", "ip and tcp dst port 8080");
    const { stdout } = await lab.home.run(["curl", "-sS", ...way, "http://198.51.100.20:8080/hello"]);
    expect(stdout).toContain(web.identity);
    const request = () => capture.packets.find((packet) => packet.includes("GET /hello"));
    await expect.poll(request).toBeDefined();
    return / IP ([\d.]+)\.\d+ > /.exec(request() ?? "")?.[1];
  };

  expect(await seenBy(...proxied)).toBe("198.51.100.10");
  expect(await seenBy()).toBe("203.0.113.7");
});

test("home's router sees only the names that are looked up at home", async ({ lab }) => {
  await lab.home.write({ "/etc/resolv.conf": "nameserver 192.168.1.1\noptions attempts:1 timeout:1\n" });
  await using proxy = await lab.home.ssh("-D", "1080");
  await expect(lab.home).toReach(proxy);
  const router = await lab.capture("home-router", "udp port 53");
  const asked = (name: string) => router.packets.some((packet) => packet.includes(`A? ${name}.`));

  await lab.home.run(["curl", "-sS", ...proxied, "http://hidden.example/"]);
  await lab.home.run(["curl", "-sS", "http://open.example/"]);

  await expect.poll(() => asked("open.example")).toBe(true);
  expect(asked("hidden.example")).toBe(false);
  expect(proxy.outcome.clientLog).toContain("hidden.example");
});
