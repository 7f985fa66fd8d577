/** A port of the server's own, as different accounts of the server reach it. */
import { expect, labTest } from "../../harness/vitest/index.ts";

const test = labTest({ sshd: "GatewayPorts clientspecified\n", accounts: { app: { uid: 2001, groups: ["web"] }, other: { uid: 2002 } } });
const output = (rule: string) => `
table inet filter {
  chain output {
    type filter hook output priority filter; policy accept;
    ${rule}
  }
}
`;

test.for([
  ["meta skuid", output("tcp dport 8081 meta skuid != { 0, 2001 } drop")],
  ["meta skuid, rejected", output("tcp dport 8081 meta skuid != { 0, 2001 } reject")],
  ["-m owner", ["*filter\n-A OUTPUT -p tcp -m tcp --dport 8081 -m owner --uid-owner 2002 -j REJECT\nCOMMIT\n"]],
] as const)("%s: the account counts, not the one that runs the lab", async ([, firewall], { lab }) => {
  const two = typeof firewall === "string" ? firewall : ([firewall[0], firewall[0]] as const);
  await lab.use({ firewall: two });
  await using forward = await lab.home.ssh("-R", "127.0.0.1:8081:localhost:3389", { as: "app" });
  expect(forward.granted).toBe(true);
  const to = { address: "127.0.0.1" };
  await expect(lab.server).toReach(forward, to);
  await expect(lab.server).toReach(forward, { ...to, as: "app" });
  await expect(lab.server).toSee(forward, "filtered", { ...to, as: "other", by: "server-firewall" });
  await expect(expect(lab.server).toReach(forward, { ...to, as: "other" })).rejects.toThrow("other on server does not reach it over IPv4");
  expect(await lab.server.sees(forward, { ...to, as: "other" })).toMatchObject([{ as: "other", target: "127.0.0.1:8081" }]);
});

test("an account that the host does not have is an error, no verdict", async ({ lab }) => {
  await using forward = await lab.home.ssh("-R", "127.0.0.1:8081:localhost:3389");
  await expect(lab.server.sees(forward, { as: "nobody-here" })).rejects.toThrow("no account nobody-here");
});
