/** iptables-save dumps of the simple kind. */
import type { Family } from "../../core/address.ts";
import { type DumpBlock, readDumpFamilies } from "../dump-families.ts";
import { iptablesWords } from "../iptables-words.ts";
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

export function readSimpleDump(text: string): ReadChains {
  const { blocks, shared } = readDumpFamilies(text);
  const read: ReadChains = { chains: [], doubts: [] };
  const lines = text.split("\n");
  if (shared) read.doubts.push({ code: "family", line: blocks[0]?.firstLine ?? 1 });
  for (const block of blocks) readBlock(block, lines, blocks, read);
  return read;
}

function readBlock(block: DumpBlock, lines: readonly string[], blocks: readonly DumpBlock[], read: ReadChains): void {
  const { table, firstLine, lastLine } = block;
  // As the product reads a file of a policy: blocks of one family alone are all for it.
  const known = new Set(blocks.flatMap((each) => each.family ?? []));
  const twice = blocks.filter((each) => each.table === table).length > 1;
  const family = block.family ?? (known.size === 1 && !twice ? [...known][0] : undefined);
  if (family === undefined) {
    read.doubts.push({ code: "family", line: firstLine });
    return;
  }
  const committed = lines.slice(firstLine, lastLine).some((text) => text.trim() === "COMMIT");
  if (!committed) read.doubts.push({ code: "commit", line: lastLine });
  const declared = new Set<string>();
  const chain: SimpleChain = { family, line: firstLine, default: "accept", defaultLine: firstLine, rules: [] };
  for (let line = firstLine; line <= lastLine; line++) {
    const text = (lines[line - 1] ?? "").trim();
    if (text === "" || text.startsWith("#") || text.startsWith("*") || text === "COMMIT") continue;
    try {
      const [, own] = /^:(\S+) /.exec(text) ?? [];
      if (own !== undefined) declared.add(own);
      readLine(text, line, table, chain, declared);
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      read.doubts.push({ code: "unknown", line });
    }
  }
  if (table === "filter") read.chains.push(chain);
}

function readLine(text: string, line: number, table: string, chain: SimpleChain, declared: ReadonlySet<string>): void {
  const [, policed, value] = /^:(\S+) (\S+)/.exec(text) ?? [];
  if (policed === undefined) readAppended(text, line, table, chain, declared);
  else readPolicy(`${table} ${policed}`, value, line, chain);
}

function readAppended(text: string, line: number, table: string, chain: SimpleChain, declared: ReadonlySet<string>): void {
  const words = iptablesWords(text.replace(counters, ""));
  const [command, name = ""] = words;
  if (command !== "-A" && command !== "--append") notUnderstood();
  // A chain of one's own is met by what jumps to it, and jumps are not understood.
  const builtIn = ["INPUT", "OUTPUT", "FORWARD", "PREROUTING", "POSTROUTING"].includes(name);
  if (!builtIn && !declared.has(name)) notUnderstood();
  const place = `${table} ${name}`;
  if (!builtIn || place === passing) return;
  const rule = readRule(words.slice(2), line, text.replace(counters, ""), chain.family);
  if (place === entrance && rule) chain.rules.push(rule);
  // What leaves, and what comes in before: only what lets everything pass changes nothing.
  else if (rule && rule.action !== "accept") notUnderstood();
}

function readPolicy(place: string, value: string | undefined, line: number, chain: SimpleChain): void {
  if (place === entrance && (value === "ACCEPT" || value === "DROP")) {
    chain.default = value === "ACCEPT" ? "accept" : "drop";
    chain.defaultLine = line;
  } else if (value === "DROP" && place !== passing) notUnderstood();
}

const counters = /^\[\d+:\d+\]\s*/;
const entrance = "filter INPUT";
/** Packets on their way elsewhere. */
const passing = "filter FORWARD";

/** Options that decide nothing. */
const valuesOfNothing = new Set(["--comment", "--log-prefix", "--log-level", "--reject-with"]);
const modules = ["tcp", "udp", "icmp", "icmp6", "ipv6-icmp", "multiport", "conntrack", "state", "comment"];

