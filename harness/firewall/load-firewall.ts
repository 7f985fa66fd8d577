/** From the paths in a policy to everything that the real nft or iptables-restore needs. Reads files; runs nothing but firewalld, on a copy of its folder. */
import { statSync } from "node:fs";
import { basename, dirname, posix, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Progress } from "../core/step.ts";
import { warning } from "../core/warning.ts";
import { type AllowedFolders, anywhere } from "../files/allowed-folders.ts";
import { isMissing } from "../files/is-missing.ts";
import { detectKind, type FirewallKind } from "./detect-kind.ts";
import { displayPath, labFolder } from "./file-paths.ts";
import type { FirewallFiles, NftFirewall } from "./firewall-files.ts";
import type { HostNames } from "./firewalld/compile.ts";
import { firewalldFirewall } from "./firewalld/firewalld-firewall.ts";
import { isFirewalldFolder } from "./firewalld/firewalld-folder.ts";
import { type HiddenExtension, hiddenExtension } from "./hidden-extensions.ts";
import { iptablesFirewall } from "./iptables-firewall.ts";
import { NftIncludes } from "./nft-includes.ts";
import { readNftRules } from "./nft-rules.ts";
import { type FirewallInput, readFirewallFile } from "./read-firewall-file.ts";
import { templateMark } from "./template-marks.ts";
import { fillTemplate, fromIptables } from "./tool-error.ts";
import { isUfwFolder, ufwFirewall } from "./ufw/ufw-firewall.ts";

interface Input extends FirewallInput {
  kind: "nft" | "iptables";
}

/**
 * Reads an nft ruleset with all it includes, or iptables-save dumps: one file, the IPv4 dump alone in a list, or a list of both families'.
 * The ruleset's folder stands for /etc of the server: `include "/etc/nftables.d/*.nft"` is `nftables.d/*.nft` beside it.
 * A folder is a copy of /etc/ufw or of /etc/firewalld; for the latter an engine runs firewalld.
 * @param source path of the ruleset or dump, or the paths of the IPv4 and the IPv6 dump; absolute, or relative to `displayBase`
 * @param more `progress`: gets a line about whatever takes longer than a second; `ipsets`, `names`: saved ipsets and host names that the rules may name; `sysctl`: names of
 * kernel settings that the lab's host has anyway
 * @param displayBase folder of the policy file, that shown paths are relative to
 * @throws UserError `firewall-file` (missing, empty, unreadable, of no known kind), `firewall-include`, `firewall-ufw` or `firewall-firewalld`
 */
export async function loadFirewall(
  source: string | readonly [v4: string, v6?: string],
  displayBase: string,
  allowed: AllowedFolders = anywhere,
  more: { progress?: Progress; ipsets?: string; names?: HostNames; sysctl?: readonly string[] } = {},
): Promise<FirewallFiles> {
  const base = resolve(displayBase);
  if (typeof source === "string") {
    const path = resolve(base, source);
    requireSearchable(path, base);
    if (isUfwFolder(path)) return ufwFirewall(path, base, allowed, more);
    if (isFirewalldFolder(path)) return firewalldFirewall(path, base, allowed, more);
  }
  const inputs = [source].flat().flatMap((path, at) => (path === undefined ? [] : [readInput(resolve(base, path), base, at === 1)]));
  const [first, second] = inputs;
  if (!first) throw new TypeError("no firewall file named");
  if (!second && first.kind === "nft") return nftFirewall(first, base, allowed);
  for (const input of inputs) if (input.kind === "nft") throw notADump(input);
  return iptablesFirewall(first, second, typeof source === "string" ? "file" : "list");
}

/** Of a folder whose entries may not be looked at, nobody can say what it is a copy of. */
function requireSearchable(path: string, base: string): void {
  try {
    statSync(`${path}/.`);
  } catch (error) {
    const display = displayPath(path, base);
    if (!isMissing(error)) readFirewallFile(path, display, { file: display });
  }
}

