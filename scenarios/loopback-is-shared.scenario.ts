import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "A forward on the server's loopback is open to every account that may forward: -L or -W leads there",
    ja: "サーバーのループバックにある転送には、転送を許可された全アカウントが -L や -W で接続できる",
  },
  question: {
    en: "alice's forward listens only on loopback. Can bob, on another LAN, reach alice's home?",
    ja: "alice の転送はループバックだけで待ち受けています。別の LAN にいる bob は、alice の自宅に接続できますか。",
  },
  predict: {
    en: "bob has his own key and uses no shell. Is he kept out?",
    ja: "bob は自分の鍵を持ち、シェルは使いません。bob の接続は防げますか。",
  },
  commands: [
    "home$ ssh -R 43234:localhost:3389 alice@server",
    "other-lan$ ssh -L 5000:localhost:43234 bob@server",
    "other-lan$ ssh -W localhost:43234 bob@server",
  ],
  seen: {
    en: "bob reaches alice's host at home. PermitOpen for bob stops him.",
    ja: "bob は alice の自宅のホストに接続できます。bob に PermitOpen を設定すれば防げます。",
  },
  why: {
    en: 'For bob, the server makes the connection, and loopback is local to it. "Only on the server" means: for everyone who may connect from the server.',
    ja: "bob の代わりに接続するのはサーバーで、ループバックはサーバー自身です。「サーバーだけ」とは、「サーバーから接続できる全員」という意味です。",
  },
});

const accounts = { alice: {}, bob: {} };
const dialAlice = ["ssh", "-W", "localhost:43234", "bob@server"];

test("bob reaches alice's host at home", async ({ lab, onTestFinished }) => {
  await lab.use({ sshd: "", accounts });
  const desktop = await lab.home.serve(3389);
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389", { as: "alice" });
  await expect(lab.otherLan).toSee(forward, "refused", { by: "bind-address" });
  await lab.otherLan.equip();

  const { stdout } = await lab.otherLan.run(dialAlice, { input: "GET /hello HTTP/1.0\r\n\r\n" });

  expect(stdout).toContain(desktop.identity);

  const socket = "/run/forwardlab-bob";
  await lab.otherLan.run(["sh", "-c", `exec ssh -M -S ${socket} -fN -L 5000:localhost:43234 bob@server >/dev/null 2>&1`]);
  onTestFinished(async () => {
    await lab.otherLan.run(["ssh", "-S", socket, "-O", "exit", "bob@server"]);
  });
  expect((await lab.otherLan.run(["curl", "-sS", "http://localhost:5000/hello"])).stdout).toContain(desktop.identity);
});

test("control: PermitOpen keeps bob out", async ({ lab }) => {
  await lab.use({ sshd: "Match User bob\n  PermitOpen localhost:80\n", accounts });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389", { as: "alice" });
  await expect(lab.server).toReach(forward);
  await lab.otherLan.equip();

  const refused = await lab.otherLan.run(dialAlice, { input: "GET /hello HTTP/1.0\r\n\r\n" });

  expect(refused).toMatchObject({ code: 255, stdout: "", stderr: expect.stringContaining("administratively prohibited") });
});
