import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "AllowTcpForwarding has four values: local allows only -L and -D, remote only -R",
    ja: "AllowTcpForwarding の値は 4 つ。local は -L と -D だけ、remote は -R だけを許可する",
  },
  question: {
    en: "Which directions does each value of AllowTcpForwarding allow?",
    ja: "AllowTcpForwarding の各値は、どの向きの転送を許可しますか。",
  },
  predict: {
    en: "For yes, no, local and remote: does -R listen, and does -L carry anything?",
    ja: "yes、no、local、remote のそれぞれで、-R は待ち受けますか。-L は通信を運びますか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 server", "home$ ssh -L 8080:localhost:80 server"],
  seen: {
    en: "ssh reports a refused -R, and nothing listens. A refused -L still listens at home: it accepts each connection and closes it without sending a byte.",
    ja: "-R が拒否されると ssh が報告し、何も待ち受けません。-L は拒否されても自宅で待ち受けますが、接続を受け付けた後、1 バイトも返さずに切断します。",
  },
  why: {
    en: "The server owns the listener of -R, so it refuses at once. ssh itself owns the listener of -L; the server is asked only when someone connects.",
    ja: "-R で待ち受けるのはサーバーなので、すぐに拒否できます。-L で待ち受けるのは ssh 自身で、サーバーに要求が届くのは誰かが接続したときです。",
  },
});

const table = [
  { value: "yes", remote: true, local: true },
  { value: "no", remote: false, local: false },
  { value: "local", remote: false, local: true },
  { value: "remote", remote: true, local: false },
];

test.for(table)("AllowTcpForwarding $value", async ({ value, remote, local }, { lab }) => {
  await lab.use({ sshd: `AllowTcpForwarding ${value}\n` });

  await using toHome = await lab.home.ssh("-R", "43234:localhost:3389");
  await using toServer = await lab.home.ssh("-L", "8080:localhost:80");

  expect(toHome.granted).toBe(remote);
  if (remote) await expect(lab.server).toReach(toHome);
  else await expect(lab.server).toSee(toHome, "refused", { by: { layer: "sshd-policy", rule: `AllowTcpForwarding ${value}` } });
  expect(toServer.granted).toBe(true);
  if (local) await expect(lab.home).toReach(toServer);
  else await expect(lab.home).toSee(toServer, "closed", { address: "127.0.0.1", by: "sshd-policy" });
});
