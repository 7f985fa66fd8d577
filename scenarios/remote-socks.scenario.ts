import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "-R with a port alone is a SOCKS proxy on the server that comes out at home, with the whole home LAN behind it",
    ja: "ポートだけの -R は、サーバー上の SOCKS プロキシ。出口は自宅で、家の LAN 全体がその先にある",
  },
  question: {
    en: "`ssh -R 1080 server` names no target. What can a process on the server reach?",
    ja: "`ssh -R 1080 server` には行き先がない。サーバーのプロセスは何に届くか。",
  },
  predict: {
    en: "Home itself, a NAS beside it? And with PermitRemoteOpen at home?",
    ja: "自宅自身か、隣の NAS か。自宅側に PermitRemoteOpen があるときはどうか。",
  },
  commands: ["home$ ssh -R 1080 server", "server$ curl --socks5-hostname localhost:1080 http://192.168.1.20:8080/"],
  seen: {
    en: "Everything that home can dial. The server alone reaches the proxy; PermitRemoteOpen, at home, is what narrows it.",
    ja: "自宅がダイヤルできるものすべて。プロキシに届くのはサーバーだけで、行き先を狭めるのは自宅側の PermitRemoteOpen。",
  },
  why: {
    en: "The server only listens; ssh at home speaks SOCKS and dials. To the server the request looks like any other -R.",
    ja: "サーバーは待ち受けるだけで、SOCKS を話しダイヤルするのは自宅の ssh。サーバーには普通の -R と同じ要求に見える。",
  },
});

const throughTheProxy = ["curl", "-sS", "--socks5-hostname", "localhost:1080", "http://192.168.1.20:8080/hello"];

test("the server reaches the NAS beside home", async ({ lab }) => {
  const nas = await lab.homeLan.serve(8080);
  await expect(lab.server).not.toReach(nas);
  await using proxy = await lab.home.ssh("-R", "1080");

  await expect(lab.server).toReach(proxy);
  expect((await lab.server.run(throughTheProxy)).stdout).toContain(nas.identity);
  await expect(lab.internet).toSee(proxy, "refused", { by: "bind-address" });
});

test("control: PermitRemoteOpen at home keeps it to what is listed", async ({ lab }) => {
  await lab.homeLan.serve(8080);
  await using proxy = await lab.home.ssh("-o", "PermitRemoteOpen=localhost:7", "-R", "1080");

  await expect(lab.server).toReach(proxy);
  expect(await lab.server.run(throughTheProxy)).toMatchObject({ code: 97, stdout: "" });
});
