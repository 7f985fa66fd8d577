/** Small changes of the user's own files, each at one place: what a line is worth shows when it is gone, or says something else. Pure. */
import type { Params } from "../../core/reason.ts";
import type { ListedElements, Span } from "../../core/text-span.ts";
import { splitKeyOptions } from "../../openssh/authorized-keys.ts";
import type { ConfigLine } from "../../openssh/sshd-config.ts";
import { sshdKeywords } from "../../openssh/sshd-keywords.ts";
import type { StatedLogin } from "../../openssh/stated-logins.ts";
import { mostElements } from "../../policy/review/most-elements.ts";
import { type Edit, indentOf, linesOf, type RemedyInputs } from "../remedies/candidate.ts";
import { isFirewalldXml } from "../remedies/firewalld-edits.ts";
import { deniesInXml, elementChanges } from "./firewalld-mutations.ts";
import { type NftPieces, spanEdits, withComma, withSeparator } from "./mutable-text.ts";

/** Where a rule, or a chain's policy, stands in the user's files. */
export interface MutableRule {
  family: string;
  table: string;
  chain: string;
  kind: "rule" | "policy";
  file: string;
  /** 1-based. */
  line: number;
  /** 1-based. */
  column: number;
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
  /** The rule may match packets that it did not match before. */
  matchesMore?: true;
}

/** Something that decides, or may, and that no change was made of. */
export interface Unchanged {
  file: string;
  /** 1-based. */
  line: number;
  text: string;
  /** What `report/` puts into words. */
  code: string;
  params: Params;
}

export interface Mutations {
  mutations: Mutation[];
  unchanged: Unchanged[];
}

