import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "A forward on the server's loopback is open to every account that may forward: its own -L or -W leads there",
    ja: "サーバーのループバックにある転送は、転送を許された全アカウントに開いている。自分の -L や -W で届く",
  },
  question: {
    en: "alice's forward listens on 127.0.0.1 alone. Can bob, from another LAN, reach alice's home?",
    ja: "alice の転送は 127.0.0.1 だけで待ち受ける。別の LAN の bob は alice の自宅に届くか。",
  },
  predict: { en: "bob has a key of his own and no shell. Is he kept out?", ja: "bob には自分の鍵があり、シェルはない。締め出されるか。" },
  commands: [
    "home$ ssh -R 43234:localhost:3389 alice@server",
    "other-lan$ ssh -L 5000:localhost:43234 bob@server",
    "other-lan$ ssh -W localhost:43234 bob@server",
  ],
  seen: {
    en: "bob lands on alice's machine at home. PermitOpen for bob stops him.",
    ja: "bob は alice の自宅の機械に着く。bob への PermitOpen がそれを止める。",
  },
  why: {
    en: 'For bob\'s ssh it is the server that dials, and from there loopback is near. "Only on the server" means: for all who may connect from the server.',
    ja: "bob の ssh でダイヤルするのはサーバーで、そこからループバックはすぐ隣。「サーバーだけ」とは「サーバーから接続できる全員」のこと。",
  },
});

const accounts = { alice: {}, bob: {} };
const dialAlice = ["ssh", "-W", "localhost:43234", "bob@server"];

test("bob reaches alice's machine at home", async ({ lab, onTestFinished }) => {
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

test("control: PermitOpen keeps bob to what is his", async ({ lab }) => {
  await lab.use({ sshd: "Match User bob\n  PermitOpen localhost:80\n", accounts });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389", { as: "alice" });
  await expect(lab.server).toReach(forward);
  await lab.otherLan.equip();

  const refused = await lab.otherLan.run(dialAlice, { input: "GET /hello HTTP/1.0\r\n\r\n" });

  expect(refused).toMatchObject({ code: 255, stdout: "", stderr: expect.stringContaining("administratively prohibited") });
});
