import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "remote",
  title: {
    en: "A socket has no port until -R gives it one: a container engine at home, open to the whole world",
    ja: "ソケットにポートはないが、-R が与えてしまう。自宅のコンテナエンジンが全世界に開く",
  },
  question: {
    en: "At home the container engine listens on /run/docker.sock alone, for root. `-R :2375:/run/docker.sock` is typed there. Who commands it?",
    ja: "自宅のコンテナエンジンは /run/docker.sock だけで待ち受け、root しか使えない。そこで `-R :2375:/run/docker.sock` と打った。誰が操れるか。",
  },
  predict: {
    en: "The server's own processes, another LAN, a stranger on the internet: with and without the colon?",
    ja: "サーバー自身のプロセス、別 LAN、インターネット上の第三者。コロンがあるときと、ないときでは?",
  },
  commands: ["home# ssh -R :2375:/run/docker.sock server", "internet$ curl http://server:2375/info"],
  seen: {
    en: "With the colon, everybody: the nonce of the service on the socket comes back to a stranger, over IPv4 and IPv6. The service sees root at home. Without the colon only the server reaches it.",
    ja: "コロンがあれば誰でも。ソケットのサービスの応答が、IPv4 でも IPv6 でも第三者に届き、サービスからは自宅の root に見える。コロンがなければ届くのはサーバーだけ。",
  },
  why: {
    en: "The file mode of a socket asks who opens it, and that is ssh at home, for every visitor. What listens on the server is a port like any other. The server is only asked for a port: what stands behind it, no setting there can see.",
    ja: "ソケットのファイルモードが問うのは誰が開くかで、どの訪問者のためにも、開くのは自宅の ssh。サーバーで待ち受けるのはただのポートで、その先に何があるかはサーバーのどの設定にも見えない。",
  },
});

const exposed = "GatewayPorts clientspecified\n";

test("a stranger reaches what listens on the socket, as root at home", async ({ lab }) => {
  await lab.use({ sshd: exposed, firewall: null });
  await using forward = await lab.home.ssh("-R", ":2375:/run/docker.sock");

  await expect(lab.internet).toReach(forward);
  await expect(lab.otherLan).toReach(forward);
  const [sight] = await lab.internet.sees(forward);
  expect(sight?.evidence.peerSeenByService).toBe("uid:0");
});

test("nothing on the server knows of sockets: AllowStreamLocalForwarding no changes nothing", async ({ lab }) => {
  await lab.use({ sshd: `${exposed}AllowStreamLocalForwarding no\n`, firewall: null });
  await using forward = await lab.home.ssh("-R", ":2375:/run/docker.sock");

  await expect(lab.internet).toReach(forward);
});

test("control: without the colon it is for the server's own processes", async ({ lab }) => {
  await lab.use({ sshd: exposed, firewall: null });
  await using forward = await lab.home.ssh("-R", "2375:/run/docker.sock");

  await expect(lab.server).toReach(forward);
  await expect(lab.internet).not.toReach(forward);
});
