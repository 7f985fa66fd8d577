import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "-R with only a port is a SOCKS proxy on the server whose connections come out at home, on the home LAN",
    ja: "ポートだけの -R は、サーバー上の SOCKS プロキシになる。接続は自宅から出て、自宅の LAN 全体に届く",
  },
  question: {
    en: "`ssh -R 1080 server` names no target. What can a process on the server reach?",
    ja: "`ssh -R 1080 server` には転送先がありません。サーバーのプロセスはどこに接続できますか。",
  },
  predict: {
    en: "Home itself? A NAS on its LAN? And with PermitRemoteOpen at home?",
    ja: "自宅自身はどうですか。同じ LAN の NAS はどうですか。自宅に PermitRemoteOpen があるとどうなりますか。",
  },
  commands: ["home$ ssh -R 1080 server", "server$ curl --socks5-hostname localhost:1080 http://192.168.1.20:8080/"],
  seen: {
    en: "Everything that home can connect to. Only the server reaches the proxy; PermitRemoteOpen at home restricts the targets.",
    ja: "自宅から接続できるものすべてです。プロキシを使えるのはサーバーだけで、接続先は自宅側の PermitRemoteOpen で制限できます。",
  },
  why: {
    en: "The server only listens; ssh at home speaks SOCKS and makes the connections. To the server it looks like any other -R.",
    ja: "サーバーは待ち受けるだけで、SOCKS を話して接続するのは自宅の ssh です。サーバーからは、普通の -R と区別できません。",
  },
});

const throughTheProxy = ["curl", "-sS", "--socks5-hostname", "localhost:1080", "http://192.168.1.20:8080/hello"];

test("the server reaches the NAS on home's LAN", async ({ lab }) => {
  const nas = await lab.homeLan.serve(8080);
  await expect(lab.server).not.toReach(nas);
  await using proxy = await lab.home.ssh("-R", "1080");

  await expect(lab.server).toReach(proxy);
  expect((await lab.server.run(throughTheProxy)).stdout).toContain(nas.identity);
  await expect(lab.internet).toSee(proxy, "refused", { by: "bind-address" });
});

test("control: PermitRemoteOpen at home limits it to what is listed", async ({ lab }) => {
  await lab.homeLan.serve(8080);
  await using proxy = await lab.home.ssh("-o", "PermitRemoteOpen=localhost:7", "-R", "1080");

  await expect(lab.server).toReach(proxy);
  expect(await lab.server.run(throughTheProxy)).toMatchObject({ code: 97, stdout: "" });
});
