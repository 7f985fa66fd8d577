/** A folder with every kind of setting, and what firewalld makes of it; written by `record.ts`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { anywhere } from "../../../../harness/files/allowed-folders.ts";
import type { FirewallFile } from "../../../../harness/firewall/firewall-files.ts";
import type { MadeRules } from "../../../../harness/firewall/firewalld/compile.ts";
import { readFirewalldFolder } from "../../../../harness/firewall/firewalld/firewalld-folder.ts";

export const fixtureFolder = join(import.meta.dirname, "etc");
export const answerFile = join(import.meta.dirname, "answer.jsonl");

/** By their path in the folder. */
export function fixtureFiles(): Record<string, FirewallFile> {
  return readFirewalldFolder(fixtureFolder, import.meta.dirname, anywhere);
}

export function recordedAnswer(): MadeRules {
  return JSON.parse(readFileSync(answerFile, "utf8"));
}
