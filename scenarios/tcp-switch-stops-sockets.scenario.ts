import { expect, labTest, scenario, test } from "../harness/vitest/scenario.ts";

scenario({
  topic: "myths",
  title: {
    en: '"AllowTcpForwarding no leaves socket forwards open": no, it stops those too',
    ja: "「AllowTcpForwarding no でもソケットの転送は使える」は誤り。ソケットの転送も止まる",
  },
  question: {
    en: "Socket forwards have their own setting, which is yes by default. The server has `AllowTcpForwarding no`. Do sockets get through?",
    ja: "ソケットの転送には専用の設定があり、既定は yes です。サーバーの設定は `AllowTcpForwarding no` です。ソケットは転送できますか。",
  },
  predict: {
    en: "-R /tmp/x.sock:localhost:80, and -L 8080:/run/app.sock: with no, local and remote?",
    ja: "-R /tmp/x.sock:localhost:80 と -L 8080:/run/app.sock は、no、local、remote のそれぞれでどうなりますか。",
  },
  commands: ["home$ ssh -R /tmp/x.sock:localhost:80 server", "home$ ssh -L 8080:/run/app.sock server"],
  seen: {
    en: "No socket gets through. A value that allows one direction stops sockets in the other. Both settings must allow it; DisableForwarding stops everything at once.",
    ja: "ソケットも転送できません。片方の向きだけを許可する値では、逆向きのソケットが止まります。両方の設定で許可する必要があり、DisableForwarding はすべてをまとめて止めます。",
  },
  why: {
    en: "sshd keeps a list of what may be forwarded for each direction, and AllowTcpForwarding decides whether that list is filled at all. Sockets are looked up in the same list and not found.",
    ja: "sshd は、転送を許可する対象の一覧を向きごとに持ち、一覧に何かを入れるかどうかを AllowTcpForwarding が決めます。ソケットも同じ一覧で確認されるため、見つからず拒否されます。",
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

test("control: with both at yes sockets get through; DisableForwarding and restrict stop them", async ({ lab }) => {
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
