import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: {
    en: "-L to a socket opens it with the rights of the account on the server: who is in its group lets everybody at home in",
    ja: "ソケットへの -L は、サーバー上のアカウントの権限で開く。そのグループの者は、自宅側の全員を通してしまう",
  },
  question: {
    en: "On the server /run/docker.sock is srw-rw---- root:docker. Alice is in the group docker, bob is not. Both forward it home with -L. Who at home gets through?",
    ja: "サーバーの /run/docker.sock は srw-rw---- root:docker。アリスは docker グループの一員で、ボブは違う。二人とも -L で自宅へ転送する。自宅側で通れるのは誰か。",
  },
  predict: {
    en: "Through alice's forward, and through bob's: root at home, any other account there, a neighbour in the flat with -g?",
    ja: "アリスの転送とボブの転送、それぞれで、自宅の root、ほかのアカウント、-g のときの同居人の機械はどうなるか。",
  },
  commands: ["home$ ssh -g -L 2375:/run/docker.sock alice@server", "home$ ssh -g -L 2375:/run/docker.sock bob@server"],
  seen: {
    en: "Through alice's forward everybody who reaches the port, the neighbour included; the service sees alice. Bob's forward stands, too, and closes everybody; ssh at home learns no more than `open failed`, as if a setting forbade it.",
    ja: "アリスの転送なら、同居人の機械も含めてポートに届く全員が通り、サービスにはアリスに見える。ボブの転送も開くが、全員が切断される。自宅の ssh が知るのは `open failed` だけで、設定に禁じられたときと区別がつかない。",
  },
  why: {
    en: "sshd dials as the account that logged in, groups and all, and the file's mode is asked of it alone. For every visitor of the port at home it is the same account.",
    ja: "接続するのはログインしたアカウント(そのグループを含む)としての sshd で、ファイルのモードはそれに対してだけ調べられる。自宅のポートのどの訪問者も、同じアカウントになる。",
  },
});

const accounts = { alice: { groups: ["docker"] }, bob: {} };
const forwarded = ["-g", "-L", "2375:/run/docker.sock"] as const;

test("whoever reaches alice's port acts as alice", async ({ lab }) => {
  await lab.use({ sshd: "", accounts });
  await using forward = await lab.home.ssh(...forwarded, { as: "alice" });
  await lab.server.run(["sh", "-c", "chgrp docker /run/docker.sock && chmod 660 /run/docker.sock"]);

  await expect(lab.home).toReach(forward);
  await expect(lab.homeLan).toReach(forward);
  const [sight] = await lab.homeLan.sees(forward);
  expect(sight?.evidence.peerSeenByService).toBe(`uid:${(await lab.server.run(["id", "-u", "alice"])).stdout.trim()}`);
});

test("control: bob is not in the group, and his visitors are closed", async ({ lab }) => {
  await lab.use({ sshd: "", accounts });
  await using forward = await lab.home.ssh(...forwarded, { as: "bob" });
  await lab.server.run(["sh", "-c", "chgrp docker /run/docker.sock && chmod 660 /run/docker.sock"]);

  expect(forward.granted).toBe(true);
  await expect(lab.homeLan).toSee(forward, "closed", { address: "192.168.1.10", by: "service" });
  expect(forward.outcome.clientLog).toContain("open failed: connect failed: open failed");
  expect(forward.outcome.serverLog).toContain("connect to /run/docker.sock port -2 failed: Permission denied");
});
