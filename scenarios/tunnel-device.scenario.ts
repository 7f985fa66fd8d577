import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-ways",
  title: {
    en: "-w joins two hosts like a cable: AllowTcpForwarding no does not stop it; PermitTunnel no, the default, does",
    ja: "-w は 2 台のホストをケーブルのように直結する。AllowTcpForwarding no では止まらず、既定の PermitTunnel no で止まる",
  },
  question: {
    en: "The server has AllowTcpForwarding no and PermitTunnel yes. Can it reach Remote Desktop at home?",
    ja: "サーバーの設定は AllowTcpForwarding no と PermitTunnel yes です。サーバーから自宅のリモートデスクトップに接続できますか。",
  },
  predict: {
    en: "Through -R? Through -w? And with the values swapped: AllowTcpForwarding yes and PermitTunnel no?",
    ja: "-R と -w ではどうですか。逆に、AllowTcpForwarding yes と PermitTunnel no ではどうなりますか。",
  },
  commands: [
    "home# ssh -N -w 0:0 root@server",
    "home# ip addr add 10.9.0.1/30 dev tun0; ip link set tun0 up",
    "server# ip addr add 10.9.0.2/30 dev tun0; ip link set tun0 up",
    "server$ xfreerdp /v:10.9.0.1",
  ],
  seen: {
    en: "-R is refused, but over -w Remote Desktop answers, as would any other port of home. With the values swapped it is the reverse.",
    ja: "-R は拒否されますが、-w を通せばリモートデスクトップに接続できます。自宅のほかのポートも同じです。逆の設定では、結果も逆になります。",
  },
  why: {
    en: "-w carries whole packets between two network interfaces. Settings about TCP forwards, ports or PermitListen do not apply to it.",
    ja: "-w は、2 つのネットワークインターフェースの間でパケットをそのまま運びます。TCP 転送、ポート、PermitListen に関する設定は適用されません。",
  },
});

const root = { accounts: { root: {} } };
const tunnel = ["ssh", "-v", "-N", "-o", "ExitOnForwardFailure=yes", "-w", "0:0", "root@server"];
const up = (address: string) => ["sh", "-c", `ip addr add ${address}/30 dev tun0 && ip link set tun0 up`];

test("no TCP forwarding, and the server reaches home over -w", async ({ lab }) => {
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
