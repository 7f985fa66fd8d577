/** Which words of an iptables-save dump, and of `ipset save`, stand for ports, and which rules distinguish ports by more than these. Pure. */
import { type PortRange, parsePorts } from "../core/port-range.ts";
import { iptablesWords } from "./iptables-words.ts";

/** A list of ports makes one group: a rule that takes one of them takes all. */
export function portsOfDump(text: string): PortRange[][] {
  return text
    .split("\n")
    .filter((line) => !/^\s*[#:*]/.test(line))
    .map((line) => optionsOf(line.replace(/^\s*\[\d+:\d+\]/, "")))
    .filter((options) => !isOfOtherTransport(options))
    .flatMap((options) => options.flatMap(portsOf));
}

interface Option {
  name: string;
  words: string[];
  /** A `!` stands before it, or before its value, as older versions write it. */
  not: boolean;
}

function optionsOf(line: string): Option[] {
  const found: Option[] = [];
  const words = iptablesWords(line);
  for (const [at, word] of words.entries()) {
    if (/^--?[A-Za-z]/.test(word)) found.push({ name: word, words: [], not: [words[at - 1], words[at + 1]].includes("!") });
    else if (word !== "!") found.at(-1)?.words.push(word);
  }
  return found;
}

/** `-p udp`: its ports are not TCP's. */
function isOfOtherTransport(options: readonly Option[]): boolean {
  return options.some(({ name, words, not }) => protocolOptions.has(name) && !not && otherTransports.has(words[0]?.toLowerCase() ?? ""));
}

const protocolOptions = new Set(["-p", "--proto", "--protocol"]);
const otherTransports = new Set(["udp", "17", "udplite", "136", "sctp", "132", "dccp", "33", "icmp", "1", "ipv6-icmp", "icmpv6", "58"]);

/** Values that are names, texts, addresses or amounts. Of every other option, shortened ones included, a number may be a port. */
const noPorts = new RegExp(
  `^(?:-[AINPXFEZDRpsdijogmc]|--(?:${[
    "append|insert|new-chain|policy|delete-chain|flush|rename-chain|delete|replace|set-counters|jump|goto|match|fragment",
    "proto(?:col)?|src|dst|source|destination|in-interface|out-interface|(?:src|dst)-(?:range|type)|(?:src|dst)-len|mac-source",
    "comment|string|hex-string|algo|from|name|helper|[a-z]+-set|return-nomatch|path|bytecode|genre|physdev-.*",
    "(?:hash|conn)limit-.*|limit(?:-burst|-iface-.*)?|quota|connbytes.*|seconds|hitcount|reap|mask|length|probability|mode|every|packet",
    "(?:log|nflog|ulog|queue)-.*|reject-with|icmp-type|icmpv6-type|tcp-flags|tcp-option|mss|set-mss|ttl-.*|hl-.*|tos|set-tos|dscp.*|set-dscp.*|ecn-.*",
    "mark|(?:set|and|or|xor|save|restore)-x?mark|ctmask|nfmask|tproxy-mark|zone|ctevents|ctstate|state|ctstatus|ctexpire|ctproto|ctdir",
    "(?:uid|gid)-owner|rt-.*|ahspi|espspi|cpu|u32|rateest.*|(?:src|dst)-group|set-class|timeout|pkt-type|realm|date.*|time.*|weekdays|monthdays",
  ].join("|")}))$`,
);

/** Options that lead elsewhere: `:80` is a port for them, not a range from 0 on. */
const leads = /^--to(?:-|$)/;

function portsOf({ name, words }: Option): PortRange[][] {
  if (noPorts.test(name)) return [];
  return words.map((word) => word.split(",").flatMap((each) => parsePorts(plain(name, each)) ?? []));
}

/** Without the address before a port, and without the negation of older versions. */
function plain(name: string, word: string): string {
  const text = word.replace(/^!/, "");
  return leads.test(name) ? text.replace(/^(?:\[.*\]|[\d.]+(?:-[\d.]+)?)?:/, "").replace(/\/\d+$/, "") : text;
}

const portOptions = /^--(?:[sd]ports?|ports|(?:source|destination)-ports?|ct(?:orig|repl)(?:src|dst)port|to-ports?|on-port|vport)$/;
const tellingMatches = new Set(["u32", "bpf", "string", "socket"]);
/** They make a mark or a node number of a hash. */
const tellingTargets = new Set(["HMARK", "CLUSTERIP"]);

/** Rules that distinguish ports by bytes of the packet, by a hash, by the sockets that are open, by counting from one on, or by names that nobody here knows. */
export function iptablesTellsMore(rule: string): boolean {
  return optionsOf(rule).some(({ name, words }) => {
    const [word = ""] = words;
    if (name === "-m" || name === "--match") return tellingMatches.has(word);
    if (name === "-j" || name === "--jump") return tellingTargets.has(word);
    // The first port of the range stands for the last number's, the next one for the next.
    if (leads.test(name)) return /:\d+-\d+\/\d+$/.test(word);
    return portOptions.test(name) && words.some((each) => each.split(",").some((one) => parsePorts(plain(name, one)) === undefined));
  });
}

/** Members of one ipset; one with an address beside it, or with a time of its own, stands for itself. */
export function portsOfIpsets(text: string): PortRange[][] {
  const sets = new Map<string, PortRange[]>();
  const own: PortRange[][] = [];
  for (const line of text.split("\n")) {
    const [, name, member = "", more = ""] = /^\s*(?:-A|-D|add|del)\s+(\S+)\s+(\S+)(.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const parts = member.split(",");
    const found = parts.flatMap(portsOfMember);
    if (parts.length > 1 || more.trim() !== "") own.push(...found.map((range) => [range]));
    else if (found.length > 0) sets.set(name, [...(sets.get(name) ?? []), ...found]);
  }
  return [...sets.values(), ...own];
}

/** `80-90`, `tcp:80`; `udp:53` is none, nor is `2001:db8::1`. */
function portsOfMember(part: string): PortRange[] {
  if (/:.*:/.test(part)) return [];
  const [, protocol, ports = part] = /^([a-z][\da-z-]*):(.+)$/.exec(part) ?? [];
  return protocol !== undefined && otherTransports.has(protocol) ? [] : [parsePorts(ports) ?? []].flat();
}
