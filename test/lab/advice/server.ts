/** A server as its administrator thinks of it, and the files that say so. */
import type { Draw } from "../model/random.ts";
import { type Firewall, firewallFiles } from "./firewall.ts";

export interface Sshd {
  /** One file, or a copy of /etc/ssh with a drop-in that is included first. */
  layout: "file" | "folder";
  dropIn: string[];
  top: string[];
  blocks: { match: string; lines: string[] }[];
}

export interface Forward {
  as: Account;
  ssh: string;
  reach?: readonly unknown[];
  refused?: true;
  targets?: readonly string[];
  within?: string;
}

export const accounts = ["alice", "bob", "carol"] as const;
export type Account = (typeof accounts)[number];

export interface Server {
  sshd: Sshd;
  /** Options of each account's only key. */
  keys: Record<Account, string[]>;
  firewall: Firewall | undefined;
  forwards: Record<string, Forward>;
  /** How it is all written; one number for each choice that means nothing. */
  writing: number;
}

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcndhcmRsYWIgZXhhbXBsZSBrZXksIG5vdCB1c2Vk";

/** By path in the policy's folder. */
export function filesOf(server: Server): Record<string, string> {
  const firewall = server.firewall ? firewallFiles(server.firewall, server.writing) : undefined;
  return {
    "policy.yaml": policyText(server, server.forwards, firewall?.named),
    ...sshdFiles(server),
    ...Object.fromEntries(
      accounts.map((name) => [`${name}.keys`, `# keys of ${name}\n${[...keyOptions(server, name), key, name].join(" ")}\n`]),
    ),
    ...firewall?.files,
  };
}

function keyOptions({ keys }: Server, name: Account): string[] {
  return keys[name].length > 0 ? [keys[name].join(",")] : [];
}

/** What must be the same in every policy that one lab takes. */
export function policyText(
  { sshd }: Pick<Server, "sshd">,
  forwards: Readonly<Record<string, Forward>>,
  firewall: string | undefined,
  sshdConfig = sshd.layout === "file" ? "sshd_config" : "etc/ssh",
): string {
  const stated = Object.entries(forwards).map(([name, { as, ssh, reach, refused, targets, within }]) => {
    const parts = [
      `    as: ${as}`,
      `    ssh: ${/[#"[\]]/.test(ssh) ? `'${ssh}'` : ssh}`,
      ...(refused ? ["    refused_by_server: true"] : []),
      ...(targets ? [`    targets: ${JSON.stringify(targets)}`] : []),
      ...(within === undefined ? [] : [`    gone_within: ${within}`]),
      ...(reach ? ["    reachable_from:", ...(reach.length > 0 ? reach.map((entry) => `      - ${entryText(entry)}`) : [])] : []),
    ];
    if (reach?.length === 0) parts.splice(-1, 1, "    reachable_from: []");
    return `  ${name}:\n${parts.join("\n")}\n`;
  });
  const given = accounts.map((name) => `    ${name}: { authorized_keys: ${name}.keys${name === "bob" ? ", groups: [staff]" : ""} }\n`);
  return `server:\n  sshd_config: ${sshdConfig}\n${firewall === undefined ? "" : `  firewall: ${firewall}\n`}  accounts:\n${given.join("")}  services: { "127.0.0.1:5432": database, "127.0.0.1:5433": database }\nforwards:\n${stated.join("")}`;
}

function entryText(entry: unknown): string {
  return typeof entry === "string"
    ? entry
    : JSON.stringify(entry)
        .replaceAll('"', "")
        .replaceAll(/([:,])/g, "$1 ")
        .replaceAll("  ", " ");
}

function sshdFiles({ sshd, writing }: Server): Record<string, string> {
  const { layout, dropIn, top, blocks } = sshd;
  const indent = ["    ", "\t", ""][writing % 3] ?? "";
  const matches = blocks.map(
    ({ match, lines }) => `\n# for ${match}\nMatch ${match}\n${lines.map((line) => `${indent}${line}\n`).join("")}`,
  );
  const main = `${[...(layout === "folder" ? ["Include /etc/ssh/sshd_config.d/*.conf", ""] : dropIn), ...top].join("\n")}\n${matches.join("")}`;
  const text = writing % 7 === 3 ? main.replaceAll("\n", "\r\n") : main;
  if (layout === "file") return { sshd_config: writing % 5 === 4 ? text.replace(/\r?\n$/, "") : text };
  return { "etc/ssh/sshd_config": text, "etc/ssh/sshd_config.d/50-local.conf": `${["# local", ...dropIn].join("\n")}\n` };
}

/** Every list of settings, in the order in which sshd reads them. */
export function sections({ sshd }: Server): string[][] {
  return [sshd.dropIn, sshd.top, ...sshd.blocks.map(({ lines }) => lines)];
}

export function portOf({ ssh }: Forward): number {
  return Number(/(?:^|[\s:])(4\d{4})\b/.exec(ssh)?.[1] ?? 0);
}

export function isRemote({ ssh }: Forward): boolean {
  return ssh.includes("-R");
}

export function shuffled<T>(draw: Draw, items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: draw.next() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
}
