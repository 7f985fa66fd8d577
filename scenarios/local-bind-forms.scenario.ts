import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: {
    en: "For -L the client's own bind address decides; the server's GatewayPorts does not matter",
    ja: "-L の待ち受けを決めるのはクライアントのバインドアドレス。サーバーの GatewayPorts は関係ない",
  },
  question: {
    en: "The server has GatewayPorts no. Does `-L :8080:localhost:80` open home's port to its neighbours?",
    ja: "サーバーの設定は GatewayPorts no です。`-L :8080:localhost:80` で、自宅のポートは同じ LAN のホストに開きますか。",
  },
  predict: {
    en: "With a colon, home's LAN address, 0.0.0.0, nothing: does the neighbour get in?",
    ja: "コロン、自宅の LAN アドレス、0.0.0.0、指定なしのそれぞれで、同じ LAN のホストは接続できますか。",
  },
  commands: [
    "home$ ssh -L :8080:localhost:80 server",
    "home$ ssh -L 192.168.1.10:8080:localhost:80 server",
    "home-lan$ curl http://192.168.1.10:8080/",
  ],
  seen: {
    en: "Every form except the bare port lets the neighbour in, over the families it names.",
    ja: "ポートだけの形式以外では、指定したファミリーで同じ LAN のホストから接続できます。",
  },
  why: {
    en: "With -L it is ssh on the client that listens. GatewayPorts in sshd_config is about sshd's listeners.",
    ja: "-L で待ち受けるのは、クライアントの ssh です。sshd_config の GatewayPorts は、sshd の待ち受けに関する設定です。",
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
