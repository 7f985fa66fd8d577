import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "services",
  title: {
    en: "Through a forward, a development server answers by address or as localhost, but blocks the server's name",
    ja: "転送越しの開発サーバーは、アドレスや localhost には応答するが、サーバーの名前は拒否する",
  },
  question: {
    en: "Vite runs at home, and -R leads to it. Another LAN opens http://server:8080/. What does it see?",
    ja: "自宅で Vite が動き、-R で転送されています。別の LAN から http://server:8080/ を開くと、何が表示されますか。",
  },
  predict: {
    en: "The page, an ssh error, or a Vite error? And with the server's address, or as localhost through -L?",
    ja: "ページですか、ssh のエラーですか、Vite のエラーですか。サーバーのアドレスや、-L を通した localhost で開くとどうなりますか。",
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
    en: "By name it is 403, Blocked request; by address and as localhost the page. With the name in server.allowedHosts, the name works too.",
    ja: "名前では 403 Blocked request、アドレスと localhost ではページが表示されます。server.allowedHosts に名前を加えれば、名前でも開けます。",
  },
  why: {
    en: "The forward leaves the Host header unchanged. Vite suspects DNS rebinding behind an unknown name: a foreign page reading what runs on localhost.",
    ja: "転送は Host ヘッダーを変えません。Vite は、未知の名前に対して DNS リバインディング（他人のページが localhost の内容を読み取る攻撃）を疑います。",
  },
});

const test = labTest({ sshd: "GatewayPorts clientspecified\n", images: { home: "forwardlab/web" } });

const page = "the page at home";
const site = { "/srv/site/index.html": `<title>${page}</title>\n` };
const vite = ["node", "/opt/web/node_modules/vite/bin/vite.js", "/srv/site", "--port", "8080", "--strictPort"];
// Vite first tests whether the port is free: for a moment, something listens that answers nobody.
const ready = { says: /Local:/ };
const open = (url: string) => ["curl", "-sS", "-w", "\n%{http_code}", url];
const answer = (status: number, text: string) => ({ code: 0, stdout: expect.stringMatching(new RegExp(`${text}[^]*\n${status}$`)) });

test("by name it is blocked, by address it is not", async ({ lab }) => {
  await lab.home.write(site);
  await lab.home.start(vite, ready);
  await using _remote = await lab.home.ssh("-R", ":8080:localhost:8080", { service: false });

  expect(await lab.otherLan.run(open("http://server:8080/"))).toMatchObject(
    answer(403, 'Blocked request. This host \\("server"\\) is not allowed'),
  );
  expect(await lab.otherLan.run(open("http://198.51.100.10:8080/"))).toMatchObject(answer(200, page));

  await using _local = await lab.otherLan.ssh("-L", "8080:localhost:8080", { service: false });
  expect(await lab.otherLan.run(open("http://localhost:8080/"))).toMatchObject(answer(200, page));
});

test("control: once the config allows the name, the page loads by name", async ({ lab }) => {
  await lab.home.write({ ...site, "/srv/site/vite.config.mjs": 'export default { server: { allowedHosts: ["server"] } };\n' });
  await lab.home.start(vite, ready);
  await using _remote = await lab.home.ssh("-R", ":8080:localhost:8080", { service: false });

  expect(await lab.otherLan.run(open("http://server:8080/"))).toMatchObject(answer(200, page));
});
