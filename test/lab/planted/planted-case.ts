/**
 * A server's files with one planted mistake, and the same files without it. Both stand in one text: `«right|wrong»`, in paths as well as in contents.
 */
import type { networks } from "./networks.ts";

/** Of one forward; `reachable_from` as in a policy. */
export type Reach = string | { vantage: string; family?: 4 | 6; address?: string };

export interface PlantedCase {
  /** What it is, in a few words. */
  name: string;
  /** What the administrator got wrong, in one sentence. */
  mistake: string;
  /** Left out: the article's. */
  network?: keyof typeof networks;
  /**
   * By path in the policy's folder; a file without a text is not there. `sshd_config` or `etc/ssh/…`, `alice.keys`; a firewall is `nftables.conf`, or
   * `rules.v4` and `rules.v6`. Left out: an sshd that forwards to every address, a key without options, no firewall.
   */
  files: Readonly<Record<string, string>>;
  /** What ssh is asked for. Left out: `-R :43234:localhost:3389`. */
  ssh?: string;
  /** Line of `alice.keys`. Left out: the first. */
  key?: number;
  /** Who may reach it; `refused`: the server must not even grant it. */
  right: readonly Reach[] | "refused";
  /**
   * Who gets in by the mistake: each the name of a vantage point or a prefix that its address, as the server sees it, is part of; ` at ADDRESS:PORT` where
   * it is about one. Every violated cell is one of these, and each of these has one.
   */
  exposes: readonly string[];
}

/** The article's vantage points, except both ends of the tunnel. */
export const everyone = ["campus", "home-lan", "other-lan", "internet"];

export type Side = "right" | "wrong";

const marks = /«([^«|»]*)\|([^«|»]*)»/g;

/** The files of one side; those without a text are left out. */
export function filesOf({ files }: PlantedCase, side: Side): Record<string, string> {
  const chosen = Object.entries(files).map(([path, text]) => [sideOf(path, side), sideOf(text, side)] as const);
  return Object.fromEntries(chosen.filter(([, text]) => text.trim() !== ""));
}

function sideOf(text: string, side: Side): string {
  return text.replaceAll(marks, side === "right" ? "$1" : "$2");
}