function notADump({ display }: Input): UserError {
  return new UserError("firewall-file", `${display} is not an iptables-save dump`, {
    fault: faultOf("firewall-not-a-dump", { file: display }),
    place: { file: display },
    found: "an nft ruleset in a list of two files",
    expected: "two iptables-save dumps, IPv4 then IPv6, or one nft ruleset alone",
    todo: `write \`firewall: ${display}\`; an nft ruleset holds both families`,
  });
}

const otherKinds: Record<Exclude<FirewallKind, "nft" | "iptables">, { found: string; todo: string }> = {
  nothing: { found: "no rules, at most comments", todo: "remove `firewall:` if the server has no firewall" },
  "iptables-commands": {
    found: "a shell script that calls iptables or nft",
    todo: "run it on the server and use the output of `iptables-save` and `ip6tables-save`, or of `nft list ruleset`",
  },
  "nft-json": { found: "JSON", todo: "use the output of `nft list ruleset`, without -j" },
  "iptables-listing": { found: "the output of `iptables -L`", todo: "use the output of `iptables-save` and `ip6tables-save`" },
  template: { found: "a template", todo: fillTemplate },
  unknown: { found: "an unknown format", todo: "use the output of `nft list ruleset`, or of `iptables-save` and `ip6tables-save`" },
};

/** @param second of a list, the IPv6 dump */
function readInput(path: string, base: string, second: boolean): Input {
  const display = displayPath(path, base);
  const read = readFirewallFile(path, display, { file: display });
  const kind = detectKind(read.text);
  const mark = kind === "iptables" || kind === "template" ? templateMark(read.text, "iptables") : undefined;
  // iptables would take what stands there for the name of a host or a chain.
  if (mark) throw notLoadable(display, "template", mark);
  if (kind === "nft" || kind === "iptables") return { ...read, path, display, kind };
  throw notLoadable(display, kind, { second });
}

function notLoadable(
  display: string,
  kind: Exclude<FirewallKind, "nft" | "iptables">,
  { second = false, line }: { second?: boolean; line?: number | undefined } = {},
): UserError {
  const { found, todo } = otherKinds[kind];
  return new UserError("firewall-file", `${display} is not a loadable ruleset`, {
    fault: faultOf("firewall-not-loadable", { file: display, is: kind, ...(second ? { second } : {}) }),
    place: { file: display, ...(line === undefined ? {} : { line }) },
    found,
    expected: "an nft ruleset (`table inet filter { … }`) or the output of iptables-save (`*filter` … `COMMIT`)",
    todo: second && kind === "nothing" ? "leave it out of the list if the server has no rules for IPv6" : todo,
  });
}

function nftFirewall(input: Input, base: string, allowed: AllowedFolders): NftFirewall {
  const main = posix.join(labFolder, basename(input.path));
  const includes = new NftIncludes(dirname(input.path), base, allowed);
  const book = readNftRules(includes.read(main), (pattern, at) => includes.open(pattern, at));
  const { files, warnings } = includes;
  const hidden = hiddenExtension(input.text);
  if (hidden) throw incomplete(input.display, hidden);
  if (book.filtersNothing) {
    const mark = templateMark(input.text, "nft");
    if (mark) throw notLoadable(input.display, "template", mark);
    if (!book.isEmpty) throw fragment(input.display);
    warnings.push(warning("no-chain", {}, { file: input.display }));
  }
  return { kind: "nft", main, files, warnings, rules: book.positions(), objects: book.objects() };
}

function incomplete(display: string, { line, text }: HiddenExtension): UserError {
  return new UserError("firewall-file", `${display} lacks a part of this rule: nft could not list an extension of iptables`, {
    fault: faultOf("firewall-hidden-extension", { file: display, text }),
    place: { file: display, line },
    found: text,
    expected: "rules that nft can load again; it reads what stands behind `#` as a comment",
    todo: fromIptables,
  });
}

function fragment(display: string): UserError {
  return new UserError("firewall-file", `${display} is only a fragment: none of its chains has a hook`, {
    fault: faultOf("firewall-fragment", { file: display }),
    place: { file: display },
    found: "chains without `type … hook …`",
    expected: "a ruleset with at least one base chain (`type filter hook input priority 0`)",
    todo: "use the file that includes this one, or the output of `nft list ruleset`",
  });
}
