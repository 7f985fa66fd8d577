import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "A remote forward defeats Redis's protected mode: every visitor counts as local",
    ja: "リモート転送では Redis の保護モードが効かない。誰の接続もローカルとみなされる",
  },
  question: {
    en: "Redis at home has no password and answers only local clients. Who can read it after `-R :6379:localhost:6379`?",
    ja: "自宅の Redis にはパスワードがなく、ローカルのクライアントにだけ応答します。`-R :6379:localhost:6379` の後、読めるのは誰ですか。",
  },
  predict: {
    en: "A host on home's LAN, connecting directly? A host on another LAN, through the server?",
    ja: "同じ LAN から直接接続するホストはどうですか。サーバーを経由する別の LAN のホストはどうですか。",
  },
  commands: [
    "home$ redis-server",
    "home$ ssh -R :6379:localhost:6379 server",
    "home-lan$ redis-cli -h 192.168.1.10 get diary",
    "other-lan$ redis-cli -h server get diary",
  ],
  seen: {
    en: "The neighbour gets DENIED, the other LAN reads the diary. With requirepass both need the password.",
    ja: "同じ LAN のホストは DENIED で拒否されますが、別の LAN からは読めます。requirepass を設定すれば、どちらにもパスワードが必要です。",
  },
  why: {
    en: "Protected mode looks at the client's address, which is ::1 or 127.0.0.1 through the forward. Whatever trusts loopback trusts every visitor of the forward.",
    ja: "保護モードはクライアントのアドレスを見ますが、転送を通ると ::1 か 127.0.0.1 になります。ループバックを信頼するサービスは、転送を通るすべての接続を信頼してしまいます。",
  },
});

const image = "forwardlab/database";
const test = labTest({
  sshd: "GatewayPorts clientspecified\n",
  images: { home: image, "home-lan": image, "other-lan": image },
});

const read = (host: string, ...options: string[]) => ["redis-cli", "-h", host, ...options, "get", "diary"];

test("the neighbour is denied, the other LAN is not", async ({ lab }) => {
  await lab.home.start(["redis-server", "--save", ""], { listensOn: 6379 });
  await lab.home.run(["redis-cli", "set", "diary", "dear me"]);

  await using _forward = await lab.home.ssh("-R", ":6379:localhost:6379", { service: false });

  expect((await lab.homeLan.run(read("192.168.1.10"))).stdout).toMatch(/^DENIED Redis is running in protected mode/);
  expect((await lab.otherLan.run(read("server"))).stdout).toBe("dear me\n");
});

test("control: everyone needs the password", async ({ lab }) => {
  await lab.home.start(["redis-server", "--save", "", "--requirepass", "sesame"], { listensOn: 6379 });
  await lab.home.run(["redis-cli", "-a", "sesame", "set", "diary", "dear me"]);

  await using _forward = await lab.home.ssh("-R", ":6379:localhost:6379", { service: false });

  expect((await lab.homeLan.run(read("192.168.1.10"))).stdout).toMatch(/^NOAUTH/);
  expect((await lab.otherLan.run(read("server"))).stdout).toMatch(/^NOAUTH/);
  expect((await lab.otherLan.run(read("server", "-a", "sesame"))).stdout).toBe("dear me\n");
});
