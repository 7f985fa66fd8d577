/** A port of the server's own, as different accounts of the server reach it. */
import { formatTarget } from "../../harness/core/address.ts";
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
  const { forwardLab } = lab;
  const as = async (account: string | undefined, address = "127.0.0.1") =>
    await forwardLab.prober.probe({
      ...{ vantage: "server", address, port: 8081, targetHost: "server", identity: forward.probed.service.identity },
      ...(account === undefined ? {} : { as: account }),
    });
  expect(forward.granted).toBe(true);
  expect(await as(undefined)).toMatchObject({ verdict: "reached", target: formatTarget("127.0.0.1", 8081) });
  expect(await as("app")).toMatchObject({ verdict: "reached", as: "app" });
  expect(await as("other")).toMatchObject({ verdict: "filtered", as: "other", decision: { direction: "request", at: "server" } });
});

test("an account that the host does not have is an error, no verdict", async ({ lab }) => {
  const asking = lab.forwardLab.prober.probe({
    vantage: "server",
    address: "127.0.0.1",
    port: 22,
    targetHost: "server",
    identity: "",
    as: "nobody-here",
  });
  await expect(asking).rejects.toThrow("no account nobody-here");
});
