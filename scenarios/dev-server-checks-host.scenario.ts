import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "A development server answers through a forward by address or as localhost, and blocks the server's name until it is told to allow it",
    ja: "開発サーバーは転送越しでも、アドレスや localhost なら応答し、サーバーの名前は許可されるまで拒む",
  },
  question: {
    en: "Vite runs at home, and -R leads to it. Another LAN opens http://server:8080/. What does it see?",
    ja: "自宅で Vite が動き、-R がそこへ通じる。別の LAN で http://server:8080/ を開くと何が見えるか。",
  },
  predict: {
    en: "The page, an error of ssh, or an error of Vite? And with the server's address, or as localhost through -L?",
    ja: "ページか、ssh のエラーか、Vite のエラーか。サーバーのアドレスで開いたとき、-L を通して localhost として開いたときはどうか。",
  },
  commands: [
    "home$ npx vite --port 8080",
    "home$ ssh -R :8080:localhost:8080 server",
    "other-lan$ curl http://server:8080/",
    "other-lan$ curl http://198.51.100.10:8080/",
    "other-lan$ ssh -L 8080:localhost:8080 server",
    "other-lan$ curl http://localhost:8080/",
  ],
  seen: {
    en: "By name 403, Blocked request; by address and as localhost the page. With the name in server.allowedHosts it comes by name, too.",
    ja: "名前では 403 Blocked request、アドレスと localhost ではページ。server.allowedHosts に名前を書けば、名前でも届く。",
  },
  why: {
    en: "The forward carries the Host header unchanged. Vite takes a name that it does not know for DNS rebinding: a foreign page that reads what runs on localhost.",
    ja: "転送は Host ヘッダーをそのまま運ぶ。Vite は知らない名前を DNS リバインディング(よそのページが localhost のものを読む手口)とみなす。",
  },
});

const test = labTest({ sshd: "GatewayPorts clientspecified\n", images: { home: "forwardlab/web" } });

const page = "the page at home";
const site = { "/srv/site/index.html": `<title>${page}</title>\n` };
const vite = ["node", "/opt/web/node_modules/vite/bin/vite.js", "/srv/site", "--port", "8080", "--strictPort"];
const open = (url: string) => ["curl", "-sS", "-w", "\n%{http_code}", url];
const answer = (status: number, text: string) => ({ code: 0, stdout: expect.stringMatching(new RegExp(`${text}[^]*\n${status}$`)) });

test("by name it is blocked, by address it is not", async ({ lab }) => {
  await lab.home.write(site);
  await lab.home.start(vite, { listensOn: 8080 });
  await using _remote = await lab.home.ssh("-R", ":8080:localhost:8080", { service: false });

  expect(await lab.otherLan.run(open("http://server:8080/"))).toMatchObject(
    answer(403, 'Blocked request. This host \\("server"\\) is not allowed'),
  );
  expect(await lab.otherLan.run(open("http://198.51.100.10:8080/"))).toMatchObject(answer(200, page));

  await using _local = await lab.otherLan.ssh("-L", "8080:localhost:8080", { service: false });
  expect(await lab.otherLan.run(open("http://localhost:8080/"))).toMatchObject(answer(200, page));
});

test("control: once its config allows the name, the page comes by name", async ({ lab }) => {
  await lab.home.write({ ...site, "/srv/site/vite.config.mjs": 'export default { server: { allowedHosts: ["server"] } };\n' });
  await lab.home.start(vite, { listensOn: 8080 });
  await using _remote = await lab.home.ssh("-R", ":8080:localhost:8080", { service: false });

  expect(await lab.otherLan.run(open("http://server:8080/"))).toMatchObject(answer(200, page));
});
