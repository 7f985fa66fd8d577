/** nft rulesets of the simple kind. */
import type { Family } from "../../core/address.ts";
import { NftTokens, type Token } from "../nft-tokens.ts";
import {
  emptyRule,
  interfaceFrom,
  NotUnderstood,
  networkFrom,
  notUnderstood,
  portsFrom,
  protocolFrom,
  type ReadChains,
  type SimpleChain,
  type SimpleRule,
  setOnce,
} from "./chain.ts";

export function readSimpleNft(text: string, display: string): ReadChains {
  const reader = new Reader(new NftTokens({ display, text }));
  reader.readFile();
  return reader;
}

interface Hook {
  type: string;
  name: string;
}

interface Statement {
  tokens: Token[];
  line: number;
  /** It opened a block, which is to be read next. */
  block: boolean;
  /** The block around it, or the file, ends here. */
  last: boolean;
  /** Nothing follows. */
  ended: boolean;
}

/** nft refuses a chain at any other. */
const hooks = ["prerouting", "input", "forward", "output", "postrouting", "ingress", "egress"];

const tableFamilies: Record<string, readonly Family[]> = { ip: [4], ip6: [6], inet: [4, 6] };

class Reader implements ReadChains {
  readonly chains: SimpleChain[] = [];
  readonly doubts: ReadChains["doubts"] = [];
  readonly #tokens: NftTokens;
  readonly #names = new Set<string>();
  /** Of the latest token. */
  #line = 1;

  constructor(tokens: NftTokens) {
    this.#tokens = tokens;
  }

  readFile(): void {
    for (const { words, line, block } of this.#statements(["table"], "file")) {
      const [head, family = "", name] = words;
      if (head === "table") {
        const families = tableFamilies[name === undefined ? "ip" : family];
        if (block) this.#readTable(families, line, words.join(" "));
        else if (families === undefined) this.#doubt(line);
      } else if (!this.#empties(words)) this.#doubt(line);
    }
  }

  /** What makes room for the rules that follow. */
  #empties([verb = "", what]: readonly string[]): boolean {
    return ["flush", "delete", "destroy"].includes(verb) && (what === "ruleset" || what === "table") && this.chains.length === 0;
  }

  #doubt(line: number): void {
    this.doubts.push({ code: "unknown", line });
  }

  #readTable(families: readonly Family[] | undefined, at: number, table: string): void {
    if (!families) this.#doubt(at);
    for (const { words, line, block } of this.#statements(["chain", "set", "map", "counter", "quota", "limit", "ct", "flowtable"])) {
      if (words[0] === "chain" && block) {
        // A second block adds to the chain of the first.
        const name = `${table} ${words[1]}`;
        if (this.#names.has(name)) this.#doubt(line);
        this.#names.add(name);
        this.#readChain(families ?? [], line);
      } else if (block) for (const _ of this.#statements([]));
      else if (words[0] !== "comment") this.#doubt(line);
    }
  }

  /** A chain without a hook is met by what jumps to it, and jumps are doubts of their own. */
  #readChain(families: readonly Family[], at: number): void {
    const own: Omit<SimpleChain, "family"> = { line: at, default: "accept", defaultLine: at, rules: [] };
    const doubts: number[] = [];
    let hook: Hook | undefined;
    for (const { words, line, text } of this.#statements([])) {
      const [head, second = ""] = words;
      if (head === "type" && words[2] === "hook") {
        hook = { type: second, name: words[3] ?? "" };
        if (!hooks.includes(hook.name)) this.#doubt(line);
        own.defaultLine = line;
      } else if (conflicts(words, families)) this.#doubt(line);
      else if (head === "policy" && (second === "accept" || second === "drop")) [own.default, own.defaultLine] = [second, line];
      else if (head !== "comment") {
        const rules = readRule(words, line, text, families);
        if (rules) own.rules.push(...rules);
        else doubts.push(line);
      }
    }
    this.#takeIn(hook, own, doubts, families);
  }

  #takeIn(hook: Hook | undefined, own: Omit<SimpleChain, "family">, doubts: readonly number[], families: readonly Family[]): void {
    if (hook?.type === "filter" && hook.name === "input") {
      this.chains.push(...families.map((family) => ({ ...own, family })));
      for (const line of doubts) this.#doubt(line);
    } else if (hook && hook.name !== "forward") {
      // What leaves, and what comes in before: only what lets everything pass changes nothing.
      const first = doubts[0] ?? own.rules.find(({ action }) => action !== "accept")?.line;
      if (first !== undefined || own.default === "drop") this.#doubt(first ?? own.defaultLine);
    }
  }

  *#statements(
    blocks: readonly string[],
    of: "file" | "block" = "block",
  ): Generator<{ words: string[]; line: number; text: string; block: boolean }> {
    for (;;) {
      const { tokens, line, block, last, ended } = this.#statement(blocks);
      const words = wordsOf(tokens);
      if (words.length > 0) yield { words, line, text: textOf(tokens), block };
      // A block that is left open, or one that was never opened: what follows belongs elsewhere than it seems.
      if (last && ended !== (of === "file")) this.doubts.push({ code: "braces", line: this.#line });
      if (last) return;
    }
  }

  #statement(blocks: readonly string[]): Statement {
    const tokens: Token[] = [];
    let depth = 0;
    for (let token = this.#tokens.next(); token; token = this.#tokens.next()) {
      this.#line = token.line;
      const line = tokens[0]?.line ?? token.line;
      if (token.kind === "open" && depth === 0 && blocks.includes(tokens[0]?.text ?? ""))
        return { tokens, line, block: true, last: false, ended: false };
      if (token.kind === "close" && depth === 0) return { tokens, line, block: false, last: true, ended: false };
      if (token.kind === "open") depth++;
      if (token.kind === "close") depth--;
      const ends = token.kind === "newline" || token.kind === "semicolon";
      if (ends && depth === 0) return { tokens, line, block: false, last: false, ended: false };
      if (token.kind !== "newline") tokens.push(token);
    }
    return { tokens, line: tokens[0]?.line ?? 0, block: false, last: true, ended: true };
  }
}