/** Undefined: it decides nothing. */
function readRule(words: readonly string[], line: number, text: string, family: Family): SimpleRule | undefined {
  const rule = emptyRule(line, text, [family]);
  let action: SimpleRule["action"] | undefined;
  for (let at = 0; at < words.length; at++) {
    const option = words[at] as string;
    const value = () => words[++at] ?? notUnderstood();
    if (valuesOfNothing.has(option)) value();
    else if ((option === "-m" || option === "--match") && modules.includes(words[at + 1] ?? "")) value();
    else if (option === "-j" || option === "--jump") action = actionFrom(value());
    else if (option === "--tcp-flags") onlySyn(rule, value(), value());
    else if (option === "--syn") onlySyn(rule, "FIN,SYN,RST,ACK", "SYN");
    else if (!condition(rule, option, value, family)) return otherProtocol(rule, words);
  }
  return action && { ...rule, action };
}

function condition(rule: SimpleRule, option: string, value: () => string, family: Family): boolean {
  const networks = () =>
    value()
      .split(",")
      .map((each) => networkFrom(each, family));
  switch (option) {
    case "-p":
    case "--protocol": {
      const name = value();
      if (name !== "all" && name !== "0") rule.protocols = setOnce(rule.protocols ?? [], [protocolFrom(name)]);
      return true;
    }
    case "-s":
    case "--source":
      rule.sources = setOnce(rule.sources, networks());
      return true;
    case "-d":
    case "--destination":
      rule.destinations = setOnce(rule.destinations, networks());
      return true;
    case "-i":
    case "--in-interface":
      rule.interfaces = setOnce(rule.interfaces, [interfaceFrom(value())]);
      return true;
    case "--dport":
    case "--destination-port":
    case "--dports":
    case "--destination-ports":
      if (rule.protocols?.[0] !== "tcp") return false;
      rule.ports = setOnce(rule.ports, value().split(",").map(portsFrom));
      return true;
    case "--ctstate":
    case "--state":
      rule.states = setOnce(rule.states ?? [], value().toLowerCase().split(","));
      return true;
    case "--icmpv6-type":
      rule.icmpTypes = [icmpType(value())];
      return true;
    default:
      return false;
  }
}

/** Conditions of other protocols say nothing to TCP. */
function otherProtocol(rule: SimpleRule, words: readonly string[]): SimpleRule | undefined {
  const at = words.findIndex((word) => word === "-p" || word === "--protocol");
  if (at < 0 || words[at - 1] === "!" || protocolFrom(words[at + 1] ?? "") === "tcp" || /^(all|0)$/.test(words[at + 1] ?? ""))
    notUnderstood();
  const jump = words.findIndex((word) => word === "-j" || word === "--jump" || word === "-g" || word === "--goto");
  const action = jump < 0 ? undefined : actionFrom(words[jump + 1] ?? "");
  return action && { ...rule, protocols: [protocolFrom(words[at + 1] ?? "")], unread: true, action };
}

/** Undefined: the packet goes on. */
function actionFrom(target: string): SimpleRule["action"] | undefined {
  if (target === "ACCEPT") return "accept";
  if (target === "DROP") return "drop";
  if (target === "REJECT") return "reject";
  return target === "LOG" ? undefined : notUnderstood();
}

/** `--syn`: the first packet of a connection. */
function onlySyn(rule: SimpleRule, mask: string, set: string): void {
  if (mask !== "FIN,SYN,RST,ACK" || set !== "SYN") notUnderstood();
  rule.states = setOnce(rule.states ?? [], ["new"]);
}

function icmpType(text: string): string {
  const names: Record<string, string> = {
    "135": "nd-neighbor-solicit",
    "neighbour-solicitation": "nd-neighbor-solicit",
    "neighbor-solicitation": "nd-neighbor-solicit",
    "136": "nd-neighbor-advert",
    "neighbour-advertisement": "nd-neighbor-advert",
    "neighbor-advertisement": "nd-neighbor-advert",
  };
  return names[text] ?? text;
}
