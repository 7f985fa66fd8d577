import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "A single -D speaks SOCKS4, 4a and 5; only SOCKS4 carries neither names nor IPv6",
    ja: "1 つの -D で SOCKS4、4a、5 をすべて使える。名前も IPv6 も運べないのは SOCKS4 だけ",
  },
  question: {
    en: "A program can use SOCKS4, 4a or 5. Which does `ssh -D` need, and which reaches an IPv6 address?",
    ja: "プログラムは SOCKS4、4a、5 を選べます。`ssh -D` にはどれが必要で、IPv6 アドレスに接続できるのはどれですか。",
  },
  predict: {
    en: "An IPv4 address, an IPv6 address, a name that only the server knows: which can each of curl's four options reach?",
    ja: "IPv4 アドレス、IPv6 アドレス、サーバーだけが名前解決できる名前に、curl の 4 つのオプションはそれぞれ接続できますか。",
  },
  commands: [
    "home$ ssh -D 1080 server",
    "home$ curl --socks4 localhost:1080 http://[2001:db8:100::20]:8080/",
    "home$ curl --socks4a localhost:1080 http://[2001:db8:100::20]:8080/",
    "home$ curl --socks5 localhost:1080 http://[2001:db8:100::20]:8080/",
    "home$ curl --socks5-hostname localhost:1080 http://intranet.example:8080/",
  ],
  seen: {
    en: "All reach the IPv4 address; all but SOCKS4 the IPv6 address; 4a and 5 with hostnames also the name.",
    ja: "IPv4 アドレスにはすべて接続できます。IPv6 アドレスには SOCKS4 以外で接続できます。名前には、4a と、ホスト名を渡す 5 で接続できます。",
  },
  why: {
    en: "The first byte tells ssh SOCKS4 from 5. SOCKS4 has four bytes for the target; 4a adds a name, which can also be an IPv6 address; 5 has room for all.",
    ja: "ssh は最初の 1 バイトで SOCKS4 と 5 を区別します。SOCKS4 の宛先は 4 バイトです。4a では名前も渡せ、IPv6 アドレスは名前として送れます。5 はすべてに対応します。",
  },
});

const table = [
  { way: "--socks4", ipv6: false, name: false },
  { way: "--socks4a", ipv6: true, name: true },
  { way: "--socks5", ipv6: true, name: false },
  { way: "--socks5-hostname", ipv6: true, name: true },
];

test.for(table)("$way", async ({ way, ipv6, name }, { lab }) => {
  const hosts = (await lab.server.run(["cat", "/etc/hosts"])).stdout;
  await lab.server.write({ "/etc/hosts": `${hosts}198.51.100.20 intranet.example\n` });
  const web = await lab.campus.serve(8080);
  await using _proxy = await lab.home.ssh("-D", "1080");
  const reaches = async (host: string) => {
    const { code, stdout } = await lab.home.run(["curl", "-sS", way, "localhost:1080", `http://${host}:8080/hello`]);
    expect({ code, page: stdout.includes(web.identity) }).toEqual(code === 0 ? { code: 0, page: true } : { code: 97, page: false });
    return code === 0;
  };

  expect(await reaches("198.51.100.20")).toBe(true);
  expect(await reaches("[2001:db8:100::20]")).toBe(ipv6);
  expect(await reaches("intranet.example")).toBe(name);
});
