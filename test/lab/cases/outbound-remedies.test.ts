/** What sshd dials for a visitor of -L is let out by one rule: to that target, as that account, and nobody else. */
import { expect, test } from "vitest";
import { verifyFiles } from "./verify-files.ts";

const sshd_config = "AllowTcpForwarding yes\n";
const remedies = { remedies: true };
const added = (patch: string | null | undefined) => patch?.split("\n").filter((line) => /^\+[^+]/.test(line)) ?? [];

test("nft, where the account's name is the lab's own", async () => {
  const firewall =
    "table inet edge {\n\tchain output {\n\t\ttype filter hook output priority 0; policy accept;\n\t\tip daddr 198.51.100.0/24 drop\n\t}\n}\n";
  const policy =
    'server: { sshd_config: sshd_config, firewall: out.nft }\nforwards:\n  web: { ssh: "-L 8080:198.51.100.20:80", reachable_from: [home] }\n';
  const { cells } = await verifyFiles({ sshd_config, "out.nft": firewall, "policy.yaml": policy }, remedies);
  const [cell] = cells.filter(({ status }) => status === "violated");
  expect(cell?.decidedBy).toMatchObject({ line: 4, params: { direction: "dial", dialledAddress: "198.51.100.20", dialledPort: 80 } });
  expect(added(cell?.remedy?.patch)).toEqual(["+\t\tip daddr 198.51.100.20 tcp dport 80 accept"]);
});

test("a dump, for one account of several", async () => {
  const dump = (address: string) => `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
-A OUTPUT -m owner ! --uid-owner 0 -d ${address} -p tcp -m tcp --dport 80 -j REJECT
COMMIT
`;
  const policy = `server:
  sshd_config: sshd_config
  firewall: [rules.v4, rules.v6]
  accounts: { clerk: { uid: 2100 }, guest: { uid: 2200 } }
forwards:
  clerk: { ssh: "-L 8080:198.51.100.20:80", as: clerk, reachable_from: [home] }
  guest: { ssh: "-L 8081:198.51.100.20:80", as: guest, reachable_from: [{ vantage: home, is: blocked }] }
`;
  const files = { sshd_config, "rules.v4": dump("198.51.100.20/32"), "rules.v6": dump("2001:db8:100::20/128"), "policy.yaml": policy };
  const { cells } = await verifyFiles(files, remedies);
  const violated = cells.filter(({ status }) => status === "violated");
  expect(new Set(violated.map(({ forward }) => forward))).toEqual(new Set(["clerk"]));
  expect(added(violated[0]?.remedy?.patch)).toEqual([
    "+-A OUTPUT -d 198.51.100.20/32 -p tcp -m tcp --dport 80 -m owner --uid-owner clerk -j ACCEPT",
  ]);
});

test("control: what ssh dials at home is none of the server's firewall", async () => {
  const home =
    "table inet edge {\n\tchain output {\n\t\ttype filter hook output priority 0; policy accept;\n\t\ttcp dport 3389 drop\n\t}\n}\n";
  const policy =
    'server: { sshd_config: sshd_config }\nhome: { firewall: home.nft }\nforwards:\n  rdp: { ssh: "-R 43234:localhost:3389", reachable_from: [server] }\n';
  const { cells } = await verifyFiles({ sshd_config, "home.nft": home, "policy.yaml": policy }, remedies);
  const [cell] = cells.filter(({ status }) => status === "violated");
  expect(cell?.decidedBy?.layer).toBe("client");
  expect(cell?.remedy?.patch).toBeNull();
});
