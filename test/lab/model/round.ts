/** One config of the server with a few forwards asked of it: what the model and the lab are both given. Plain data. */

import type { FirewallPolicy } from "../../../harness/openssh/model/firewall-policy.ts";
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
  /** In which of the ways to say the same the firewall is written. Default 0. */
  writing?: number;
  /** The firewall as a person wrote it, of which `firewall` was read. Left out: one is made of `firewall`. */
  ruleset?: { text: string /** What the reading leaves in doubt. */; without?: 6 };
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

/** For a person who wants to see it again. */
export function describeRound(round: Round): string {
  return JSON.stringify(round, null, 1);
}
