import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadPolicy } from "../../../harness/policy/load-policy.ts";
import { warningText } from "../../../harness/report/warnings.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "forwardlab-matches-"));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** What is said of the Match lines of a config, for one forward. */
async function told(config: string, { ssh = "-R 8080:localhost:80", server = "" } = {}): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "sshd_config"), config);
  const policy = `server:\n  sshd_config: sshd_config\n${server}forwards:\n  web: { ssh: "${ssh}", reachable_from: [] }\n`;
  await writeFile(join(folder, "policy.yaml"), policy);
  const { inputs } = await loadPolicy(join(folder, "policy.yaml"));
  return inputs.warnings.map((each) => warningText(each)).filter((each) => each.includes("Match"));
}

const twoPorts = "Port 22\nPort 443\nMatch LocalPort 22\n  GatewayPorts no\nMatch LocalPort 443\n  GatewayPorts yes\n";

test("a login goes to the port that ssh is told, or to sshd's first", async () => {
  expect(await told(twoPorts, { ssh: "-p 443 -R 8080:localhost:80" })).toEqual([
    expect.stringContaining("`Match LocalPort 22` matches no login"),
  ]);
  expect(await told(twoPorts)).toEqual([expect.stringContaining("`Match LocalPort 443` matches no login")]);
});

test("a router in front leads the port that is typed to another one of the server", async () => {
  const behind = { ssh: "-p 8022 -R 8080:localhost:80", server: "  behind: nat\n  public: 203.0.113.80\n  ports: { 8022: 443 }\n" };
  expect(await told(twoPorts, behind)).toEqual([expect.stringContaining("`Match LocalPort 22` matches no login")]);
});

test("Match Version: not known before sshd runs, unless another criterion rules the logins out", async () => {
  const block = "\n  GatewayPorts yes\n";
  expect(await told(`Match Version OpenSSH_10*${block}`)).toEqual([
    expect.stringContaining("it is unknown whether `Match Version OpenSSH_10*` matches: the policy is read before the server's sshd runs"),
  ]);
  expect(await told(`Match User nobody-else Version OpenSSH_10*${block}`)).toEqual([expect.stringContaining("matches no login")]);
  expect(await told(`Match RDomain blue${block}`)).toEqual([expect.stringContaining("matches no login")]);
  expect(await told(`Match all${block}`)).toEqual([]);
});
