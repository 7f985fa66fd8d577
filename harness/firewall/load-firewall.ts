/** From the paths in a policy to everything that the real nft or iptables-restore needs. Reads files, runs nothing. */
import { basename, dirname, posix, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import { detectKind, dumpFamily, type FirewallKind } from "./detect-kind.ts";
import type { FirewallFile, FirewallFiles, IptablesFirewall, NftFirewall } from "./firewall-files.ts";
import { readIptablesRules } from "./iptables-rules.ts";
import { displayPath, labFolder, NftIncludes } from "./nft-includes.ts";
import { readNftRules } from "./nft-rules.ts";
import { type ReadFile, readFirewallFile } from "./read-firewall-file.ts";

interface Input extends ReadFile {
  path: string;
  display: string;
  kind: "nft" | "iptables";
}

/**
 * Reads an nft ruleset with all it includes, or one or two iptables-save dumps.
 * The ruleset's folder stands for /etc of the server: `include "/etc/nftables.d/*.nft"` is `nftables.d/*.nft` beside it.
 * @param source path of the ruleset or dump, or the paths of the IPv4 and the IPv6 dump; absolute, or relative to `displayBase`
 * @param displayBase folder of the policy file, that shown paths are relative to
 * @throws UserError `firewall-file` (missing, empty, unreadable, of no known kind) or `firewall-include`
 */
export async function loadFirewall(source: string | readonly [v4: string, v6: string], displayBase: string): Promise<FirewallFiles> {
  const base = resolve(displayBase);
  const inputs = [source].flat().map((path) => readInput(resolve(base, path), base));
  const [first, second] = inputs;
  if (!first) throw new TypeError("no firewall file named");
  if (second) return iptablesFirewall(asDump(first, 4), asDump(second, 6));
  if (first.kind === "nft") return nftFirewall(first, base);
  return dumpFamily(first.text) === 6 ? iptablesFirewall(undefined, first) : iptablesFirewall(first, undefined);
}

const otherKinds: Record<Exclude<FirewallKind, "nft" | "iptables">, { found: string; todo: string }> = {
  nothing: { found: "no rules, at most comments", todo: "leave `firewall:` out if the server has no firewall" },
  "iptables-commands": {
    found: "a shell script that calls iptables or nft",
    todo: "run it on the server and give the output of `iptables-save` and `ip6tables-save`, or of `nft list ruleset`",
  },
  "nft-json": { found: "JSON", todo: "give the output of `nft list ruleset`, without -j" },
  "iptables-listing": { found: "the output of `iptables -L`", todo: "give the output of `iptables-save` and `ip6tables-save`" },
  unknown: { found: "something else", todo: "give the output of `nft list ruleset`, or of `iptables-save` and `ip6tables-save`" },
};

function readInput(path: string, base: string): Input {
  const display = displayPath(path, base);
  const read = readFirewallFile(path, display);
  const kind = detectKind(read.text);
  if (kind === "nft" || kind === "iptables") return { ...read, path, display, kind };
  const { found, todo } = otherKinds[kind];
  throw new UserError("firewall-file", `${display} is not a firewall that can be loaded`, {
    place: { file: display },
    found,
    expected: "an nft ruleset (`table inet filter { … }`) or the output of iptables-save (`*filter` … `COMMIT`)",
    todo,
  });
}

function asDump(input: Input, family: 4 | 6): Input {
  if (input.kind === "nft")
    throw new UserError("firewall-file", `${input.display} is not an iptables-save dump`, {
      place: { file: input.display },
      found: "an nft ruleset in a list of two files",
      expected: "two iptables-save dumps, IPv4 then IPv6, or one nft ruleset alone",
      todo: `write \`firewall: ${input.display}\`; an nft ruleset holds both families`,
    });
  const found = dumpFamily(input.text);
  if (found !== undefined && found !== family)
    throw new UserError("firewall-file", `${input.display} holds rules of the other address family`, {
      place: { file: input.display },
      found: `an IPv${found} dump`,
      expected: `the IPv${family} dump (the list is [IPv4, IPv6])`,
      todo: "exchange the two files",
    });
  return input;
}

function nftFirewall(input: Input, base: string): NftFirewall {
  const main = posix.join(labFolder, basename(input.path));
  const includes = new NftIncludes(dirname(input.path), base);
  const book = readNftRules(includes.read(main), (pattern, at) => includes.open(pattern, at));
  const { files, warnings } = includes;
  if (book.filtersNothing) warnings.push(`${input.display}: no chain is hooked to packets: this ruleset filters nothing`);
  return { kind: "nft", main, files, warnings, rules: book.positions() };
}

function iptablesFirewall(v4: Input | undefined, v6: Input | undefined): IptablesFirewall {
  const firewall: IptablesFirewall = { kind: "iptables", files: {}, warnings: [], rules: [] };
  const place = (input: Input, folder: string, family: "ip" | "ip6") => {
    // Folders of their own: both dumps may have the same name.
    const path = posix.join(labFolder, folder, basename(input.path));
    firewall.files[path] = { content: input.content, display: input.display } satisfies FirewallFile;
    firewall.rules.push(...readIptablesRules(input, family).positions());
    return path;
  };
  if (v4) firewall.main = place(v4, "iptables", "ip");
  if (v6) firewall.main6 = place(v6, "ip6tables", "ip6");
  if (!v6) firewall.warnings.push(`${v4?.display}: IPv4 rules only: nothing filters IPv6; name both dumps if the server has one for IPv6`);
  if (!v4) firewall.warnings.push(`${v6?.display}: IPv6 rules only: nothing filters IPv4; name both dumps if the server has one for IPv4`);
  return firewall;
}
