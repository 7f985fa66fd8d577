import { expect, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "local",
  title: {
    en: "-L to a socket opens it with the server account's permissions, for everyone who reaches the port at home",
    ja: "ソケットへの -L は、サーバーのアカウントの権限で開く。自宅のポートに届く全員がその権限で使える",
  },
  question: {
    en: "On the server, /run/docker.sock is srw-rw---- root:docker. alice is in the group docker, bob is not. Both forward it home with -L. Who at home gets through?",
    ja: "サーバーの /run/docker.sock は srw-rw---- root:docker です。alice は docker グループに属し、bob は属していません。2 人とも -L で自宅に転送します。自宅側で使えるのは誰ですか。",
  },
  predict: {
    en: "Through alice's forward, and through bob's: home itself? With -g, another host on its LAN?",
    ja: "alice と bob の転送では、自宅のホスト自身と、-g を付けたときの同じ LAN のホストは、それぞれ使えますか。",
  },
  commands: ["home$ ssh -g -L 2375:/run/docker.sock alice@server", "home$ ssh -g -L 2375:/run/docker.sock bob@server"],
  seen: {
    en: "Through alice's forward, everyone who reaches the port, the neighbour included; the service sees alice. bob's forward opens too, but every connection is closed; ssh at home reports only `open failed`, as if a setting forbade it.",
    ja: "alice の転送は、同じ LAN のホストも含め、ポートに届く全員が使え、サービスからは alice に見えます。bob の転送も開きますが、接続はすべて切断されます。自宅の ssh に出るのは `open failed` だけで、設定による禁止と区別できません。",
  },
  why: {
    en: "sshd connects as the account that logged in, with its groups, and the file's mode is checked against that account only. It is the same account for every visitor of the port at home.",
    ja: "sshd は、ログインしたアカウントの権限（所属グループを含む）で接続し、ファイルのモードもそのアカウントについてだけ確認されます。自宅のポートに誰が接続しても、同じアカウントになります。",
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
  const [seen] = await lab.homeLan.sees(forward);
  expect(seen?.evidence.peerSeenByService).toBe(`uid:${(await lab.server.run(["id", "-u", "alice"])).stdout.trim()}`);
});

test("control: bob is not in the group, and his visitors are cut off", async ({ lab }) => {
  await lab.use({ sshd: "", accounts });
  await using forward = await lab.home.ssh(...forwarded, { as: "bob" });
  await lab.server.run(["sh", "-c", "chgrp docker /run/docker.sock && chmod 660 /run/docker.sock"]);

  expect(forward.granted).toBe(true);
  await expect(lab.homeLan).toSee(forward, "closed", { address: "192.168.1.10", by: "service" });
  expect(forward.outcome.clientLog).toContain("open failed: connect failed: open failed");
  expect(forward.outcome.serverLog).toContain("connect to /run/docker.sock port -2 failed: Permission denied");
});
