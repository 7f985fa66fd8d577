import { articleLab, expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: { en: "-L reaches machines that only the server can see", ja: "-L は、サーバーだけから見える機械に届く" },
  question: {
    en: "A NAS stands in an office network behind the server, and no route leads there. Can home reach it?",
    ja: "サーバーの奥の事務所の網に NAS があり、そこへの経路はない。自宅から届くか。",
  },
  predict: { en: "home directly, home through -L, a stranger?", ja: "自宅から直接、自宅から -L で、第三者から。それぞれどうか。" },
  commands: ["home$ ssh -L 8445:10.20.0.5:445 server", "home$ smbclient -p 8445 //localhost/files"],
  seen: {
    en: "No packet of home's gets there, yet through -L the NAS answers, and sees the server as its visitor.",
    ja: "自宅のパケットは一つも届かないが、-L を通せば NAS が応答する。NAS から見える訪問者はサーバー。",
  },
  why: {
    en: "The server dials, with its own address and over its own interface. It need not route, and the office sees nobody but the server.",
    ja: "ダイヤルするのはサーバーで、自分のアドレスとインターフェースを使う。ルーターである必要はなく、事務所から見えるのはサーバーだけ。",
  },
});

const article = articleLab();
const { core, ...routers } = article.routers;
const { server, ...others } = article.hosts;
const office = labTest({
  spec: {
    ...article,
    lans: { ...article.lans, office: { ipv4: "10.20.0.0/24", isolated: [4, 6] } },
    routers: { ...routers, core: { lans: { ...core?.lans, office: ["10.20.0.254/24"] } } },
    hosts: {
      ...others,
      server: {
        ...server,
        interfaces: [...(server?.interfaces ?? []), { name: "eth1", link: { lan: "office" }, addresses: ["10.20.0.1/24"] }],
      },
      nas: { kind: "namespace" as const, interfaces: [{ name: "eth0", link: { lan: "office" }, addresses: ["10.20.0.5/24"] }] },
    },
  },
});

office("home gets there through the server alone", async ({ lab }) => {
  const files = await lab.nas.serve(445);
  await expect(lab.server).toReach(files);
  await expect(lab.home).not.toReach(files);

  await using forward = await lab.home.ssh("-L", "8445:10.20.0.5:445");

  await expect(lab.home).toReach(forward);
  const [sight] = await lab.home.sees(forward, { address: "127.0.0.1" });
  expect(sight?.evidence.peerSeenByService).toContain("10.20.0.1");
  await expect(lab.internet).not.toReach(forward);
});
