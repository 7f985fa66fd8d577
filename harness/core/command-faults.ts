/** What is wrong with a command: its options, its reports, its labs, its scenarios and lessons. Types only. */

export interface CommandFaults {
  "option-not-with": { options: readonly string[] };
  /** `in`: what the command is doing, for which the option means nothing. */
  "option-unfit": { option: string; in: OptionUnfit };
  /** Of `diff`: the kinds of both sides. */
  "option-unused": { option: "--policy" | "--openssh"; names: readonly string[]; kinds: readonly SideKind[] };
  "option-with-policy": { option: string; path: string };
  "option-of-policy": { option: string };
  "option-one-server": { option: string };
  "option-server-unknown": { name: string; known: readonly string[] };
  "option-file": { option: string; file: string; what: "firewall" | "keys"; said?: string | undefined };
  "option-unknown": { option: string; known: readonly string[] };
  "option-value-missing": { option: string };
  "option-value": { option: string; is: "address" | "version" | "language" | "audience"; known?: readonly string[] | undefined };
  /** `help`: the command that shows what is allowed. */
  "usage-option": { option: string; command: string; known: readonly string[]; meant?: string | undefined; help?: string };
  "usage-misplaced": { option: string; program: string };
  "usage-value-missing": { option: string; help: string };
  "usage-argument-missing": { command: string; argument: string; usage: string };
  "usage-value": { argument: string; value: string; is?: UsageValue | undefined; choices?: readonly string[] | undefined };
  "usage-command": { name: string; known: readonly string[]; meant?: string | undefined; help?: string };
  "usage-other": { said: string; help: string };
  "argument-missing": { command: string };
  "sides-two": { words: number };
  "ssh-arguments-missing": Record<never, never>;
  "ssh-host-missing": { config: string };

  "report-format": { known: readonly string[] };
  "report-spec": Record<never, never>;
  "reports-to-output": Record<never, never>;
  "cannot-write": { what: Written; format?: string | undefined; path: string; why: string };
  "file-exists": { file: string };
  "page-not-built": { said: string };
  "page-template-missing": Record<never, never>;

  /** `lab`: left out where there is but one. */
  "host-unknown": {
    name: string;
    is: "host" | "router" | "either";
    known: readonly string[];
    lab?: string | undefined;
    meant?: string | undefined;
  };
  "no-link-to-cut": { name: string; known: readonly string[] };
  "lab-name": Record<never, never>;
  "lab-name-taken": { name: string };
  "lab-not-kept": { name?: string | undefined; names: readonly string[]; meant?: string | undefined };
  "labs-several": Record<never, never>;
  "labs-no-engine": Record<never, never>;

  "scenarios-missing": { folder: string; command: string };
  "scenario-unknown": { word: string; topics: readonly string[]; meant?: string | undefined };
  "scenario-topic": { topic: string; known: readonly string[] };
  "scenario-none": Record<never, never>;
  "vitest-missing": Record<never, never>;
  "lessons-several": Record<never, never>;
  "export-folder": { folder: string };
  "exercise-unusable": { said: string };
  "port-unavailable": { address: string; why: string };
}

/** What the value of an option must be. */
export type UsageValue = "shard" | "count" | "port";

/** `watch`, `watch-several`: with `--watch`, of one policy or several. `one`: of one policy. `several`: of several. `not-kept`: without `--keep`. */
export type OptionUnfit = "one" | "several" | "watch" | "watch-several" | "not-kept";

/** What a side of a comparison is. */
export type SideKind = "result" | "review" | "fleet" | "policies" | "policy" | "config";

export type Written = "report" | "patch" | "policy" | "page" | "lessons";
