/** Of several lines of one keyword sshd takes the first: the reason names those that somebody wrote in vain. */
import { expect, test } from "vitest";
import { verifyFiles } from "./verify-files.ts";

const policy = (ssh: string, reachable = "[campus, home, home-lan, other-lan, internet]") => `server: { sshd_config: sshd_config }
forwards:
  rdp: { ssh: "${ssh}", reachable_from: ${reachable} }
`;
const ignored = (line: string) => `sshd uses only the first such line and ignores ${line}.`;

test("a second PermitListen adds nothing; two ports in one do", async () => {
  const files = { "policy.yaml": policy("-R :43234:localhost:3389") };
  const lists = "GatewayPorts clientspecified\nPermitListen 8080\nPermitListen 43234\n";
  const [rdp] = (await verifyFiles({ ...files, sshd_config: lists })).forwards;
  expect(rdp?.decidedBy).toMatchObject({ code: "permit-listen", file: "sshd_config", line: 2 });
  expect(rdp?.decidedBy?.text).toContain(ignored("`PermitListen 43234` (sshd_config:3)"));

  const one = await verifyFiles({ ...files, sshd_config: "GatewayPorts clientspecified\nPermitListen 8080 43234\n" });
  expect(one.outcome).toBe("pass");
});

test("a second PermitOpen, for a visitor of -L", async () => {
  const sshd_config = "PermitOpen localhost:8080\nPermitOpen localhost:3389\n";
  const { cells } = await verifyFiles({ sshd_config, "policy.yaml": policy("-L 3389:localhost:3389", "[home]") });
  const [closed] = cells.filter(({ status }) => status === "violated");
  expect(closed).toMatchObject({ observed: "closed", decidedBy: { code: "permit-open", line: 1 } });
  expect(closed?.decidedBy?.text).toContain(ignored("`PermitOpen localhost:3389` (sshd_config:2)"));
});

test("GatewayPorts that opens the port, before a line that would not", async () => {
  const { cells } = await verifyFiles({
    sshd_config: "GatewayPorts yes\nGatewayPorts no\n",
    "policy.yaml": policy("-R 43234:localhost:3389", "[]"),
  });
  const open = cells.filter(({ status }) => status === "violated");
  expect(open.length).toBeGreaterThan(0);
  for (const { decidedBy } of open) expect(decidedBy?.text).toContain(ignored("`GatewayPorts no` (sshd_config:2)"));
});
