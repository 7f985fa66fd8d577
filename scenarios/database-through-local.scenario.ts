import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "With -L a database stays on its loopback and opens to one host: nobody else sees a port",
    ja: "-L なら、データベースはループバックのまま、1 台のホストだけから使える。ほかからはポートも見えない",
  },
  question: {
    en: "Redis on the server listens on 127.0.0.1 and has no password. How does home reach it, and who else can then?",
    ja: "サーバーの Redis は 127.0.0.1 で待ち受け、パスワードはありません。自宅からはどう接続でき、そのときほかに誰が接続できますか。",
  },
  predict: {
    en: "Home, its neighbour, a stranger: who can read? What does Redis see? What if PermitOpen names another port?",
    ja: "自宅、同じ LAN のホスト、第三者のうち、読めるのは誰ですか。Redis からはどう見えますか。PermitOpen が別のポートならどうなりますか。",
  },
  commands: ["server$ redis-server --bind 127.0.0.1", "home$ ssh -L 6379:localhost:6379 server", "home$ redis-cli get diary"],
  seen: {
    en: "Only home can read. Nothing new listens on the server, and Redis sees a client on its own host.",
    ja: "読めるのは自宅だけです。サーバーに新しい待ち受けはできず、Redis からは同じホストのクライアントに見えます。",
  },
  why: {
    en: "sshd connects for anyone who can log in, so the login protects the database. Limit accounts with PermitOpen: without it, each of them can reach every port on the server's loopback.",
    ja: "sshd はログインした相手に代わって接続するので、データベースを守るのはログインです。PermitOpen で接続先を絞ってください。絞らなければ、どのアカウントからもループバックの全ポートに接続できます。",
  },
});

const image = "forwardlab/database";
const test = labTest({ images: { server: image, home: image, "home-lan": image } });

const read = (host: string) => ["redis-cli", "-h", host, "get", "diary"];

test("only home can read", async ({ lab }) => {
  await lab.use({ sshd: "PermitOpen localhost:6379\n" });
  await lab.server.start(["redis-server", "--save", "", "--bind", "127.0.0.1"], { listensOn: 6379 });
  await lab.server.run(["redis-cli", "set", "diary", "dear me"]);
  expect((await lab.home.run(read("server"))).stderr).toContain("Connection refused");

  await using forward = await lab.home.ssh("-L", "6379:localhost:6379", { service: false });

  expect((await lab.home.run(read("localhost"))).stdout).toBe("dear me\n");
  expect((await lab.home.run(["redis-cli", "client", "list"])).stdout).toMatch(/ addr=127\.0\.0\.1:/);
  expect(await lab.server.listeners(6379)).toEqual(["127.0.0.1:6379"]);
  expect((await lab.homeLan.run(read("192.168.1.10"))).stderr).toContain("Connection refused");
  await expect(lab.internet).not.toReach(forward);
});

test("control: with another port in PermitOpen, home reads nothing", async ({ lab }) => {
  await lab.use({ sshd: "PermitOpen localhost:80\n" });
  await lab.server.start(["redis-server", "--save", "", "--bind", "127.0.0.1"], { listensOn: 6379 });

  await using _forward = await lab.home.ssh("-L", "6379:localhost:6379", { service: false });

  expect(await lab.home.run(read("localhost"))).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/reset|closed/) });
});
