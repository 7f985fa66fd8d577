import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "Home resolves the target name of -R anew for each visitor: an open tunnel follows a name that moves",
    ja: "-R の転送先の名前は、接続のたびに自宅で名前解決する。名前の指す先が変わると、開いているトンネルの行き先も変わる",
  },
  question: {
    en: "`-R 43234:nas:80` is up. At home, the name nas moves to another host. Where does the next visitor end up?",
    ja: "`-R 43234:nas:80` が開いています。自宅で nas という名前が別のホストを指すようになりました。次の接続はどこに届きますか。",
  },
  predict: {
    en: "At the old host until ssh is restarted, or at the new one? And if the server knows a nas of its own?",
    ja: "ssh を再起動するまで元のホストですか、それとも新しいホストですか。サーバーにも nas という名前があるとどうなりますか。",
  },
  commands: [
    "home$ ssh -R 43234:nas:80 server",
    "server$ curl http://localhost:43234/",
    "home# vi /etc/hosts",
    "server$ curl http://localhost:43234/",
  ],
  seen: {
    en: "At the new one, without a new login. With an address instead of the name, still at the old one. What the server knows as nas does not matter.",
    ja: "再ログインしなくても、新しいホストに届きます。名前ではなくアドレスを指定した場合は、元のホストのままです。サーバー側の nas は関係ありません。",
  },
  why: {
    en: "ssh keeps the name as typed and resolves it for each connection. Whoever controls names at home controls where the tunnel leads.",
    ja: "ssh は入力された名前をそのまま保持し、接続のたびに名前解決します。自宅の名前解決を変えられる人は、トンネルの行き先も変えられます。",
  },
});

test.for([
  { target: "nas", follows: true },
  { target: "192.168.1.20", follows: false },
])("-R to $target: follows the name is $follows", async ({ target, follows }, { lab }) => {
  const { stdout: hosts } = await lab.home.run(["cat", "/etc/hosts"]);
  const nasIs = (address: string) => lab.home.write({ "/etc/hosts": `${hosts}${address} nas\n` });
  const old = await lab.homeLan.serve(80);
  const fresh = await lab.home.serve(80);
  await lab.server.write({ "/etc/hosts": `${(await lab.server.run(["cat", "/etc/hosts"])).stdout}198.51.100.20 nas\n` });
  await nasIs("192.168.1.20");
  await lab.home.equip();
  await lab.home.start(["ssh", "-v", "-N", "-R", `43234:${target}:80`, "server"], { says: /remote forward success/ });
  const visit = async () => (await lab.server.run(["curl", "-sS", "http://localhost:43234/hello"])).stdout;
  expect(await visit()).toContain(old.identity);

  await nasIs("192.168.1.10");

  expect(await visit()).toContain(follows ? fresh.identity : old.identity);
});
