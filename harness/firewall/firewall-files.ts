/** What is known about a user's firewall before any tool has read it. */

import type { Family } from "../core/address.ts";
import type { Place } from "../core/errors.ts";
import type { Warning } from "../core/warning.ts";

/** A file of the user's firewall, or the part of it that is for one tool; uploaded byte for byte. */
export interface FirewallFile {
  /** Text; the raw bytes when the file is not valid UTF-8 (nft allows other encodings in comments). */
  content: string | Uint8Array;
  /** Path to show: relative to the policy file, with `/`. */
  display: string;
  /** The user's whole file, where `content` is the part of it that is for one tool. */
  whole?: string | Uint8Array;
  /** Not the user's: what a program of the server's (ufw, firewalld) writes. For each line, the user's line that it does so for. */
  origins?: readonly Place[];
  /** What such a program makes rules of: no tool loads it. */
  settings?: true;
}

export interface ChainName {
  /** As nft names it: `ip`, `ip6`, `inet`, `arp`, `bridge`, `netdev`. */
  family: string;
  table: string;
  chain: string;
}

/** To tell chains apart. */
export function chainKey({ family, table, chain }: ChainName): string {
  return `${family} ${table} ${chain}`;
}

/** Where a rule, or a chain's policy, stands in the user's own files. */
export interface RulePosition extends ChainName {
  kind: "rule" | "policy";
  /** Path to show, as in `FirewallFile.display`. */
  file: string;
  /** 1-based; the first line of the statement. Left out: `file` is a folder, and the statement stands for a file that it lacks. */
  line?: number;
  /** 1-based, in characters. */
  column?: number;
  /** The statement on one line: comments, line continuations and surplus blanks left out. */
  text: string;
  /** Rules of the chain without a name that the rule jumps or goes to. */
  inner?: RulePosition[];
}

/** A table or chain that the kernel will hold. */
export interface WrittenObject {
  family: string;
  table: string;
  /** Left out: a table. */
  chain?: string;
  /** How many rules the chain will have at least; undefined where that is not certain. */
  rules?: number;
  /** Path to show. */
  file: string;
  /** 1-based; where it is opened, or its first rule. Left out as in `RulePosition`. */
  line?: number;
}

interface Loaded {
  /** By absolute path in the lab. */
  files: Record<string, FirewallFile>;
  /** For a person; the result lists them. */
  warnings: Warning[];
  /**
   * One entry for each rule that the kernel will hold, in the order in which each chain is evaluated, and one for each
   * base chain's policy. A chain whose order cannot be known from the files (it names rules by handle) has no rules here.
   */
  rules: RulePosition[];
  /** The output of `ipset save`: the sets that rules of iptables name. */
  ipsets?: string;
  /** To be compared with what the kernel holds after loading. */
  objects: WrittenObject[];
  /** Paths of dumps that the family's tool reads one after the other, each adding to what is there (`--noflush`). Empty: no firewall. */
  sequence?: Partial<Record<Family, readonly string[]>>;
  /** What stands in front of the server; `rules` and `warnings` contain its own. */
  front?: FrontFirewall;
}

/** A cloud's firewall, as a table of nft's that is loaded besides the server's own rules. */
export interface FrontFirewall {
  /** The user's. */
  file: FirewallFile;
  table: string;
  rules: RulePosition[];
  warnings: Warning[];
}

/** Load with `nft -f <main>`, working directory /etc; then the dumps of `sequence`. */
export interface NftFirewall extends Loaded {
  kind: "nft";
  main: string;
}

/** Load with `iptables-nft-restore <main>` and `ip6tables-nft-restore <main6>`, or as `sequence` says. */
export interface IptablesFirewall extends Loaded {
  kind: "iptables";
  main?: string;
  main6?: string;
}

export type FirewallFiles = NftFirewall | IptablesFirewall;

export function placeOf({ file, line }: { file: string; line?: number | undefined }): { file: string; line?: number } {
  return { file, ...(line === undefined ? {} : { line }) };
}
