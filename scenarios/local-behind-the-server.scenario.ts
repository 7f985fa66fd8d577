import { articleLab, expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: { en: "-L reaches hosts that only the server can reach", ja: "-L を使えば、サーバーからしか届かないホストに接続できる" },
  question: {
    en: "A NAS is on an office network behind the server, with no route to it. Can home reach it?",
    ja: "サーバーの奥のオフィスネットワークに NAS があり、外からそこへの経路はありません。自宅から接続できますか。",
  },
  predict: {
    en: "Home directly? Home through -L? A stranger?",
    ja: "自宅から直接の場合、-L を通した場合、第三者の場合、それぞれどうなりますか。",
  },
  commands: ["home$ ssh -L 8445:10.20.0.5:445 server", "home$ smbclient -p 8445 //localhost/files"],
  seen: {
    en: "No packet from home gets there, but through -L the NAS answers, and sees the server as its client.",
    ja: "自宅からのパケットは届きませんが、-L を通せば NAS が応答します。NAS から見た接続元はサーバーです。",
  },
  why: {
    en: "The server makes the connection, from its own address on its own interface. It need not route, and the office sees only the server.",
    ja: "接続するのはサーバーで、自分のアドレスとインターフェースを使います。ルーターとして動く必要はなく、オフィスから見えるのはサーバーだけです。",
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

office("home gets there only through the server", async ({ lab }) => {
  const files = await lab.nas.serve(445);
  await expect(lab.server).toReach(files);
  await expect(lab.home).not.toReach(files);

  await using forward = await lab.home.ssh("-L", "8445:10.20.0.5:445");

  await expect(lab.home).toReach(forward);
  const [seen] = await lab.home.sees(forward, { address: "127.0.0.1" });
  expect(seen?.evidence.peerSeenByService).toContain("10.20.0.1");
  await expect(lab.internet).not.toReach(forward);
});
