import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "dynamic",
  title: {
    en: "-D carries no UDP: ssh hangs up on SOCKS5's request for it, and a datagram leaves by the near way",
    ja: "-D は UDP を運ばない。SOCKS5 の UDP 要求に ssh は無言で切り、データグラムは手元の回線から出ていく",
  },
  question: {
    en: "SOCKS5 knows UDP. Does a program behind `ssh -D` get it?",
    ja: "SOCKS5 には UDP がある。`ssh -D` の手前のプログラムは使えるか。",
  },
  predict: {
    en: "What does ssh answer to UDP ASSOCIATE, an error or nothing? Whose address does a datagram come from?",
    ja: "UDP ASSOCIATE に ssh はエラーを返すか、何も返さないか。データグラムは誰のアドレスから届くか。",
  },
  commands: [
    "home$ ssh -D 1080 server",
    "home$ printf '\\5\\1\\0\\5\\3\\0\\1\\0\\0\\0\\0\\0\\0' | nc localhost 1080 | xxd",
    "home$ echo hello | nc -u -w 1 198.51.100.20 5000",
    "campus# tcpdump -A udp port 5000",
  ],
  seen: {
    en: "The greeting is answered, the request is not: ssh closes the connection. The datagram comes from home's own address.",
    ja: "挨拶には答えるが要求には答えず、ssh は接続を閉じる。データグラムは自宅自身のアドレスから届く。",
  },
  why: {
    en: "A channel of SSH is a stream of bytes, opened by CONNECT alone. DNS, HTTP/3, games and calls need a VPN, or a way over TCP.",
    ja: "SSH のチャネルはバイトの流れで、開くのは CONNECT だけ。DNS、HTTP/3、ゲーム、通話には VPN か、TCP を通る道が要る。",
  },
});

/** SOCKS5: no authentication, then one request for port 80 of campus. */
const request = (command: string) => `\x05\x01\x00\x05${command}\x00\x03\x06campus\x00\x50`;
const connect = request("\x01");
const udpAssociate = request("\x03");
const greeted = "\x05\x00";
const granted = "\x05\x00\x00\x01";

test("the request for UDP ends in silence, the one for TCP is granted", async ({ lab }) => {
  const web = await lab.campus.serve(80);
  await using _proxy = await lab.home.ssh("-D", "1080");
  const say = async (input: string) => (await lab.home.run(["nc", "localhost", "1080"], { input })).stdout;

  const page = await say(`${connect}GET /hello HTTP/1.0\r\n\r\n`);
  expect(page.startsWith(greeted + granted)).toBe(true);
  expect(page).toContain(web.identity);
  expect(await say(udpAssociate)).toBe(greeted);
});

test("a datagram comes from home, what asks the proxy from the server", async ({ lab }) => {
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
