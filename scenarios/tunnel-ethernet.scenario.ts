import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "With Tunnel=ethernet and a bridge at home, the server joins the home LAN as a neighbour of every host there",
    ja: "Tunnel=ethernet と自宅のブリッジがあれば、サーバーは自宅の LAN に加わり、全ホストと直接通信できる",
  },
  question: {
    en: "Home bridges the tunnel device and its LAN interface. What can the server reach without adding any route?",
    ja: "自宅で、トンネルのデバイスと LAN のインターフェースをブリッジでつなぎます。サーバーは、経路を追加せずに何に接続できますか。",
  },
  predict: {
    en: "A NAS on home's LAN, and which client address does it see? And before the bridge?",
    ja: "自宅の LAN の NAS に接続できますか。NAS から見た接続元はどのアドレスですか。ブリッジを作る前はどうですか。",
  },
  commands: [
    "home# ssh -4 -N -o Tunnel=ethernet -w 0:0 root@server",
    "home# ip link add br0 type bridge; ip link set eth0 master br0; ip link set tap0 master br0",
    "server# ip addr add 192.168.1.99/24 dev tap0; ip link set tap0 up",
    "server$ curl http://192.168.1.20:8080/",
  ],
  seen: {
    en: "Before the bridge there is no answer. Afterwards the NAS answers, and sees the server as 192.168.1.99, a host on its own LAN.",
    ja: "ブリッジを作る前は応答がありません。作った後は NAS が応答し、サーバーは同じ LAN の 192.168.1.99 に見えます。",
  },
  why: {
    en: "Frames are carried unchanged, broadcasts and ARP included. Whatever trusts its own LAN now trusts the server too, and none of it passes home's router.",
    ja: "フレームは、ブロードキャストや ARP も含めてそのまま運ばれます。自分の LAN を信頼する機器はサーバーも信頼することになり、その通信は自宅のルーターを通りません。",
  },
});

// Home's interface joins a bridge, so this test needs its own lab.
const test = labTest({ sshd: "PermitRootLogin yes\nAllowTcpForwarding no\nPermitTunnel ethernet\n", accounts: { root: {} } });
const bridge = `
ip link add br0 type bridge && ip link set br0 up && ip link set tap0 master br0 && ip link set tap0 up
ip addr del 192.168.1.10/24 dev eth0 && ip link set eth0 master br0 && ip addr add 192.168.1.10/24 dev br0 && ip route add default via 192.168.1.1
`;
const visit = (patience: number) => ["curl", "-sS", "-m", String(patience), "http://192.168.1.20:8080/hello"];

test("before and after the bridge", async ({ lab }) => {
  const nas = await lab.homeLan.serve(8080);
  await lab.home.equip();
  for (const host of [lab.home, lab.server]) await host.run(["sh", "-c", "mkdir /dev/net && mknod /dev/net/tun c 10 200"]);
  const ssh = ["ssh", "-4", "-v", "-N", "-o", "Tunnel=ethernet", "-w", "0:0", "root@server"];
  await lab.home.start(ssh, { says: /tunnel forward established/ });
  await lab.server.run(["sh", "-c", "ip addr add 192.168.1.99/24 dev tap0 && ip link set tap0 up"]);

  expect(await lab.server.run(visit(2))).toMatchObject({ stdout: "", stderr: expect.stringMatching(/timed out|No route to host/) });

  expect(await lab.home.run(["sh", "-ec", bridge])).toMatchObject({ code: 0, stderr: "" });

  // The kernel may still be waiting for the reply to an earlier ARP request.
  const seen = async () => (await lab.server.run(visit(5))).stdout;
  await expect.poll(seen, { interval: 50, timeout: 30_000 }).toContain(nas.identity);
  expect(await seen()).toContain(" 192.168.1.99:");
});