/** Does the line keep anything back? One that only permits is no layer of defence, and nothing backs it up. */
export function restricts({ text, rule }: Pick<Mutation, "text" | "rule">): boolean {
  if (rule) return /\b(?:drop|reject)\b/i.test(text);
  if (text.startsWith("<")) return deniesInXml(text);
  return !/\b(?:yes|any|all|clientspecified)\s*$/i.test(text.replace(/#.*$/, "").trimEnd());
}

export interface Mutable {
  rules: readonly MutableRule[];
  /** Chains whose rules are known by number only. */
  unordered?: readonly { file: string; line: number; chain: string }[];
  /** Files of an nft ruleset, by the names that results show. */
  nft?: ReadonlyMap<string, NftPieces>;
  /** The output of `ipset save`. */
  ipsets?: string | undefined;
  config: readonly ConfigLine[];
  logins: readonly StatedLogin[];
}

export function mutationsOf({ rules, unordered = [], nft = new Map(), ipsets, config, logins }: Mutable, inputs: RemedyInputs): Mutations {
  const firewall: FirewallFiles = { rules: unordered.length > 0 ? undefined : rules, inputs, nft };
  const all = [
    ...rules.flatMap((rule) => ruleMutations(rule, firewall)),
    ...unordered.map(({ chain, ...place }) => unchanged(place, chain, "what-if-order")),
    ...[...nft].flatMap(([file, pieces]) => namedElements(file, pieces, firewall)),
    ...(ipsets === undefined ? [] : ipsetMutations(ipsets, firewall)),
    ...config.flatMap((line) => configMutations(line, inputs)),
    ...logins.flatMap((login) => keyMutations(login, inputs)),
  ];
  // An Include twice, or rules of both families on one line: the same edit is one mutation.
  return {
    mutations: eachOnce(
      all.flatMap((each) => ("edits" in each ? [each] : [])),
      ({ edits }) => edits,
    ),
    unchanged: eachOnce(
      all.flatMap((each) => ("edits" in each ? [] : [each])),
      (each) => each,
    ),
  };
}

type Made = Mutation | Unchanged;

function eachOnce<T>(all: readonly T[], keyOf: (each: T) => unknown): T[] {
  const seen = new Map<string, T>();
  for (const each of all) {
    const key = JSON.stringify(keyOf(each));
    if (!seen.has(key)) seen.set(key, each);
  }
  return [...seen.values()];
}

function unchanged({ file, line }: Place, text: string, code: string, params: Params = {}): Unchanged {
  return { file, line, text, code, params };
}

interface FirewallFiles {
  /** Undefined: not all are known. */
  rules: readonly MutableRule[] | undefined;
  inputs: RemedyInputs;
  nft: ReadonlyMap<string, NftPieces>;
}

/** The rule gone, or with the opposite verdict; the chain's policy reversed; each element of a list that stands in the rule gone, or with the opposite verdict. */
function ruleMutations(rule: MutableRule, firewall: FirewallFiles): Made[] {
  const { file, line: number, text, kind } = rule;
  const line = lineAt(firewall.inputs, file, number);
  if (line === undefined) return [unchanged(rule, text, "what-if-not-found")];
  if (isFirewalldXml(rule)) return elementMutationsAt(rule, firewall);
  if (kind === "rule") return isDumpRule(line) ? dumpMutations(rule, line) : nftMutations(rule, firewall);
  const reversed = reversedPolicy(line).map((instead) => ({ ...lineChanged({ file, line: number }, line, instead), rule }));
  // A policy that nft has by default stands on no line.
  return reversed.length > 0 || !/^policy /.test(text) ? reversed : [unchanged(rule, text, "what-if-policy")];
}

/** Many rules are made of one element. */
function elementMutationsAt({ file, line }: MutableRule, { inputs }: FirewallFiles): Made[] {
  const lines = linesOf(inputs.files[file] ?? "");
  const changes = elementChanges(file, lines, line);
  return changes
    ? changes.map((change) => ({ file, line, ...change }))
    : [unchanged({ file, line }, (lines[line - 1] ?? "").trim(), "what-if-shared-line")];
}

function isDumpRule(line: string): boolean {
  return /^\s*(?:\[\d+:\d+\]\s*)?(?:-[46]\s+|--ipv[46]\s+)?(?:-A|-I|--append|--insert)\s/.test(line);
}

function dumpMutations(rule: MutableRule, line: string): Mutation[] {
  const place = { file: rule.file, line: rule.line };
  const changed = (instead: string): Mutation => ({ ...lineChanged(place, line, instead), rule });
  return [
    { ...lineRemoved(place, line), rule },
    ...reversedTarget(line).map(changed),
    ...withoutPorts(line).map((instead): Mutation => ({ ...changed(instead), ...more(/\s!\s/.test(line)) })),
  ];
}

function reversedPolicy(line: string): string[] {
  const nft = line.replace(/\bpolicy (accept|drop)\b/, (_, verdict) => `policy ${verdict === "drop" ? "accept" : "drop"}`);
  if (nft !== line) return [nft];
  const dump = line.replace(
    /^(:\S+|-P \S+|--policy \S+) (ACCEPT|DROP)\b/,
    (_, chain, verdict) => `${chain} ${verdict === "DROP" ? "ACCEPT" : "DROP"}`,
  );
  return dump === line ? [] : [dump];
}

function reversedTarget(line: string): string[] {
  const dump = /-j (ACCEPT|DROP|REJECT)\b(?: --reject-with \S+)?/.exec(withoutWords(line));
  return dump ? [spliced(line, dump.index, dump[0].length, `-j ${dump[1] === "ACCEPT" ? "DROP" : "ACCEPT"}`)] : [];
}

/** `--dports 22,80`: each port gone. */
function withoutPorts(line: string): string[] {
  const lists = [...withoutWords(line).matchAll(/(--(?:[sd]|source-|destination-)?ports\s+)(\S+)/g)];
  return lists.flatMap(({ index, 1: before = "", 2: list = "" }) => {
    const ports = list.split(",");
    if (ports.length < 2) return [];
    return ports.map((_, gone) => spliced(line, index + before.length, list.length, ports.filter((_each, at) => at !== gone).join(",")));
  });
}

function nftMutations(rule: MutableRule, firewall: FirewallFiles): Made[] {
  const found = firewall.nft.get(rule.file);
  const line = lineAt(firewall.inputs, rule.file, rule.line);
  // Rules of ufw or firewalld that are made of one of its settings.
  if (!found && line !== undefined) return [unchanged({ file: rule.file, line: rule.line }, line.trim(), "what-if-setting")];
  const statement = found?.statementAt(rule.line, rule.column);
  if (!found || !statement || !found.shown(statement).endsWith(rule.text)) return [unchanged(rule, rule.text, "what-if-not-found")];
  const { text } = found;
  const place = { file: rule.file, line: rule.line, text: found.shown(statement) };
  const code = text.slice(statement.from, statement.to);
  const changed = reversedVerdict(code).map((instead): Mutation => {
    const edits = spanEdits(rule.file, text, statement, instead);
    return { kind: "changed", ...place, instead: found.onOneLine(instead), edits, rule };
  });
  const removed = spanEdits(rule.file, text, withSeparator(text, statement), "");
  return [
    { kind: "removed", ...place, instead: "", edits: removed, rule },
    ...changed,
    ...found.listsIn(statement).flatMap((list) => elementMutations(found, list, { file: rule.file, rule, whole: place.text })),
  ];
}

/** The statement's own verdict; where it has none, the last one of the rules in its braces. Those of a map are its elements'. */
function reversedVerdict(code: string): string[] {
  const bare = withoutWords(code);
  const blocks = /\b(?:jump|goto)\s*\{/.test(bare);
  const lastIn = (part: string) =>
    [...part.matchAll(/\b(accept|drop|reject)\b(?:\s+with\s+(?:tcp\s+reset|icmp(?:v6|x)?(?:\s+type)?\s+[\w-]+))?/g)].at(-1);
  const verdict = lastIn(withoutBraces(bare)) ?? (blocks ? lastIn(bare) : undefined);
  return verdict ? [spliced(code, verdict.index, verdict[0].length, opposite(verdict[1]))] : [];
}

function opposite(verdict: string | undefined): "accept" | "drop" {
  return verdict === "accept" ? "drop" : "accept";
}

/** As long, with blanks for all that stands in braces. */
function withoutBraces(code: string): string {
  const inner = code.replace(/\{[^{}]*\}/g, (braces) => " ".repeat(braces.length));
  return inner === code ? code : withoutBraces(inner);
}

interface ListPlace {
  file: string;
  /** The rule that alone has or uses the list. */
  rule?: MutableRule | undefined;
  /** The rule whose own list it is, on one line. */
  whole?: string;
}

/** Each element gone; each of a map of verdicts with the opposite one. */
function elementMutations(nft: NftPieces, { elements, statement }: ListedElements, { file, rule, whole }: ListPlace): Made[] {
  const { text } = nft;
  const of = { ...(rule ? { rule } : {}), ...more(rule !== undefined && /!/.test(rule.text)) };
  const code = (span: Span) => text.slice(span.from, span.to);
  // As a rule the whole statement is told, of a set that may have a thousand elements the one.
  const told = (span: Span, cut: Span, by: string) =>
    whole === undefined
      ? { text: nft.shown(span), instead: nft.onOneLine(by) }
      : { text: whole, instead: nft.onOneLine(spliced(code(statement), cut.from - statement.from, cut.to - cut.from, by)) };
  const chosen = elements.slice(0, mostElements);
  const made = chosen.flatMap((span, at): Made[] => {
    const place = { file, line: nft.lineOf(span.from) };
    const flipped = reversedElement(code(span));
    return [
      ...(elements.length < 2 ? [] : [removedElement(withComma(elements, at))]),
      ...flipped.map(
        (by): Mutation => ({ kind: "changed", ...place, ...told(span, span, by), edits: spanEdits(file, text, span, by), ...of }),
      ),
    ];

    function removedElement(cut: Span): Mutation {
      const kind = whole === undefined ? "removed" : "changed";
      return { kind, ...place, ...told(span, cut, ""), edits: spanEdits(file, text, cut, ""), ...of };
    }
  });
  const left = elements.slice(mostElements);
  const [next] = left;
  if (!next) return made;
  return [...made, unchanged({ file, line: nft.lineOf(next.from) }, nft.shown(next), "what-if-many", { count: left.length })];
}

/** `22 : accept`. */
function reversedElement(code: string): string[] {
  const verdict = /:\s*(accept|drop)\s*$/.exec(withoutWords(code));
  return verdict ? [spliced(code, verdict.index, verdict[0].length, verdict[0].replace(/accept|drop/, opposite(verdict[1])))] : [];
}

/** Elements of sets, maps and variables. The only one goes with the statement that lists it. */
function namedElements(file: string, nft: NftPieces, firewall: FirewallFiles): Made[] {
  return nft.namedLists().flatMap((list): Made[] => {
    const { name, elements, statement } = list;
    const rule = name.startsWith("@") ? onlyUser(firewall.rules, (text) => mentions(text, name)) : undefined;
    const made = elementMutations(nft, list, { file, rule });
    const [only] = elements;
    if (elements.length !== 1 || !only) return made;
    const place = { file, line: nft.lineOf(only.from) };
    if (!name.startsWith("@")) return [...made, unchanged(place, nft.shown(statement), "what-if-only-element")];
    const edits = spanEdits(file, nft.text, withSeparator(nft.text, statement), "");
    const of = { ...(rule ? { rule } : {}), ...more(rule !== undefined && /!/.test(rule.text)) };
    return [{ kind: "removed", ...place, text: nft.shown(only), instead: "", edits, ...of }, ...made];
  });
}

/** A variable in the rule may hold the name as well. */
function mentions(rule: string, name: string): boolean {
  return rule.includes("$") || rule.split(/[\s{},;]+/).includes(name);
}

/** The rule that alone uses a set. */
function onlyUser(rules: FirewallFiles["rules"], uses: (text: string) => boolean): MutableRule | undefined {
  const users = rules?.filter(({ text }) => uses(text)) ?? [];
  return users.length === 1 ? users[0] : undefined;
}

/** Each member gone. */
function ipsetMutations(file: string, { rules, inputs }: FirewallFiles): Made[] {
  const members = linesOf(inputs.files[file] ?? "").flatMap((line, at) => {
    const [, name] = /^\s*(?:add|-A)\s+(\S+)\s+\S/.exec(line) ?? [];
    return name === undefined ? [] : [{ name, line, place: { file, line: at + 1 } }];
  });
  return [...Map.groupBy(members, ({ name }) => name)].flatMap(([name, own]): Made[] => {
    const rule = onlyUser(rules, (text) => [...text.matchAll(/--match-set\s+"?([^\s"]+)/g)].some(([, set]) => set === name));
    const made = own.slice(0, mostElements).map(({ line, place }): Mutation => {
      const widens = (rule !== undefined && /!/.test(rule.text)) || /\snomatch\b/.test(line);
      return { ...lineRemoved(place, line), ...(rule ? { rule } : {}), ...more(widens) };
    });
    const [next] = own.slice(mostElements);
    if (!next) return made;
    return [...made, unchanged(next.place, next.line.trim(), "what-if-many", { count: own.length - mostElements })];
  });
}

function more(widens: boolean): { matchesMore?: true } {
  return widens ? { matchesMore: true } : {};
}

/** As long as the text, with blanks for comments and what is quoted: neither decides anything. */
function withoutWords(code: string): string {
  return code.replace(/"(?:\\.|[^"\\])*"|(?<=^|\s)#.*/g, (words) => " ".repeat(words.length));
}

function spliced(text: string, at: number, length: number, instead: string): string {
  return `${text.slice(0, at)}${instead}${text.slice(at + length)}`;
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

function configMutations({ keyword, args, file, line: number }: ConfigLine, inputs: RemedyInputs): Made[] {
  const others = values[keyword];
  const line = lineAt(inputs, file, number);
  if (!others && !deciding.has(keyword)) return [];
  const place = { file, line: number };
  if (line === undefined) return [unchanged(place, [keyword, ...args].join(" "), "what-if-not-found")];
  const own = args.join(" ").toLowerCase();
  const spelled = sshdKeywords.get(keyword)?.name ?? keyword;
  const changed = (others ?? [])
    .filter((value) => value !== own)
    .map((value) => lineChanged(place, line, `${indentOf(line)}${spelled} ${value}`));
  return [lineRemoved(place, line), ...changed];
}

/** Each option of a key line gone. */
function keyMutations({ options, place }: StatedLogin, inputs: RemedyInputs): Made[] {
  const line = lineAt(inputs, place.file, place.line);
  const all = splitKeyOptions(options);
  if (options === "") return [];
  if (!line?.includes(options)) return [unchanged(place, options, "what-if-not-found")];
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
