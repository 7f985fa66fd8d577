/** A change that only makes the server grant a forward: whom it still leaves out is told, or the change that lets them in as well. */
import { expect, test } from "vitest";
import { findings } from "../../../harness/report/findings.ts";
import { verifyFiles } from "./verify-files.ts";

const policy = (server: string, reachable: string) => `server: { ${server} }
forwards:
  web: { ssh: "-N -R 8080:localhost:80", reachable_from: [${reachable}] }
`;
const shut = "AllowTcpForwarding no\nGatewayPorts yes\n";

test("nothing but a firewall lets in some: they still do not get in, once nobody else does", async () => {
  const files = { sshd_config: shut, "policy.yaml": policy("sshd_config: sshd_config", "internet") };
  const result = await verifyFiles(files, { remedies: true });
  const left = [4, 6].map((family) => ({ forward: "web", vantage: "internet", family }));
  expect(result.forwards[0]?.remedy).toMatchObject({ summary: { code: "set-setting" }, stillKeptOut: left });
  expect(findings(result)[0]?.remedies).toEqual([expect.stringMatching(/; after that, internet still cannot reach it$/)]);
  expect(findings(result, "ja")[0]?.remedies).toEqual([expect.stringMatching(/。それでも internet は到達できません$/)]);
});

test("control: everybody may come, and does", async () => {
  const everybody = "campus, home, home-lan, other-lan, internet";
  const files = { sshd_config: shut, "policy.yaml": policy("sshd_config: sshd_config", everybody) };
  const result = await verifyFiles(files, { remedies: true });
  expect(result.forwards[0]?.remedy?.patch).toContain("AllowTcpForwarding");
  expect(result.forwards[0]?.remedy).not.toHaveProperty("stillKeptOut");
});

test("where several changes let them in, the finding tells these", async () => {
  const everybody = policy("sshd_config: sshd_config", "campus, home, home-lan, other-lan, internet").replace("-R 8080", "-R :8080");
  const files = { sshd_config: "AllowTcpForwarding no\nGatewayPorts no\n", "policy.yaml": everybody };
  const result = await verifyFiles(files, { remedies: true });
  expect(result.forwards[0]?.remedy?.stillKeptOut).toContainEqual({ forward: "web", vantage: "internet", family: 6 });
  const [finding, ...others] = findings(result);
  expect(others).toEqual([]);
  expect(finding?.patches).toHaveLength(1);
  for (const setting of ["AllowTcpForwarding", "GatewayPorts"]) expect(finding?.patches[0]).toMatch(new RegExp(`^\\+${setting}`, "m"));
  expect(finding?.remedies).toEqual([expect.not.stringContaining("still cannot")]);
});

test("a forward of each direction: where letting both in opens a port, one alone is let in without", async () => {
  const both = `${policy("sshd_config: sshd_config", "internet")}  db: { ssh: "-L 12345:server:2345", reachable_from: [home] }\n`;
  const result = await verifyFiles({ sshd_config: shut, "policy.yaml": both }, { remedies: true });
  const db = result.cells.find(({ forward, status }) => forward === "db" && status === "violated");
  expect(db?.remedy).toMatchObject({ summary: { code: "set-setting", params: { setting: "AllowTcpForwarding local" } } });
  const alone = `server: { sshd_config: sshd_config }\nforwards:\n  db: { ssh: "-L 12345:server:2345", reachable_from: [home] }\n`;
  const control = await verifyFiles({ sshd_config: shut, "policy.yaml": alone }, { remedies: true });
  expect(control.cells.find(({ status }) => status === "violated")?.remedy).toMatchObject({
    summary: { params: { setting: "AllowTcpForwarding local" } },
  });
});
