import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: {
    en: "For -L the client's own bind address decides; the server's GatewayPorts has no say",
    ja: "-L では、クライアント自身のバインドアドレスが決める。サーバーの GatewayPorts に発言権はない",
  },
  question: {
    en: "The server has GatewayPorts no. Does `-L :8080:localhost:80` open home's port to its neighbours?",
    ja: "サーバーは GatewayPorts no。`-L :8080:localhost:80` は自宅のポートを隣に開くか。",
  },
  predict: {
    en: "For a colon, home's LAN address, 0.0.0.0 and nothing: does the neighbour get in?",
    ja: "コロン、自宅の LAN アドレス、0.0.0.0、何もなし。隣の機械は入れるか。",
  },
  commands: [
    "home$ ssh -L :8080:localhost:80 server",
    "home$ ssh -L 192.168.1.10:8080:localhost:80 server",
    "home-lan$ curl http://192.168.1.10:8080/",
  ],
  seen: {
    en: "Each form but the bare one lets the neighbour in over the families that it names.",
    ja: "何も書かない形のほかは、名指ししたファミリーで隣の機械を通す。",
  },
  why: {
    en: "The listener of -L is ssh's, on the client. GatewayPorts in sshd_config is about the listeners of sshd.",
    ja: "-L の待ち受けはクライアント側の ssh のもの。sshd_config の GatewayPorts は sshd の待ち受けについての設定。",
  },
});

const forms = [
  { form: "", listeners: ["127.0.0.1:8080", "[::1]:8080"], ipv4: false, ipv6: false },
  { form: ":", listeners: ["0.0.0.0:8080", "[::]:8080"], ipv4: true, ipv6: true },
  { form: "0.0.0.0:", listeners: ["0.0.0.0:8080"], ipv4: true, ipv6: false },
  { form: "192.168.1.10:", listeners: ["192.168.1.10:8080"], ipv4: true, ipv6: false },
];

test.for(forms)("-L with the bind address “$form”", async ({ form, listeners, ipv4, ipv6 }, { lab }) => {
  await lab.use({ sshd: "GatewayPorts no\n" });

  await using forward = await lab.home.ssh("-L", `${form}8080:localhost:80`);

  expect(forward.listeners).toEqual(listeners);
  for (const [family, reached] of [
    [4, ipv4],
    [6, ipv6],
  ] as const) {
    if (reached) await expect(lab.homeLan).toReach(forward, { family });
    else await expect(lab.homeLan).toSee(forward, "refused", { family, by: "bind-address" });
  }
});
