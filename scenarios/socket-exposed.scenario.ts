import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "A socket has no port until -R gives it one: a container engine at home, open to the whole internet",
    ja: "ソケットにポートはないが、-R で与えられる。自宅のコンテナエンジンがインターネット全体に公開される",
  },
  question: {
    en: "At home, the container engine listens only on /run/docker.sock, for root. Someone runs `-R :2375:/run/docker.sock` there. Who can control it?",
    ja: "自宅のコンテナエンジンは /run/docker.sock だけで待ち受け、root しか使えません。そこで `-R :2375:/run/docker.sock` を実行しました。誰が操作できますか。",
  },
  predict: {
    en: "The server's own processes, another LAN, a stranger on the internet: with and without the colon?",
    ja: "サーバー自身のプロセス、別の LAN、インターネット上の第三者は操作できますか。コロンの有無でどう変わりますか。",
  },
  commands: ["home# ssh -R :2375:/run/docker.sock server", "internet$ curl http://server:2375/info"],
  seen: {
    en: "With the colon, everyone: the service on the socket answers a stranger over IPv4 and IPv6, and sees root at home as its client. Without the colon, only the server reaches it.",
    ja: "コロンがあれば誰でも操作できます。ソケットのサービスは IPv4 でも IPv6 でも第三者に応答し、接続元は自宅の root に見えます。コロンがなければ、接続できるのはサーバーだけです。",
  },
  why: {
    en: "A socket's file mode restricts who opens it, and for every visitor that is ssh at home. What listens on the server is an ordinary port; no setting there can tell what is behind it.",
    ja: "ソケットのファイルモードが制限するのは開く人で、誰の接続でも、開くのは自宅の ssh です。サーバーで待ち受けるのは普通のポートで、その先に何があるかは、サーバーのどの設定でも判別できません。",
  },
});

const exposed = "GatewayPorts clientspecified\n";

test("a stranger reaches what listens on the socket, as root at home", async ({ lab }) => {
  await lab.use({ sshd: exposed, firewall: null });
  await using forward = await lab.home.ssh("-R", ":2375:/run/docker.sock");

  await expect(lab.internet).toReach(forward);
  await expect(lab.otherLan).toReach(forward);
  const [seen] = await lab.internet.sees(forward);
  expect(seen?.evidence.peerSeenByService).toBe("uid:0");
});

test("the server does not see the socket: AllowStreamLocalForwarding no changes nothing", async ({ lab }) => {
  await lab.use({ sshd: `${exposed}AllowStreamLocalForwarding no\n`, firewall: null });
  await using forward = await lab.home.ssh("-R", ":2375:/run/docker.sock");

  await expect(lab.internet).toReach(forward);
});

test("control: without the colon only the server's own processes reach it", async ({ lab }) => {
  await lab.use({ sshd: exposed, firewall: null });
  await using forward = await lab.home.ssh("-R", "2375:/run/docker.sock");

  await expect(lab.server).toReach(forward);
  await expect(lab.internet).not.toReach(forward);
});
