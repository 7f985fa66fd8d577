import { expect, labTest, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: "It is not true that AllowTcpForwarding no leaves sockets open",
    ja: "「AllowTcpForwarding no でもソケット転送は残る」というのは誤り",
  },
  question: {
    en: "The manual has a switch of its own for sockets, and it stands at yes. The server says `AllowTcpForwarding no`. Do sockets get through?",
    ja: "マニュアルにはソケット専用のスイッチがあり、既定は yes。サーバーは `AllowTcpForwarding no`。ソケットは通るか。",
  },
  predict: {
    en: "-R /tmp/x.sock:localhost:80, and -L 8080:/run/app.sock: with no, local and remote?",
    ja: "-R /tmp/x.sock:localhost:80 と -L 8080:/run/app.sock。no、local、remote のそれぞれでは?",
  },
  commands: ["home$ ssh -R /tmp/x.sock:localhost:80 server", "home$ ssh -L 8080:/run/app.sock server"],
  seen: {
    en: "No socket gets through. A value that names one direction stops sockets of the other. Both switches must allow; DisableForwarding stops everything at once.",
    ja: "ソケットも通らない。片方向だけの値なら、逆向きのソケットが止まる。両方のスイッチの許可が必要で、DisableForwarding はまとめて止める。",
  },
  why: {
    en: "sshd keeps one list of what may be forwarded for each direction, and AllowTcpForwarding decides whether it is filled at all. A socket is looked up in the same list, and is not found.",
    ja: "sshd は向きごとに転送を許すものの一覧を持ち、それを埋めるかどうかを AllowTcpForwarding が決める。ソケットも同じ一覧で探され、見つからない。",
  },
});

const table = {
  no: { listens: false, dials: false },
  local: { listens: false, dials: true },
  remote: { listens: true, dials: false },
};

for (const openssh of ["8.4", "9.2", "10.0", "10.6"]) {
  labTest({ openssh }).for(Object.entries(table))(
    `OpenSSH ${openssh}: AllowTcpForwarding %s, AllowStreamLocalForwarding yes`,
    async ([value, { listens, dials }], { lab }) => {
      await lab.use({ sshd: `AllowStreamLocalForwarding yes\nAllowTcpForwarding ${value}\n` });
      const by = { layer: "sshd-policy", line: 2 } as const;

      await using path = await lab.home.ssh("-R", "/tmp/x.sock:localhost:80");
      expect(path.granted).toBe(listens);
      if (!listens) expect(path.outcome.refusedBy).toMatchObject({ layer: "sshd-policy", source: { line: 2 } });

      await using target = await lab.home.ssh("-L", "8080:/run/app.sock");
      if (dials) await expect(lab.home).toReach(target);
      else await expect(lab.home).toSee(target, "closed", { address: "127.0.0.1", by });
    },
  );
}

test("control: with both at yes sockets get through; DisableForwarding stops them, and so does the key", async ({ lab }) => {
  await lab.use({ sshd: "Match User bob\n  DisableForwarding yes\n", accounts: { alice: { keys: ["", "restrict"] }, bob: {} } });

  await using both = await lab.home.ssh("-R", "/tmp/x.sock:localhost:80", { as: "alice" });
  await expect(lab.server).toReach(both, { as: "alice" });
  await using target = await lab.home.ssh("-L", "8080:/run/app.sock", { as: "alice" });
  await expect(lab.home).toReach(target);

  await using disabled = await lab.home.ssh("-R", "/tmp/y.sock:localhost:80", { as: "bob" });
  expect(disabled.outcome.refusedBy).toMatchObject({ layer: "sshd-policy", text: "DisableForwarding yes", source: { line: 2 } });
  await using restricted = await lab.home.ssh("-R", "/tmp/z.sock:localhost:80", { as: "alice", key: 1 });
  expect(restricted.outcome.refusedBy).toMatchObject({ layer: "key-options", text: "key option restrict" });
  await using closed = await lab.home.ssh("-L", "8081:/run/app.sock", { as: "alice", key: 1 });
  await expect(lab.home).toSee(closed, "closed", { address: "127.0.0.1", by: "key-options" });
});
