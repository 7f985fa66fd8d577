import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "-D carries no UDP: ssh hangs up on the SOCKS5 request for it, and a datagram leaves directly from home",
    ja: "-D は UDP を運ばない。SOCKS5 の UDP 要求に ssh は応答せず切断し、データグラムは自宅から直接出ていく",
  },
  question: {
    en: "SOCKS5 supports UDP. Does a program that uses `ssh -D` get it?",
    ja: "SOCKS5 は UDP に対応しています。`ssh -D` を使うプログラムは UDP を使えますか。",
  },
  predict: {
    en: "How does ssh answer UDP ASSOCIATE: with an error, or not at all? What source address does a datagram have?",
    ja: "UDP ASSOCIATE に、ssh はエラーを返しますか、それとも応答しませんか。データグラムの送信元アドレスはどこになりますか。",
  },
  commands: [
    "home$ ssh -D 1080 server",
    "home$ printf '\\5\\1\\0\\5\\3\\0\\1\\0\\0\\0\\0\\0\\0' | nc localhost 1080 | xxd",
    "home$ echo hello | nc -u -w 1 198.51.100.20 5000",
    "campus# tcpdump -A udp port 5000",
  ],
  seen: {
    en: "ssh answers the greeting but not the request, and closes the connection. The datagram comes from home's own address.",
    ja: "ssh は最初の挨拶には応答しますが、要求には応答せずに切断します。データグラムの送信元は自宅のアドレスです。",
  },
  why: {
    en: "An SSH channel is a byte stream, and ssh opens one only for CONNECT. DNS, HTTP/3, games and calls need a VPN, or a fallback to TCP.",
    ja: "SSH のチャネルはバイトストリームで、ssh が対応するのは CONNECT だけです。DNS、HTTP/3、ゲーム、通話には、VPN か、TCP を使う代替手段が必要です。",
  },
});

/** SOCKS5: no authentication, then one request for port 80 of campus. */
const request = (command: string) => `\x05\x01\x00\x05${command}\x00\x03\x06campus\x00\x50`;
const connect = request("\x01");
const udpAssociate = request("\x03");
const greeted = "\x05\x00";
const granted = "\x05\x00\x00\x01";

test("the request for UDP gets no answer, the one for TCP is granted", async ({ lab }) => {
  const web = await lab.campus.serve(80);
  await using _proxy = await lab.home.ssh("-D", "1080");
  const say = async (input: string) => (await lab.home.run(["nc", "localhost", "1080"], { input })).stdout;

  const page = await say(`${connect}GET /hello HTTP/1.0\r\n\r\n`);
  expect(page.startsWith(greeted + granted)).toBe(true);
  expect(page).toContain(web.identity);
  expect(await say(udpAssociate)).toBe(greeted);
});

test("a datagram comes from home, what uses the proxy from the server", async ({ lab }) => {
  const web = await lab.campus.serve(8080);
  await using _proxy = await lab.home.ssh("-D", "1080");
  const atCampus = await lab.capture("campus", "ip and (udp port 5000 or tcp dst port 8080)");
  const from = (what: string) => {
    const found = atCampus.packets.filter((packet) => packet.includes(what));
    return [...new Set(found.map((packet) => / IP ([\d.]+)\.\d+ > /.exec(packet)?.[1]))];
  };

  const page = await lab.home.run(["curl", "-sS", "--socks5", "localhost:1080", "http://198.51.100.20:8080/hello"]);
  expect(page.stdout).toContain(web.identity);
  await lab.home.run(["nc", "-u", "-w", "1", "198.51.100.20", "5000"], { input: "good morning\n" });

  await expect.poll(() => from("good morning")).toEqual(["203.0.113.7"]);
  expect(from("GET /hello")).toEqual(["198.51.100.10"]);
});
