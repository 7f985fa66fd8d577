import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "With Tunnel=ethernet and a bridge at home the server stands in the home LAN, as a neighbour of every machine there",
    ja: "Tunnel=ethernet と自宅のブリッジがあれば、サーバーは家の LAN の中に立ち、そこの全機械の隣人になる",
  },
  question: {
    en: "Home joins the tunnel's device and its LAN port in a bridge. What can the server reach without any route?",
    ja: "自宅が、トンネルのデバイスと LAN の口をブリッジでつなぐ。サーバーは、経路を一つも足さずに何に届くか。",
  },
  predict: {
    en: "The NAS beside home, and as whom does the NAS see it? And before the bridge?",
    ja: "自宅の隣の NAS に届くか。NAS には誰に見えるか。ブリッジの前はどうか。",
  },
  commands: [
    "home# ssh -4 -N -o Tunnel=ethernet -w 0:0 root@server",
    "home# ip link add br0 type bridge; ip link set eth0 master br0; ip link set tap0 master br0",
    "server# ip addr add 192.168.1.99/24 dev tap0; ip link set tap0 up",
    "server$ curl http://192.168.1.20:8080/",
  ],
  seen: {
    en: "Before the bridge nobody answers. After it the NAS does, and takes the server for 192.168.1.99, a machine of its own LAN.",
    ja: "ブリッジの前は誰も答えない。後では NAS が答え、サーバーを同じ LAN の機械 192.168.1.99 だと思っている。",
  },
  why: {
    en: "Frames are carried as they are, broadcasts and ARP included. Whatever trusts its own LAN now trusts the server, and home's router sees nothing of it.",
    ja: "ブロードキャストや ARP も含め、フレームがそのまま運ばれる。自分の LAN を信用するものはサーバーも信用することになり、自宅のルーターには何も見えない。",
  },
});

// Home's own port becomes part of a bridge: a lab of its own.
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

  // The kernel may still be waiting for the answer to its earlier question who has the address.
  const seen = async () => (await lab.server.run(visit(5))).stdout;
  await expect.poll(seen, { interval: 50, timeout: 30_000 }).toContain(nas.identity);
  expect(await seen()).toContain(" 192.168.1.99:");
});
