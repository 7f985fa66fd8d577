import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "AllowStreamLocalForwarding is about sockets on the server: where -R listens, what -L leads to",
    ja: "AllowStreamLocalForwarding はサーバー側のソケットの話。-R の待ち受けと、-L の行き先",
  },
  question: {
    en: "The server has `AllowStreamLocalForwarding no`. Which forwards with a socket in them still work?",
    ja: "サーバーは `AllowStreamLocalForwarding no`。ソケットを含む転送のうち、まだ通るのはどれか。",
  },
  predict: {
    en: "-R path:host:port, -R port:path, -L port:path, -L path:host:port: for each of yes, no, local, remote?",
    ja: "-R パス:ホスト:ポート、-R ポート:パス、-L ポート:パス、-L パス:ホスト:ポート。yes・no・local・remote のそれぞれでは?",
  },
  commands: [
    "home$ ssh -R /tmp/x.sock:localhost:80 server",
    "home$ ssh -R 8081:/run/y.sock server",
    "home$ ssh -L 8080:/run/app.sock server",
    "home$ ssh -L /tmp/l.sock:localhost:80 server",
  ],
  seen: {
    en: "`no` refuses the first and closes visitors of the third. `local` leaves the third, `remote` the first. The second and the fourth, whose socket is at home, always work.",
    ja: "`no` は最初の形を拒否し、三番目の訪問者を切断する。`local` なら三番目が、`remote` なら最初の形が残る。ソケットが自宅側にある二番目と四番目は、いつでも通る。",
  },
  why: {
    en: "sshd only knows what it is asked for. In the second form it is asked for a port, in the fourth to dial a host and port: both are TCP to it, whatever ssh does at home.",
    ja: "sshd に分かるのは頼まれたことだけ。二番目の形では待ち受けるポートを、四番目では接続先のホストとポートを頼まれる。ssh が自宅で何をしようと、sshd にはどちらも TCP。",
  },
});

/** Value -> what is left of the two forms that have their socket on the server. */
const table = {
  yes: { listens: true, dials: true },
  no: { listens: false, dials: false },
  local: { listens: false, dials: true },
  remote: { listens: true, dials: false },
};

for (const openssh of ["8.4", "9.2", "10.0", "10.6"]) {
  labTest({ openssh }).for(Object.entries(table))(
    `OpenSSH ${openssh}: AllowStreamLocalForwarding %s`,
    async ([value, { listens, dials }], { lab }) => {
      await lab.use({ sshd: `AllowStreamLocalForwarding ${value}\n` });
      const by = { layer: "sshd-policy", file: "sshd_config", line: 1 } as const;

      await using path = await lab.home.ssh("-R", "/tmp/x.sock:localhost:80");
      expect(path.granted).toBe(listens);
      if (!listens) expect(path.outcome.refusedBy).toMatchObject({ layer: "sshd-policy", source: { line: 1 } });

      await using target = await lab.home.ssh("-L", "8080:/run/app.sock");
      expect(target.granted).toBe(true);
      if (dials) await expect(lab.home).toReach(target);
      else await expect(lab.home).toSee(target, "closed", { address: "127.0.0.1", by });

      await using fromPort = await lab.home.ssh("-R", "8081:/run/y.sock");
      await expect(lab.server).toReach(fromPort);
      await using toPort = await lab.home.ssh("-L", "/tmp/l.sock:localhost:80");
      await expect(lab.home).toReach(toPort);
    },
  );
}
