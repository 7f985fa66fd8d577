/** What only the real tools can find wrong: sshd, nft, iptables, the engine. Each error names the user's own line, and nothing stays behind. */
import { describe, expect, test } from "vitest";
import { endOf, folderOf, goodPolicy, startCli } from "../../quick/cli/run-cli.ts";
import { containersOf } from "./containers-of.ts";

interface Case {
  what: string;
  policy?: string;
  files?: Record<string, string>;
  says: string[];
}

const server = (more: string) => goodPolicy.replace("sshd_config }", `sshd_config, ${more} }`);
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJZ1LpNmKJqW0eRcSGmBSUG5Yl6MVRFbOx2hmm6nYxZ1 alice";

const cases: Case[] = [
  {
    what: "a firewall with a fault in an included file",
    policy: server("firewall: rules"),
    files: { rules: 'include "./d/*.nft"\n', "d/10.nft": "table inet f {\n chain i {\n  tcp dport 22 acept\n }\n}\n" },
    says: ["firewall-load", "d/10.nft:3:21"],
  },
  {
    what: "a dump with an option that iptables does not know",
    policy: server("firewall: rules"),
    files: { rules: "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp --dprt 22 -j ACCEPT\nCOMMIT\n" },
    says: ["firewall-load", "rules:3", "--dprt"],
  },
  {
    what: "a wrong value in a drop-in",
    policy: server("").replace("sshd_config: sshd_config,", "sshd_config: ssh"),
    files: { "ssh/sshd_config": "Include /etc/ssh/sshd_config.d/*.conf\n", "ssh/sshd_config.d/50.conf": "# x\nGatewayPorts maybe\n" },
    says: ["error[sshd-config]", "ssh/sshd_config.d/50.conf:2", "maybe"],
  },
  { what: "an unknown keyword", files: { sshd_config: "Port 22\nGatwayPorts yes\n" }, says: ["sshd_config:2", "GatwayPorts"] },
  {
    what: "an address that the server does not have",
    files: { sshd_config: "ListenAddress 10.1.2.3\n" },
    says: ["error[sshd-", "10.1.2.3"],
  },
  {
    what: "an account that the config forbids",
    files: { sshd_config: "Port 22\nDenyUsers tunnel\n" },
    says: ["ssh-login", "sshd_config:2", "DenyUsers"],
  },
  {
    what: "a key that may not come from here",
    policy: server("accounts: { alice: { authorized_keys: keys } }"),
    files: { keys: `# alice\nfrom="10.0.0.0/8" ${key}\n` },
    says: ["ssh-login", "keys:2", 'from="10.0.0.0/8"'],
  },
  {
    what: "a firewall that keeps ssh out",
    policy: server("firewall: rules"),
    files: { rules: "table inet f {\n chain i {\n  type filter hook input priority 0\n  tcp dport 22 drop\n }\n}\n" },
    says: ["ssh-filtered", "rules:4"],
  },
  { what: "a port that sshd has", policy: server("services: { 22: http }"), says: ["service-port", "policy.yaml:1:53"] },
  { what: "an image that does not exist", policy: server("image: nowhere/image:1"), says: ["image.not-found", "nowhere/image:1"] },
];

describe.concurrent("verify ends with 2, says why, and leaves nothing", () => {
  test.each(cases)("$what", async ({ policy = goodPolicy, files = {}, says }) => {
    await using folder = await folderOf({ sshd_config: "", "policy.yaml": policy, ...files });
    const child = startCli(["verify", folder.path, "--quiet"]);
    const { code, stdout, stderr } = await endOf(child);
    for (const part of says) expect(stderr).toContain(part);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).not.toContain("error[internal]");
    expect(await containersOf(child.pid)).toEqual([]);
  });
});
