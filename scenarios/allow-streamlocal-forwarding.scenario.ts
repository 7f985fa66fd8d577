import { expect, labTest, scenario } from "../harness/vitest/scenario.ts";

scenario({
  topic: "server-policy",
  title: {
    en: "AllowStreamLocalForwarding governs sockets on the server only: where -R listens and what -L connects to",
    ja: "AllowStreamLocalForwarding が制御するのは、サーバー側のソケットだけ。-R の待ち受けと -L の接続先",
  },
  question: {
    en: "The server has `AllowStreamLocalForwarding no`. Which forwards that involve a Unix socket still work?",
    ja: "サーバーの設定は `AllowStreamLocalForwarding no` です。Unix ソケットを使う転送のうち、まだ使えるのはどれですか。",
  },
  predict: {
    en: "-R path:host:port, -R port:path, -L port:path, -L path:host:port: what does each of yes, no, local and remote allow?",
    ja: "-R パス:ホスト:ポート、-R ポート:パス、-L ポート:パス、-L パス:ホスト:ポート。yes、no、local、remote は、それぞれどれを許可しますか。",
  },
  commands: [
    "home$ ssh -R /tmp/x.sock:localhost:80 server",
    "home$ ssh -R 8081:/run/y.sock server",
    "home$ ssh -L 8080:/run/app.sock server",
    "home$ ssh -L /tmp/l.sock:localhost:80 server",
  ],
  seen: {
    en: "`no` refuses the first and closes connections to the third. `local` allows the third, `remote` the first. The second and the fourth have their socket at home and always work.",
    ja: "`no` では 1 番目が拒否され、3 番目への接続は切断されます。`local` は 3 番目を、`remote` は 1 番目を許可します。ソケットが自宅側にある 2 番目と 4 番目は、常に使えます。",
  },
  why: {
    en: "sshd knows only what it is asked to do. The second form asks it to listen on a port, the fourth to connect to a host and port. Both are TCP to sshd, whatever ssh does at home.",
    ja: "sshd が知っているのは、要求された内容だけです。2 番目ではポートでの待ち受け、4 番目ではホストとポートへの接続を要求されます。自宅の ssh が何をしていても、sshd から見ればどちらも TCP です。",
  },
});

/** Value -> which of the two forms with their socket on the server still work. */
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
