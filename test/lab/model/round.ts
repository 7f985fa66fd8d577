/** One config of the server with a few forwards asked of it: what the model and the lab are both given. Plain data. */

import type { NftFirewall } from "../../../harness/firewall/firewall-files.ts";
import type { FirewallPolicy, FirewallRule } from "../../../harness/openssh/model/firewall-policy.ts";
import type { ServerAccount } from "../../../harness/ssh/server.ts";

export interface Case {
  account: "tunnel" | "root";
  /** Which key of the account. */
  keyIndex: number;
  /** As typed. */
  ssh: string;
}

export interface Round {
  /** Lines of sshd_config. */
  config: string[];
  /** Options of each key; both accounts have the same keys. */
  keys: string[];
  /** Null: no firewall. */
  firewall: FirewallPolicy | null;
  /** `net.ipv4.ip_unprivileged_port_start` of the server. Default 1024. */
  unprivilegedPortStart?: number;
  /** Something that holds a port already, on the host that listens. */
  taken: { host: "server" | "home"; address: string; port: number } | null;
  cases: Case[];
}

/** Any key will do: the lab puts its own in its place. */
const someKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcndhcmRsYWIgZXhhbXBsZSBrZXksIG5vdCB1c2Vk";

export function accountsOf({ keys }: Round): ServerAccount[] {
  const text = keys.map((options) => `${options === "" ? "" : `${options} `}${someKey}\n`).join("");
  return (["tunnel", "root"] as const).map((name) => ({ name, authorizedKeys: [{ text, display: `${name}.keys` }] }));
}

/** Root may log in, whatever the default of this sshd is. */
export function configText({ config }: Round): string {
  return `${["PermitRootLogin prohibit-password", ...config].join("\n")}\n`;
}

/** What every ruleset of a host that is in use lets in: the login itself. */
export const loginRule: FirewallRule = { port: 22, action: "accept" };

/** The policy as an nft ruleset; loopback, answers and neighbour discovery pass, as in every ruleset that works. */
export function nftOf(policy: FirewallPolicy): NftFirewall {
  const words = { accept: "accept", drop: "drop", reject: "reject with tcp reset" };
  const rules = [loginRule, ...policy.rules].map(({ family, source, port, action }) =>
    [
      family === undefined ? "" : `meta nfproto ipv${family}`,
      source === undefined ? "" : `${source.includes(":") ? "ip6" : "ip"} saddr ${source}`,
      port === undefined ? "meta l4proto tcp" : `tcp dport ${port}`,
      words[action],
    ].join(" "),
  );
  const text = `table inet filter {
  chain input {
    type filter hook input priority filter; policy ${policy.default === "accept" ? "accept" : "drop"};
    iif lo accept
    ct state established,related accept
    meta l4proto { icmp, ipv6-icmp } accept
    ${rules.join("\n    ")}
    ${policy.default === "reject" ? `meta l4proto tcp ${words.reject}` : ""}
  }
}
`;
  const main = "/etc/nftables.conf";
  return { kind: "nft", main, files: { [main]: { content: text, display: "nftables.conf" } }, warnings: [], rules: [], objects: [] };
}

/** For a person who wants to see it again. */
export function describeRound(round: Round): string {
  return JSON.stringify(round, null, 1);
}
