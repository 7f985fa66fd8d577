import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "other-servers",
  title: {
    en: "Dropbear's -k disables -R, its -j disables -L and -D, for everyone: it has no Match and no list of ports",
    ja: "Dropbear では -k が -R を、-j が -L と -D を全員に対して禁止する。Match もポートの一覧もない",
  },
  question: {
    en: "How do you get AllowTcpForwarding local or remote with Dropbear?",
    ja: "Dropbear で AllowTcpForwarding local や remote に相当する設定をするには、どうしますか。",
  },
  predict: {
    en: "With -k and with -j: which of -R, -R as SOCKS, -L and -D still work?",
    ja: "-k と -j のそれぞれで、-R、SOCKS としての -R、-L、-D のうち、まだ使えるのはどれですか。",
  },
  commands: ["server# dropbear -F -E -p 2222 -k", "server# dropbear -F -E -p 2222 -j", "home$ ssh -p 2222 -R 43234:localhost:3389 server"],
  seen: {
    en: "-k refuses both kinds of -R. With -j, ssh still listens at home, but every connection through -L and -D is closed.",
    ja: "-k は、どちらの -R も拒否します。-j では自宅の ssh は待ち受けますが、-L と -D を通る接続はすべて切断されます。",
  },
  why: {
    en: "The switches apply to the whole server; to restrict a single key, use no-port-forwarding or permitopen. (Measured on 2025.89.)",
    ja: "これらのスイッチはサーバー全体に適用されます。鍵を個別に制限するには、no-port-forwarding か permitopen を使います。（2025.89 で測定）",
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
