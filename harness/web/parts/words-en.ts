/** English. */

import { formatDuration } from "../../core/duration.ts";
import { enumerated } from "../../core/enumerated.ts";
import { cellFindingTitle } from "../../report/finding-titles.ts";
import { fleetProvenance, fleetSentence } from "../../report/fleet-words.ts";
import { countsLine, list, outcomeSentence, statusWords, visitor, waiverText } from "../../report/words.ts";
import type { PageWords } from "./word-table.ts";

const unprobed = {
  private: "private addresses, where none of the server's networks leads",
  taken: "addresses of the lab's own machines",
  "link-local": "link-local addresses of other neighbours, which rules distinguish from the lab's",
};

export const english: PageWords = {
  report: { verify: "Verification", fleet: "Verification of a fleet", review: "Review", diff: "Comparison" },
  skip: "Skip to the results",
  otherLanguage: "日本語で表示",
  outcome: { pass: "Pass", fail: "Fail", inconclusive: "Inconclusive" },
  outcomeSentence: (result) => sentence(outcomeSentence(result)),
  fleetSentence: (fleet) => sentence(fleetSentence(fleet)),
  fleetCounts: countsLine,
  fleetRun: fleetProvenance,
  servers: "Servers",
  allServers: (count) => `All ${count} servers`,
  noServerResult: "There is no result.",
  status: statusWords,
  verdict: {
    reached: "the service's own answer came back",
    "wrong-service": "something answered, but not the intended service",
    closed: "the connection was accepted, then closed without an answer",
    refused: "the packet arrived, and the connection was refused",
    filtered: "the packet arrived at a firewall or a NAT that dropped or rejected it",
    unreachable: "there is no route, or a router said so",
    inconclusive: "none of the above could be proven",
  },
  layer: {
    "bind-address": "bind address",
    "sshd-policy": "sshd configuration",
    "key-options": "key options",
    "server-firewall": "firewall",
    "cloud-firewall": "cloud firewall",
    router: "router",
    nat: "NAT",
    service: "service",
    client: "ssh client",
  },
  expectation: (expected) => expected ?? "nothing",
  visitor,
  family: (family) => (family === null ? "Unix socket" : `IPv${family}`),
  cellTitle: cellFindingTitle,
  forwardTitle: ({ forwards, status, expected, kept, login }) => {
    const [them, ports] = forwards.length > 1 ? ["them", "their ports"] : ["it", "its port"];
    if (kept && status === "inconclusive") return `${list(forwards)}: it is not known when the server closes ${ports}`;
    if (kept) return `${list(forwards)}: the server keeps ${ports} open for too long after the client has gone silent`;
    if (login)
      return `${list(forwards)}: ${status === "inconclusive" ? "it is not known whether the account can log in" : "the account can log in and must not"}`;
    if (status === "inconclusive") return `${list(forwards)}: it is not known whether the server grants ${them}`;
    return `${list(forwards)}: the server ${expected === "refused" ? `grants ${them} and must not` : `refuses ${them} and should not`}`;
  },
  gone: ({ within, seconds, how }) => {
    const told = seconds === null ? "port not closed" : `port closed ${formatDuration(seconds)}`;
    return `${told} after the client went silent, ${formatDuration(within)} allowed (${how})`;
  },
  nearest: (opens, breaks) => {
    const harm = [
      ...(opens > 0 ? [`lets others in (${opens})`] : []),
      ...(breaks > 0 ? [`breaks ${breaks === 1 ? "another expectation" : `${breaks} other expectations`}`] : []),
    ];
    return `The nearest change also ${enumerated(harm)}:`;
  },
  problems: (violated, inconclusive) =>
    [
      ...(violated > 0 ? [`${violated} ${violated === 1 ? "violation" : "violations"}`] : []),
      ...(inconclusive > 0 ? [`${inconclusive} inconclusive`] : []),
    ].join(", "),
  noProblems: "Nothing is violated, and nothing is in doubt.",
  expected: "Expected",
  observed: "Observed",
  difference: "Difference",
  error: { found: "Found", expected: "Expected", todo: "To do" },
  decidedBy: "Decided by",
  because: "Because",
  remedy: "Remedy",
  patch: "Patch",
  patchUse: "to apply with `patch -p1`",
  copy: "Copy",
  copied: "Copied",
  next: "Where to look",
  cells: "Probes",
  more: (count) => `${count} more`,
  waivers: "Waivers",
  waiverCovers: (waiver, cells) => sentence(waiverText(waiver, cells)),
  warnings: "Warnings",
  lab: "The lab",
  labHint: "Choose a cell of the matrix to see the path of its packets.",
  noTopology: "This result does not contain the lab's network.",
  nodes: { host: "host", router: "router", lan: "LAN", core: "internet" },
  nat: (family) => (family === 6 ? "IPv4 NAT" : "NAT"),
  firewall: "firewall",
  inbound: "drops inbound",
  decidedHere: "decided here",
  matrix: "Who can reach it",
  listensOn: (host) => `Listener on ${host}`,
  from: "From",
  show: "Show",
  search: "Search",
  searchHint: "forward, vantage point, address, rule …",
  searchFindingsHint: "account, port, address, rule …",
  filter: "Filter by status",
  found: (shown, all) => (shown === all ? `${all} cells` : `${shown} of ${all} cells`),
  nothingFound: "No cell matches.",
  reset: "Show all",
  cellLabel: ({ who, target, forward, family, expected, observed, status }) =>
    `${observed} Expected: ${expected}; ${status}: ${forward}, from ${who} to ${target}, ${family === null ? "Unix socket" : `IPv${family}`}`,
  legend: "Verdicts",
  close: "Close",
  path: "The path of the packets",
  leg: {
    visit: (from, to) => `${from} connects to the listener on ${to}`,
    tunnel: (from, to) => `ssh carries it from ${from} to ${to}`,
    dial: (from, to) => `${from} dials ${to === "" ? "the service" : to}`,
  },
  legKind: {
    clear: "TCP; ssh does not encrypt this leg",
    ssh: "inside the ssh connection: encrypted",
    local: "does not leave the host",
  },
  legKindShort: { clear: "not encrypted by ssh", ssh: "encrypted by ssh", local: "inside a host" },
  legState: { passed: "passed", stopped: "stopped", untried: "not reached", unknown: "not proven" },
  stoppedAt: (node) => `stopped at ${node}`,
  proof: "Evidence",
  evidence: {
    command: "Command",
    login: "Login",
    requested: "Requested",
    listeners: "Listeners",
    source: "Sent from",
    seenAs: "Seen as",
    arrived: "SYN arrived",
    connect: "Connect",
    nonce: "Nonce",
    received: "Received",
    peer: "Peer seen by the service",
    time: "Time",
    note: "Note",
    target: "Target",
    via: "Next hop",
    keyOptions: "Key options",
  },
  nonce: { match: "came back: it is the intended service", mismatch: "another service's", none: "did not come back" },
  yes: "yes",
  no: "no",
  trace: "Packet trace",
  traceColumns: ["At", "Seen", "Verdict"],
  settings: "Effective sshd settings of this login",
  settingColumns: ["Keyword", "Value", "Set at"],
  byDefault: "default",
  clientLog: "Log of ssh",
  serverLog: "Log of sshd",
  emptyLog: "empty",
  sources: "Every source address",
  sourcesHint: "Addresses that no rule of the server's firewall distinguishes get the same answer.",
  sourceColumns: ["Source addresses", "Probed from"],
  restOf: (example) => `every other address, such as ${example}`,
  addressQuestion: "Can this address get in?",
  addressHint: "e.g. 45.13.7.9",
  membership: { in: "yes, it gets in", out: "no", invalid: "not an IPv4 or IPv6 address" },
  getsIn: (address, forwards, unknown) =>
    [
      forwards.length > 0 || unknown.length === 0
        ? `${address} ${forwards.length > 0 ? `reaches ${list(forwards)}` : "reaches none of these forwards"}.`
        : "",
      unknown.length > 0 ? `Whether ${address} reaches ${list(unknown)} is not known.` : "",
    ]
      .filter(Boolean)
      .join(" "),
  inClass: (prefix, vantage) => `It is in ${prefix}, probed from ${vantage}.`,
  notProbed: (because, prefixes) => `Not probed: ${list(prefixes)} (${unprobed[because]}).`,
  inNoClass: (address) => `${address} is in no class: it was not probed.`,
  allPrefixes: (count) => (count === 1 ? "1 prefix" : `all ${count} prefixes`),
  forwards: "Forwards",
  granted: (granted) => {
    if (granted === null) return "not known whether granted";
    return granted ? "granted" : "refused";
  },
  run: "About this run",
  files: "Files that were used",
  adaptations: "What the lab added to your files",
  selfCheck: (passed, of) => `Self-check of the lab: ${passed} of ${of} passed`,
  images: "Images",
  natKinds: "Measured NATs",
  made: ({ tool, started, duration }) =>
    [`Made by ${tool}`, ...(started ? [`on ${started}`] : []), ...(duration === undefined ? [] : [`in ${duration.toFixed(1)} s`])].join(
      " ",
    ),
  findings: "Findings",
  findingsWidest: "The widest audience first",
  audienceFilter: "Filter by audience",
  coverage: "Lines that were read",
  whatIf: "What each line is worth",
  whatIfHint: "Each line that could matter was changed in the lab, one at a time. Lines that no rule or setting stands on are left out.",
  worth: {
    alone: "load-bearing",
    exposes: "opens something",
    "backed-up": "backed up",
    none: "no effect",
    refused: "cannot be changed",
    untried: "not tried",
    unmet: "not covered",
    unrelated: "not about forwards",
  },
  changesTried: (count) => `${count} ${count === 1 ? "change" : "changes"} tried`,
  worthLegend: "What these words mean",
  worthMeaning: {
    alone: "Nothing else blocks what this line blocks: removing or weakening it opens access.",
    exposes: "This line opens something: without it, less is exposed.",
    "backed-up": "Another line or layer blocks the same, so changing this line alone opens nothing.",
    none: "No change to this line made a difference.",
    refused: "sshd or the firewall's tool rejects the changed file.",
    untried: "No change to this line was tried.",
    unmet: "No request or packet of this review reached this line, so its effect is unknown.",
    unrelated: "This line has nothing to do with forwards.",
  },
  effect: {
    opens: "opens",
    moves: "opens and closes",
    closes: "only closes",
    "backed-up": "another layer does the same",
    none: "no effect",
    refused: "refused by sshd or the firewall's tool",
  },
  line: "Line",
  gap: (lines) => (lines === 1 ? "1 line" : `${lines} lines`),
  instead: (text) => (text === "" ? "removed" : `→ ${text}`),
  noticed: (noticed) => (noticed ? "the policy notices" : "the policy does not notice"),
  closes: (count) => `closes ${count}`,
  before: "Before",
  after: "After",
  changes: "What changed",
  change: {
    opened: "opened",
    unknown: "not known",
    closed: "closed",
    weaker: "weaker",
    replaced: "another layer",
    stronger: "stronger",
    other: "other verdict",
    decider: "another rule",
    added: "new, blocked",
    removed: "gone, was blocked",
  },
  rest: "Everything else",
  versionUnknown: (version) => `This page cannot show version ${version} of the document: make the report again with a newer forwardlab.`,
};

function sentence(text: string): string {
  return text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`.replace(/\.\.$/, ".");
}
