import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-servers",
  title: {
    en: "Dropbear's -k ends -R and its -j ends -L and -D, for everybody: there is no Match and no list of ports",
    ja: "Dropbear では -k が -R を、-j が -L と -D を止める。全員に対してで、Match もポートの一覧もない",
  },
  question: {
    en: "How does one say AllowTcpForwarding local or remote to Dropbear?",
    ja: "Dropbear に AllowTcpForwarding local や remote と言うにはどうするか。",
  },
  predict: {
    en: "With -k, and with -j: which of -R, -R as SOCKS, -L and -D still work?",
    ja: "-k と -j。それぞれ、-R、SOCKS の -R、-L、-D のどれがまだ動くか。",
  },
  commands: ["server# dropbear -F -E -p 2222 -k", "server# dropbear -F -E -p 2222 -j", "home$ ssh -p 2222 -R 43234:localhost:3389 server"],
  seen: {
    en: "-k refuses both kinds of -R. -j lets ssh listen at home, and closes every connection through -L and -D.",
    ja: "-k はどちらの -R も拒否する。-j では自宅の ssh は待ち受けるが、-L と -D を通る接続はすべて閉じられる。",
  },
  why: {
    en: "The switches are for the whole server; a single key is held back with no-port-forwarding or permitopen. (Measured on 2025.89.)",
    ja: "スイッチはサーバー全体のもの。鍵一つを抑えるのは no-port-forwarding か permitopen。(2025.89 で測定)",
  },
});

const test = labTest({ images: { server: "forwardlab/dropbear" } });

const cases = [
  { switches: "", remote: true, local: "reached" },
  { switches: "-k", remote: false, local: "reached" },
  { switches: "-j", remote: true, local: "closed" },
] as const;

for (const { switches, remote, local } of cases) {
  test(`dropbear ${switches || "as it is"}`, async ({ lab }) => {
    const key = "dropbearconvert openssh dropbear /etc/ssh/ssh_host_ed25519_key /tmp/dropbear-key";
    await lab.server.start(["sh", "-c", `${key}; exec dropbear -F -E -p 2222 -r /tmp/dropbear-key ${switches}`], { listensOn: 2222 });

    for (const asked of ["-R 43234:localhost:3389", "-R 43234"]) {
      await using forward = await lab.home.ssh(`-p 2222 ${asked}`);
      expect(forward.granted).toBe(remote);
      if (remote) await expect(lab.server).toReach(forward);
    }
    for (const asked of ["-L 3390:localhost:3389", "-D 1080"]) {
      await using forward = await lab.home.ssh(`-p 2222 ${asked}`);
      await expect(lab.home).toSee(forward, local, { address: "127.0.0.1" });
    }
  });
}
