/** Small changes of the user's own files, each at one place: what a line is worth shows when it is gone, or says something else. Pure. */
import { splitKeyOptions } from "../../openssh/authorized-keys.ts";
import type { ConfigLine } from "../../openssh/sshd-config.ts";
import { sshdKeywords } from "../../openssh/sshd-keywords.ts";
import type { StatedLogin } from "../../openssh/stated-logins.ts";
import { type Edit, linesOf, type RemedyInputs } from "../remedies/candidate.ts";
import { isDumpLine } from "../remedies/iptables-edits.ts";
import { isStatement } from "../remedies/nft-edits.ts";

/** Where a rule, or a chain's policy, stands in the user's files. */
export interface MutableRule {
  family: string;
  table: string;
  chain: string;
  kind: "rule" | "policy";
  file: string;
  /** 1-based. */
  line: number;
  /** The statement on one line. */
  text: string;
}

export interface Mutation {
  /** Removed, or made to say something else. */
  kind: "removed" | "changed";
  file: string;
  /** 1-based. */
  line: number;
  /** As it stands there. */
  text: string;
  /** What is there instead; "" where nothing is. */
  instead: string;
  edits: Edit[];
  /** The firewall's rule, or policy of a chain, that is changed; left out: more than one, or none. */
  rule?: MutableRule;
}

