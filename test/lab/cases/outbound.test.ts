/** sshd dials the target of -L as the account: what stops its SYN on the server is named. */
import { expect, labTest } from "../../../harness/vitest/index.ts";

const test = labTest({ accounts: { clerk: { uid: 2100 }, admin: { uid: 2200 } } });

const output = (verdict: string) => `table inet edge {
  chain output {
    type filter hook output priority 0; policy accept;
    meta skuid 2100 tcp dport 9000 ${verdict}
  }
}
`;

for (const verdict of ["drop", "reject", "reject with tcp reset"])
  test(`an OUTPUT rule for one account: ${verdict}`, async ({ lab }) => {
    await lab.use({ firewall: output(verdict) });
    await using stopped = await lab.home.ssh("-L", "8081:198.51.100.20:9000", { as: "clerk" });
    await using passed = await lab.home.ssh("-L", "8082:198.51.100.20:9000", { as: "admin" });
    await expect(lab.home).not.toReach(stopped);
    await expect(lab.home).toSee(stopped, "filtered", { address: "127.0.0.1", by: { layer: "server-firewall", line: 4 } });
    await expect(lab.home).toReach(passed);
  });
