import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "-D is no VPN: a program that does not ask the proxy goes out from home, and home's router reads the names it looks up",
    ja: "-D は VPN ではない。プロキシに頼まないプログラムは自宅からそのまま出ていき、調べた名前は自宅のルーターに読まれる",
  },
  question: {
    en: "`ssh -D 1080` runs and the browser uses it. Which way does everything else go?",
    ja: "`ssh -D 1080` が動き、ブラウザーはそれを使う。ほかのものはどこを通るか。",
  },
  predict: {
    en: "Of a program with the proxy and one without: which address does the web server see, and what does home's router read?",
    ja: "プロキシを使うものと使わないもの。Web サーバーに見えるアドレスと、自宅のルーターに読めるものは何か。",
  },
  commands: [
    "home$ ssh -D 1080 server",
    "home$ curl --socks5-hostname localhost:1080 http://hidden.example/",
    "home$ curl http://open.example/",
    "home$ curl http://198.51.100.20:8080/",
  ],
  seen: {
    en: "With the proxy the web server sees the server, and home's router nothing. Without it both see home.",
    ja: "プロキシを使えば Web サーバーに見えるのはサーバーで、自宅のルーターには何も見えない。使わなければどちらにも自宅が見える。",
  },
  why: {
    en: "ssh changes no route and no resolver. It opens a port, and serves whoever comes to it.",
    ja: "ssh は経路も名前解決も変えない。ポートを一つ開き、そこへ来たものに応じるだけ。",
  },
});

const proxied = ["--socks5-hostname", "localhost:1080"];

test("the web server sees who dials", async ({ lab }) => {
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

test("home's router reads the names that are looked up at home, and those alone", async ({ lab }) => {
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
