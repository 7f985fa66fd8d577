/** An option of a key, changed on the key's own line. */
import { splitKeyOptions } from "../../openssh/authorized-keys.ts";
import { type Edit, linesOf, type RemedyInputs } from "./candidate.ts";

export interface KeyLine {
  file: string;
  line: number;
  /** As written. */
  options: string;
}

/** Empty where the line does not hold these options. */
export function setKeyOptions(inputs: RemedyInputs, { file, line, options }: KeyLine, changed: string): Edit[] {
  const old = linesOf(inputs.files[file] ?? "")[line - 1];
  if (old === undefined || options === "" || !old.includes(options) || changed === options) return [];
  const text = changed === "" ? old.replace(options, "").trimStart() : old.replace(options, () => changed);
  return [{ file, line, action: "replace", lines: [text] }];
}

/** Options that let TCP and sockets be forwarded: `port-forwarding` where `restrict` forbids it, `no-port-forwarding` gone. Options count in order. */
export function withPortForwarding(options: string): string {
  const kept = splitKeyOptions(options).filter((option) => !/^(no-)?port-forwarding$/i.test(option));
  const restrict = kept.findLastIndex((option) => /^restrict$/i.test(option));
  return restrict < 0 ? kept.join(",") : [...kept.slice(0, restrict + 1), "port-forwarding", ...kept.slice(restrict + 1)].join(",");
}

/** More values of an option that may be repeated: after those that are there. */
export function withOptionValues(options: string, name: string, values: readonly string[]): string {
  const parts = splitKeyOptions(options);
  const last = parts.findLastIndex((option) => option.toLowerCase().startsWith(`${name}=`));
  const at = last < 0 ? parts.length : last + 1;
  return parts.toSpliced(at, 0, ...values.map((value) => `${name}="${value}"`)).join(",");
}
