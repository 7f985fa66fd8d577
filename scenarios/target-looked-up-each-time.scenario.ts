import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "The name after -R is looked up by home, anew for each visitor: a tunnel that stands follows a name that moves",
    ja: "-R の行き先の名前は、訪問者が来るたびに自宅が引き直す。立っているトンネルも、名前の移動に付いていく",
  },
  question: {
    en: "`-R 43234:nas:80` is up. The name nas moves to another machine at home. Where does the next visitor land?",
    ja: "`-R 43234:nas:80` が立っている。自宅で nas という名前が別の機械に移る。次の訪問者はどこに着くか。",
  },
  predict: {
    en: "At the old machine until ssh is restarted, or at the new one? And if the server knows a nas of its own?",
    ja: "ssh を再起動するまで古い機械か、それとも新しい機械か。サーバーにも nas という名前があればどうか。",
  },
  commands: [
    "home$ ssh -R 43234:nas:80 server",
    "server$ curl http://localhost:43234/",
    "home# vi /etc/hosts",
    "server$ curl http://localhost:43234/",
  ],
  seen: {
    en: "At the new one, without a new login. With an address in place of the name he lands where he did before. What the server calls nas counts for nothing.",
    ja: "新しいログインなしに、新しい機械に着く。名前でなくアドレスを書いていれば、前と同じ所に着く。サーバーの側の nas は関係ない。",
  },
  why: {
    en: "ssh keeps the words of the command, and dials when a visitor comes. Whoever controls names at home controls where the tunnel leads.",
    ja: "ssh はコマンドの語を覚えておき、訪問者が来たときにダイヤルする。自宅の名前解決を握る者が、トンネルの行き先を握る。",
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
