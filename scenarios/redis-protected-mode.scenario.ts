import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "A remote forward takes Redis's protected mode away: every visitor counts as local",
    ja: "リモート転送は Redis の保護モードを無力にする。訪問者は全員、ローカル扱いになる",
  },
  question: {
    en: "Redis at home has no password and answers local clients alone. Who may read it after `-R :6379:localhost:6379`?",
    ja: "自宅の Redis にはパスワードがなく、ローカルのクライアントにだけ答える。`-R :6379:localhost:6379` のあと、読めるのは誰か。",
  },
  predict: {
    en: "The machine beside home, dialling it directly? A machine on another LAN, through the server?",
    ja: "自宅に直接つなぐ隣の機械は。サーバーを通って来る別の LAN の機械は。",
  },
  commands: [
    "home$ redis-server",
    "home$ ssh -R :6379:localhost:6379 server",
    "home-lan$ redis-cli -h 192.168.1.10 get diary",
    "other-lan$ redis-cli -h server get diary",
  ],
  seen: {
    en: "The neighbour is DENIED, the stranger reads the diary. With requirepass both need the password.",
    ja: "隣の機械は DENIED と断られ、よその者は日記を読める。requirepass があれば、どちらにもパスワードが要る。",
  },
  why: {
    en: "Protected mode looks at the client's address, and through the forward that is ::1 or 127.0.0.1. Whatever trusts loopback trusts the forward's visitors.",
    ja: "保護モードはクライアントのアドレスを見るが、転送を通るとそれは ::1 か 127.0.0.1 になる。ループバックを信じるものは、転送の訪問者も信じてしまう。",
  },
});

const image = "forwardlab/database";
const test = labTest({
  sshd: "GatewayPorts clientspecified\n",
  images: { home: image, "home-lan": image, "other-lan": image },
});

const read = (host: string, ...options: string[]) => ["redis-cli", "-h", host, ...options, "get", "diary"];

test("the neighbour is denied, the stranger is not", async ({ lab }) => {
  await lab.home.start(["redis-server", "--save", ""], { listensOn: 6379 });
  await lab.home.run(["redis-cli", "set", "diary", "dear me"]);

  await using _forward = await lab.home.ssh("-R", ":6379:localhost:6379", { service: false });

  expect((await lab.homeLan.run(read("192.168.1.10"))).stdout).toMatch(/^DENIED Redis is running in protected mode/);
  expect((await lab.otherLan.run(read("server"))).stdout).toBe("dear me\n");
});

test("control: a password is asked of everybody", async ({ lab }) => {
  await lab.home.start(["redis-server", "--save", "", "--requirepass", "sesame"], { listensOn: 6379 });
  await lab.home.run(["redis-cli", "-a", "sesame", "set", "diary", "dear me"]);

  await using _forward = await lab.home.ssh("-R", ":6379:localhost:6379", { service: false });

  expect((await lab.homeLan.run(read("192.168.1.10"))).stdout).toMatch(/^NOAUTH/);
  expect((await lab.otherLan.run(read("server"))).stdout).toMatch(/^NOAUTH/);
  expect((await lab.otherLan.run(read("server", "-a", "sesame"))).stdout).toBe("dear me\n");
});
