/** Small servers with policies: what a trial verifies. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Its expectations are right. */
const right = `server: { sshd_config: sshd_config }
forwards:
  everyone: { ssh: "-R :43234:localhost:3389", reachable_from: [anyone] }
  nobody: { ssh: "-R localhost:43235:localhost:3389", reachable_from: [] }
`;

/** One of them is not, and a change of the firewall mends it. */
const wrong = `server: { sshd_config: sshd_config, firewall: rules }
forwards:
  campus: { ssh: "-R :43234:localhost:3389", reachable_from: [campus] }
`;

const rules = `table inet filter {
  chain input {
    type filter hook input priority 0; policy drop;
    ct state established,related accept
    iif lo accept
    meta l4proto ipv6-icmp accept
    tcp dport 22 accept
    tcp dport 43234 accept
  }
}
`;

/** Writes them below the folder. @returns the policies' folders */
export function writeServers(folder: string): { right: string; wrong: string } {
  const write = (name: string, files: Record<string, string>) => {
    const at = join(folder, name);
    mkdirSync(at, { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(at, file), text);
    return at;
  };
  const sshd_config = "GatewayPorts clientspecified\n";
  return {
    right: write("right", { "policy.yaml": right, sshd_config }),
    wrong: write("wrong", { "policy.yaml": wrong, sshd_config, rules }),
  };
}