/** Does the line keep anything back? One that only permits is no layer of defence, and nothing backs it up. */
export function restricts({ text, rule }: Pick<Mutation, "text" | "rule">): boolean {
  if (rule) return /\b(?:drop|reject)\b/i.test(text);
  return !/\b(?:yes|any|all|clientspecified)\s*$/i.test(text.replace(/#.*$/, "").trimEnd());
}

export interface Mutable {
  rules: readonly MutableRule[];
  config: readonly ConfigLine[];
  logins: readonly StatedLogin[];
}

export function mutationsOf({ rules, config, logins }: Mutable, inputs: RemedyInputs): Mutation[] {
  const seen = new Set<string>();
  return [
    ...rules.flatMap((rule) => ruleMutations(rule, inputs)),
    ...config.flatMap((line) => configMutations(line, inputs)),
    ...logins.flatMap((login) => keyMutations(login, inputs)),
  ].filter((mutation) => {
    // An Include twice, or rules of both families on one line: the same edit is one mutation.
    const key = JSON.stringify(mutation.edits);
    return !seen.has(key) && Boolean(seen.add(key));
  });
}

/** The rule gone, or with the opposite verdict; the chain's policy reversed; each element of a list that stands in the rule gone. */
function ruleMutations(rule: MutableRule, inputs: RemedyInputs): Mutation[] {
  const { file, line: number, text, kind } = rule;
  const line = lineAt(inputs, file, number);
  if (line === undefined) return [];
  const place = { file, line: number };
  const changed = (instead: string) => ({ ...lineChanged(place, line, instead), rule });
  if (kind === "policy") return reversedPolicy(line).map(changed);
  if (!isDumpLine(line) && !isStatement(line, text)) return [];
  return [{ ...lineRemoved(place, line), rule }, ...reversedVerdict(line).map(changed), ...withoutElements(line).map(changed)];
}

function reversedPolicy(line: string): string[] {
  const nft = line.replace(/\bpolicy (accept|drop)\b/, (_, verdict) => `policy ${verdict === "drop" ? "accept" : "drop"}`);
  if (nft !== line) return [nft];
  const dump = line.replace(/^(:\S+) (ACCEPT|DROP)\b/, (_, chain, verdict) => `${chain} ${verdict === "DROP" ? "ACCEPT" : "DROP"}`);
  return dump === line ? [] : [dump];
}

/** Of several verdict words the last is the statement's. */
function reversedVerdict(line: string): string[] {
  const code = withoutWords(line);
  const dump = /-j (ACCEPT|DROP|REJECT)\b(?: --reject-with \S+)?/.exec(code);
  if (dump) return [spliced(line, dump.index, dump[0].length, `-j ${dump[1] === "ACCEPT" ? "DROP" : "ACCEPT"}`)];
  const nft = [...code.matchAll(/\b(accept|drop|reject)\b(?:\s+with\s+(?:tcp\s+reset|icmp(?:v6|x)?(?:\s+type)?\s+[\w-]+))?/g)].at(-1);
  return nft ? [spliced(line, nft.index, nft[0].length, nft[1] === "accept" ? "drop" : "accept")] : [];
}

/** `{ 22, 80 }`, `--dports 22,80`: of each list each element. */
function withoutElements(line: string): string[] {
  const code = withoutWords(line);
  const lists = [...code.matchAll(/(\{\s*)([^{}]*[^{}\s])\s*\}/g), ...code.matchAll(/(--(?:[sd]|source-|destination-)?ports\s+)(\S+)/g)];
  return lists.flatMap(({ index, 1: before = "", 2: list = "" }) => {
    const elements = [...list.matchAll(/[^,]+/g)].map((each) => {
      const text = line.slice(index + before.length + each.index).slice(0, each[0].length);
      return text.trim();
    });
    // The elements of a map say where each leads.
    if (elements.length < 2 || /[^:]:\s/.test(list)) return [];
    return elements.map((_, gone) => {
      const left = elements.filter((_each, at) => at !== gone).join(list.includes(", ") ? ", " : ",");
      return spliced(line, index + before.length, list.length, left);
    });
  });
}

/** As long as the line, with blanks for comments and what is quoted: neither decides anything. */
function withoutWords(line: string): string {
  return line.replace(/"(?:\\.|[^"\\])*"|(?<=^|\s)#.*/g, (words) => " ".repeat(words.length));
}

function spliced(line: string, at: number, length: number, instead: string): string {
  return `${line.slice(0, at)}${instead}${line.slice(at + length)}`;
}

/** Values that a keyword may have besides its own. */
const values: Readonly<Record<string, readonly string[]>> = {
  allowtcpforwarding: ["yes", "no", "local", "remote"],
  gatewayports: ["yes", "no", "clientspecified"],
  disableforwarding: ["yes", "no"],
  permitlisten: ["any", "none"],
  permitopen: ["any", "none"],
  allowstreamlocalforwarding: ["yes", "no"],
  permittunnel: ["yes", "no"],
  x11forwarding: ["yes", "no"],
  x11uselocalhost: ["yes", "no"],
  allowagentforwarding: ["yes", "no"],
  permitrootlogin: ["yes", "no"],
};
/** Lines that decide who may log in, or for whom other lines count. */
const deciding = new Set([
  "match",
  "include",
  "allowusers",
  "denyusers",
  "allowgroups",
  "denygroups",
  "addressfamily",
  "streamlocalbindmask",
]);

function configMutations({ keyword, args, file, line: number }: ConfigLine, inputs: RemedyInputs): Mutation[] {
  const others = values[keyword];
  const line = lineAt(inputs, file, number);
  if ((!others && !deciding.has(keyword)) || line === undefined) return [];
  const place = { file, line: number };
  const own = args.join(" ").toLowerCase();
  const spelled = sshdKeywords.get(keyword)?.name ?? keyword;
  const indent = /^\s*/.exec(line)?.[0] ?? "";
  const changed = (others ?? []).filter((value) => value !== own).map((value) => lineChanged(place, line, `${indent}${spelled} ${value}`));
  return [lineRemoved(place, line), ...changed];
}

/** Each option of a key line gone. */
function keyMutations({ options, place }: StatedLogin, inputs: RemedyInputs): Mutation[] {
  const line = lineAt(inputs, place.file, place.line);
  const all = splitKeyOptions(options);
  if (line === undefined || options === "" || !line.includes(options)) return [];
  return all.map((option, gone): Mutation => {
    const left = all.filter((_, at) => at !== gone).join(",");
    const at = line.indexOf(options);
    const rest = line.slice(at + options.length);
    const instead = `${line.slice(0, at)}${left}${left === "" ? rest.trimStart() : rest}`;
    const edits: Edit[] = [{ ...place, action: "replace", lines: [instead] }];
    return { kind: "removed", ...place, text: option, instead: "", edits };
  });
}

interface Place {
  file: string;
  /** 1-based. */
  line: number;
}

function lineRemoved(place: Place, line: string): Mutation {
  return { kind: "removed", ...place, text: line.trim(), instead: "", edits: [{ ...place, action: "replace", lines: [] }] };
}

function lineChanged(place: Place, line: string, instead: string): Mutation {
  const edits: Edit[] = [{ ...place, action: "replace", lines: [instead] }];
  return { kind: "changed", ...place, text: line.trim(), instead: instead.trim(), edits };
}

function lineAt({ files }: RemedyInputs, file: string, line: number): string | undefined {
  const text = files[file];
  return text === undefined ? undefined : linesOf(text)[line - 1];
}
