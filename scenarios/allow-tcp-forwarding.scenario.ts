import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "AllowTcpForwarding has four values: local is for -L and -D alone, remote for -R alone",
    ja: "AllowTcpForwarding の値は四つ。local は -L と -D だけ、remote は -R だけを許す",
  },
  question: {
    en: "Which directions does each value of AllowTcpForwarding let through?",
    ja: "AllowTcpForwarding の各値は、どの向きを通すか。",
  },
  predict: {
    en: "For yes, no, local and remote: does -R listen, and does -L carry anything?",
    ja: "yes、no、local、remote のそれぞれで、-R は待ち受けるか。-L は何かを運ぶか。",
  },
  commands: ["home$ ssh -R 43234:localhost:3389 server", "home$ ssh -L 8080:localhost:80 server"],
  seen: {
    en: "A refused -R says so and nothing listens. A refused -L still listens at home: it accepts, then closes without a byte.",
    ja: "拒否された -R はその旨を告げ、何も待ち受けない。拒否された -L は自宅で待ち受けたまま、接続を受け、一バイトも返さずに閉じる。",
  },
  why: {
    en: "The listener of -R is the server's, so the server refuses it at once. The listener of -L is ssh's own; the server is asked only when somebody connects.",
    ja: "-R の待ち受けはサーバーのものなので、サーバーがすぐに断れる。-L の待ち受けは ssh 自身のもので、サーバーが尋ねられるのは誰かが接続したとき。",
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
