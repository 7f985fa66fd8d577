import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "-w joins two machines by a cable of their own: AllowTcpForwarding no does not stop it, PermitTunnel no, the default, does",
    ja: "-w は二台を専用のケーブルでつなぐ。AllowTcpForwarding no では止まらず、既定値の PermitTunnel no が止める",
  },
  question: {
    en: "The server says AllowTcpForwarding no and PermitTunnel yes. Does it reach Remote Desktop at home?",
    ja: "サーバーは AllowTcpForwarding no と PermitTunnel yes。サーバーは自宅のリモートデスクトップに届くか。",
  },
  predict: {
    en: "By -R, by -w? And the other way round, with AllowTcpForwarding yes and PermitTunnel no?",
    ja: "-R ではどうか。-w ではどうか。逆に、AllowTcpForwarding yes と PermitTunnel no ではどうか。",
  },
  commands: [
    "home# ssh -N -w 0:0 root@server",
    "home# ip addr add 10.9.0.1/30 dev tun0; ip link set tun0 up",
    "server# ip addr add 10.9.0.2/30 dev tun0; ip link set tun0 up",
    "server$ xfreerdp /v:10.9.0.1",
  ],
  seen: {
    en: "-R is refused, and over -w every port of home is reached. The other way round it is the reverse.",
    ja: "-R は拒否されるが、-w 越しには自宅のどのポートにも届く。逆の設定では結果も逆になる。",
  },
  why: {
    en: "-w carries whole packets between two network interfaces. Nothing about TCP forwards, ports or PermitListen is asked on the way.",
    ja: "-w は、二つのネットワークインターフェースの間でパケットを丸ごと運ぶ。TCP 転送もポートも PermitListen も問われない。",
  },
});

const root = { accounts: { root: {} } };
const tunnel = ["ssh", "-v", "-N", "-o", "ExitOnForwardFailure=yes", "-w", "0:0", "root@server"];
const up = (address: string) => ["sh", "-c", `ip addr add ${address}/30 dev tun0 && ip link set tun0 up`];

test("no TCP forwarding, and the server reaches home by -w", async ({ lab }) => {
  await lab.use({ sshd: "PermitRootLogin yes\nAllowTcpForwarding no\nPermitTunnel yes\n", ...root });
  const desktop = await lab.home.serve(3389);
  await lab.home.equip();

  await lab.home.start(tunnel, { says: /tunnel forward established/ });
  await lab.home.run(up("10.9.0.1"));
  await lab.server.run(up("10.9.0.2"));

  expect((await lab.server.run(["curl", "-sS", "http://10.9.0.1:3389/hello"])).stdout).toContain(desktop.identity);
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  await expect(lab.server).toSee(forward, "refused", { by: { layer: "sshd-policy", rule: "AllowTcpForwarding no" } });
});

test("control: TCP forwarding, and no tunnel", async ({ lab }) => {
  await lab.use({ sshd: "PermitRootLogin yes\nAllowTcpForwarding yes\nPermitTunnel no\n", ...root });
  await lab.home.equip();

  const refused = await lab.home.run(tunnel);

  expect(refused).toMatchObject({ code: 255, stderr: expect.stringContaining("Server has rejected tunnel device forwarding") });
  await using forward = await lab.home.ssh("-R", "43234:localhost:3389");
  await expect(lab.server).toReach(forward);
});
