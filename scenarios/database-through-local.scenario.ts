import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "Through -L a database stays on its loopback and opens to one machine: nobody else finds a port",
    ja: "-L なら、データベースはループバックに置いたまま、一台の機械だけに開く。ほかの誰にもポートは見えない",
  },
  question: {
    en: "Redis on the server listens on 127.0.0.1 and has no password. How does home get to it, and who else then does?",
    ja: "サーバーの Redis は 127.0.0.1 で待ち受け、パスワードはない。自宅はどう届き、そのときほかに誰が届くか。",
  },
  predict: {
    en: "Home, its neighbour, a stranger: who reads? What does Redis see? What if PermitOpen names another port?",
    ja: "自宅、その隣の機械、第三者。読めるのは誰か。Redis には何が見えるか。PermitOpen が別のポートならどうか。",
  },
  commands: ["server$ redis-server --bind 127.0.0.1", "home$ ssh -L 6379:localhost:6379 server", "home$ redis-cli get diary"],
  seen: {
    en: "Home alone reads. On the server nothing new listens, and Redis sees a client of its own machine.",
    ja: "読めるのは自宅だけ。サーバーに新しい待ち受けはできず、Redis には同じ機械のクライアントに見える。",
  },
  why: {
    en: "sshd dials for whoever has logged in, so the login is the database's lock. Keep accounts to it with PermitOpen: without that each of them has every port of the loopback.",
    ja: "sshd はログインした者のためにダイヤルするので、ログインがデータベースの鍵になる。PermitOpen で行き先を絞ること。絞らなければ、どのアカウントにもループバックの全ポートが開く。",
  },
});

const image = "forwardlab/database";
const test = labTest({ images: { server: image, home: image, "home-lan": image } });

const read = (host: string) => ["redis-cli", "-h", host, "get", "diary"];

test("home alone reads", async ({ lab }) => {
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

test("control: an account that may open another port reads nothing", async ({ lab }) => {
  await lab.use({ sshd: "PermitOpen localhost:80\n" });
  await lab.server.start(["redis-server", "--save", "", "--bind", "127.0.0.1"], { listensOn: 6379 });

  await using _forward = await lab.home.ssh("-L", "6379:localhost:6379", { service: false });

  expect(await lab.home.run(read("localhost"))).toMatchObject({ code: 1, stdout: "", stderr: expect.stringMatching(/reset|closed/) });
});