function wordsOf(tokens: readonly Token[]): string[] {
  const parts = (text: string) => text.split(/(,|[!=<>]=)/).flatMap((part) => part.split(/(?<=^[a-z]+)(:)(?=[a-z]+$)/));
  return tokens.flatMap(({ kind, text }) => (kind === "word" ? parts(text).filter(Boolean) : [text]));
}

function textOf(tokens: readonly Token[]): string {
  return tokens
    .map(({ text, gap }, at) => (at > 0 && gap ? ` ${text}` : text))
    .join("")
    .replaceAll(/\s+/g, " ");
}

/**
 * Does nft reject the rule, and with it the whole file, wherever the rule stands? A rule is limited to one family by its table, or by naming a header of
 * that family.
 */
function conflicts(words: readonly string[], families: readonly Family[]): boolean {
  const headers = (["ip", "ip6"] as const).filter((header) => words.some((word, at) => word === header && words[at - 1] !== "protocol"));
  const rejects = words.slice(words.indexOf("with") + 1)[0];
  const [only] = families;
  if (families.length > 1 || only === undefined) return headers.length > 1;
  const [other, icmp] = only === 4 ? (["ip6", "icmpv6"] as const) : (["ip", "icmp"] as const);
  return headers.includes(other) || words.includes("nfproto") || (words.includes("with") && [icmp, "icmpx"].includes(rejects ?? ""));
}

/** Headers of protocols that are no TCP: what their fields say is nothing to TCP. */
const others = ["udp", "udplite", "icmp", "igmp", "sctp", "dccp", "esp", "ah", "comp"];

/** No rule for a statement that stops and accepts nothing; several for a verdict map. Undefined: not understood. */
function readRule(words: readonly string[], line: number, text: string, families: readonly Family[]): SimpleRule[] | undefined {
  const rule = emptyRule(line, text, families);
  try {
    return new RuleReader(words, rule).read();
  } catch (error) {
    // What a rule for other protocols asks for besides is nothing to TCP.
    const elsewhere = words.some((word) => ["jump", "goto", "vmap"].includes(word));
    if (!(error instanceof NotUnderstood)) throw error;
    if (elsewhere || rule.protocols?.includes("tcp") !== false) return undefined;
    const action = words.find((word) => word === "accept" || word === "drop" || word === "reject");
    return action === undefined ? [] : [{ ...rule, unread: true, action }];
  }
}

class RuleReader {
  readonly #words: readonly string[];
  readonly #rule: SimpleRule;
  #at = 0;

  constructor(words: readonly string[], rule: SimpleRule) {
    this.#words = words;
    this.#rule = rule;
  }

