/** What is wrong with documents that are read again, and with what is compared, merged, reviewed or captured. Types only. */
import type { SideKind } from "./command-faults.ts";
import type { FoundFile } from "./found-file.ts";
import type { Cause } from "./reason.ts";

export interface DocumentFaults {
  "result-version": { path: string; version: number; own: number; command: "verify" | "review" };
  /** `said`: what the reader says, where it is `invalid` or `unreadable`. */
  "result-not-one": { path: string; command: string; found: "missing" | "unreadable" | "empty" | "invalid" } & FoundFile;

  "merge-nothing": Record<never, never>;
  "merge-not-a-part": { name: string; undivided: boolean };
  "merge-other-run": {
    name: string;
    first: string;
    /** `file`: the named file; `said`: as it stands. */
    differs: "forwardlab" | "policies" | "file" | "OpenSSH" | "ssh" | "forwards" | "--only" | "network" | "parts";
    file?: string | undefined;
    found: string;
    expected: string;
  };
  "merge-part-twice": { part: string; times: number };
  "merge-parts-missing": { parts: readonly string[]; count: number };
  /** `names`: of forwards; none: of a fleet's servers. */
  "merge-incomplete": { names: readonly string[]; missing: readonly string[]; twice: readonly string[] };
  "merge-both-kinds": { result: string; fleet: string };

  "sides-without-policy": { before: string; after: string };
  "side-none": { name: string; found: "missing" | "empty" | "binary" | "folder" | "other" | "unreadable" } & FoundFile;
  "side-reviews": { name: string };
  "side-several": { name: string; results: boolean; names: readonly string[]; kinds: readonly SideKind[] };
  /** `file`: of one that replaces a file of a policy's. */
  "side-not-policy": { name: string; kind: SideKind; file?: "sshd_config" | "firewall" | undefined };
  "side-review": { names: readonly string[]; kinds: readonly SideKind[] };
  "side-needs-policy": { name: string; file: "sshd_config" | "firewall"; other: string; kind: SideKind };
  "git-no-ancestor": { one: string; other: string };
  "git-path": { path: string; revision: string; inside: string };
  "git-revision": { revision: string };
  "git-missing": Record<never, never>;
  "git-no-repository": { path: string };

  "review-subject": {
    path: string;
    kind?: SideKind | undefined;
    found?: DocumentFaults["side-none"]["found"] | undefined;
  };
  "init-unproven": {
    unproven: number;
    cells: number;
    cell?: { forward: string; vantage: string; target: string } | undefined;
    because?: Cause | undefined;
  };
  /** `part` of `count`: with `--shard`; `of`: how many there are. */
  "nothing-selected": { what: "forwards" | "policies"; part?: number | undefined; count?: number | undefined; of: number };
  "world-shared": { servers: readonly string[] };
}