  read(): SimpleRule[] {
    while (this.#at < this.#words.length) {
      const word = this.#next();
      if (word === "accept" || word === "drop" || word === "reject") {
        this.#rule.action = word;
        this.#endAfter(word);
        return [this.#rule];
      }
      if (others.includes(word)) return this.#otherProtocol();
      if (word === "ct") {
        const mapped = this.#connectionState();
        if (mapped) return mapped;
      } else if (!this.#skipped(word)) this.#match(word);
    }
    return [];
  }

  /** Only a comment may follow a verdict. */
  #endAfter(verdict: "accept" | "drop" | "reject"): void {
    if (verdict === "reject" && this.#takes("with")) while (!["comment", undefined].includes(this.#words[this.#at])) this.#at++;
    if (this.#takes("comment")) this.#next();
    if (this.#at < this.#words.length) notUnderstood();
  }

  #next(): string {
    return this.#words[this.#at++] ?? notUnderstood();
  }

  #takes(word: string): boolean {
    if (this.#words[this.#at] !== word) return false;
    this.#at++;
    return true;
  }

  /** A value, several with commas between them, or a set. */
  #values(): string[] {
    const open = this.#takes("{");
    const values = [this.#next()];
    while (this.#takes(",")) if (this.#words[this.#at] !== "}") values.push(this.#next());
    if (open !== this.#takes("}") || values.some((value) => /^[{},!=<>]/.test(value))) notUnderstood();
    return values.map((value) => value.replaceAll('"', ""));
  }

  /** What counts and logs decides nothing. */
  #skipped(word: string): boolean {
    if (word === "comment") this.#next();
    else if (word === "counter") while (this.#takes("packets") || this.#takes("bytes")) this.#next();
    else if (word === "log") {
      while (["prefix", "level", "flags"].includes(this.#words[this.#at] ?? "")) {
        this.#at++;
        this.#next();
      }
    } else return false;
    return true;
  }

  #match(first: string): void {
    const word = first === "meta" ? this.#next() : first;
    const rule = this.#rule;
    if (word === "iif" || word === "iifname") rule.interfaces = setOnce(rule.interfaces, this.#values().map(interfaceFrom));
    else if (first === "meta" && word === "l4proto") this.#protocols(this.#values());
    else if (first === "meta" && word === "nfproto")
      this.#only(this.#values().map((value) => ({ ipv4: 4, ipv6: 6 })[value] ?? notUnderstood()));
    else if (first === "meta") notUnderstood();
    else if (word === "ip" || word === "ip6") this.#address(word === "ip" ? 4 : 6);
    else if (word === "tcp") {
      this.#protocols(["tcp"]);
      this.#ports();
    } else if (word === "th" && rule.protocols?.length === 1 && rule.protocols[0] === "tcp") this.#ports();
    else if (word === "icmpv6") this.#icmp();
    else notUnderstood();
  }

  #only(families: readonly number[]): void {
    this.#rule.families = this.#rule.families.filter((family) => families.includes(family));
  }

  #protocols(names: readonly string[]): void {
    const found = names.map(protocolFrom);
    const before = this.#rule.protocols;
    this.#rule.protocols = before ? before.filter((name) => name !== "other" && found.includes(name)) : found;
  }

  #ports(): void {
    if (this.#next() !== "dport") notUnderstood();
    this.#rule.ports = setOnce(this.#rule.ports, this.#values().map(portsFrom));
  }

  #address(family: Family): void {
    this.#only([family]);
    const field = this.#next();
    const rule = this.#rule;
    if (field === "protocol" || field === "nexthdr") {
      this.#protocols(this.#values());
      return;
    }
    const networks = () => this.#values().map((value) => networkFrom(value, family));
    if (field === "saddr") rule.sources = setOnce(rule.sources, networks());
    else if (field === "daddr") rule.destinations = setOnce(rule.destinations, networks());
    else notUnderstood();
  }

  #icmp(): void {
    this.#protocols(["icmpv6"]);
    this.#only([6]);
    if (this.#next() !== "type") notUnderstood();
    this.#rule.icmpTypes = this.#values();
  }

  /** The rest says nothing about TCP, whatever it is; but about neighbour discovery it may. */
  #otherProtocol(): SimpleRule[] {
    if (this.#words.includes("jump") || this.#words.includes("goto")) notUnderstood();
    return [];
  }

  /** `ct state established,related accept`, or a map of verdicts. */
  #connectionState(): SimpleRule[] | undefined {
    if (this.#next() !== "state") notUnderstood();
    if (!this.#takes("vmap")) {
      this.#rule.states = setOnce(this.#rule.states ?? [], this.#values());
      return undefined;
    }
    if (!this.#takes("{")) notUnderstood();
    const found: SimpleRule[] = [];
    for (let end = false; !end; ) {
      const state = this.#next();
      if (!this.#takes(":")) notUnderstood();
      const action = this.#next();
      if (action !== "accept" && action !== "drop") notUnderstood();
      found.push({ ...this.#rule, states: [state], action: action as "accept" | "drop" });
      end = this.#takes("}");
      if (!end && !this.#takes(",")) notUnderstood();
      if (!end) end = this.#takes("}");
    }
    return this.#at === this.#words.length ? found : notUnderstood();
  }
}
