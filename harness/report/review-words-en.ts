/** English. */

import { anybody } from "../core/anybody.ts";
import { enumerated } from "../core/enumerated.ts";
import { noKeyOptions } from "../core/no-key-options.ts";
import type { ReviewWords } from "./review-word-table.ts";
import { count } from "./words.ts";

const channels = {
  socket: "open Unix sockets on the server",
  tunnel: "open a tunnel device on the server",
  x11: "have X11 forwarded",
  agent: "have an ssh agent forwarded",
};

export const reviewEnglish: ReviewWords = {
  audience: { internet: "INTERNET", networks: "NAMED NETWORKS", lan: "SERVER'S LAN", server: "OTHER ACCOUNTS", account: "THE ACCOUNT" },
  target: {
    loopback: "services on its loopback",
    socket: "Unix sockets that the account may open",
    own: "its own addresses",
    lan: "hosts on its LAN",
    metadata: "the cloud's metadata service (169.254.169.254)",
    internet: "the internet (from the server's address)",
    listed: "targets that PermitOpen lists",
  },
  state: { decided: "decided", met: "met, but did not decide", unmet: "never met", unrelated: "not about forwards" },
  head: ({ outcome, findings }) => {
    const found = count(findings.length, "finding");
    const but = findings.length === 0 ? "" : `${found}, but `;
    if (outcome === "inconclusive") return { verdict: "INCONCLUSIVE", summary: `${but}not everything could be proven` };
    if (findings.length > 0) return { verdict: found, summary: "" };
    return { verdict: "NOTHING CAN BE EXPOSED", summary: "no request opens anything to anyone" };
  },
  fleetHead: (findings, servers, unknown) => {
    const found = `${count(findings, "finding")} on ${count(servers, "server")}`;
    if (unknown > 0) return { verdict: "INCONCLUSIVE", summary: `${found}; ${count(unknown, "server")} without a complete review` };
    if (findings > 0) return { verdict: found, summary: "" };
    return { verdict: "NOTHING CAN BE EXPOSED", summary: `no request opens anything to anyone on ${count(servers, "server")}` };
  },
  noReview: "no review",
  counts: ({ principals, answers, reach }) =>
    `${count(principals.length, "principal")} (${count(new Set(principals.map(({ account }) => account)).size, "account")}), ${kinds(answers.length, "request")}, ${kinds(reach.length, "listener")} probed`,
  everybody: "anyone on the internet",
  everybodyOver: (family) => `anyone on the internet over IPv${family}`,
  except: (who, list, more) => `${who} (except ${joined(list, more)})`,
  list: joined,
  more: (number) => `… and ${number} more`,
  moreNetworks: (number) => count(number, "more network"),
  lan: (interfaces) => {
    if (interfaces.length === 0) return "hosts on the server's LAN";
    return `hosts on the server's ${interfaces.length === 1 ? "LAN" : "LANs"} (${joined(interfaces, 0)})`;
  },
  destinations: (reached, missed, mixed) => {
    const except = [missed && `not at ${missed}`, mixed && "not by all of them at each"].filter(Boolean);
    return `reached at ${[reached, ...except].join(", ")}`;
  },
  reachedAt: "reached at",
  noVisitors: "processes on the server only",
  and: (parts) => joined(parts, 0),
  accounts: (names, everybody) => (everybody && names.length > 1 ? everyAccount : joined(names.slice(0, 4), Math.max(0, names.length - 4))),
  listenerOutside: (who, ports, visitors, at) =>
    `${capital(who)} can open ${portsWord(ports)} to ${visitors}${at === "" ? "" : `, ${at}`}.`,
  listenerLocal: (who, ports) => `${capital(who)} can open ${portsWord(ports)} to every process on the server.`,
  targets: (who, targets) => `Through the server, ${who} can reach ${targets}.`,
  settingsDiffer: (who, setting, shown) =>
    `\`sshd -T\` shows \`${shown}\`, but ${who} actually ${isSeveral(who) ? "get" : "gets"} \`${setting}\`.`,
  socket: (who) => `${capital(who)} can open Unix sockets that every account of the server may connect to.`,
  tunnel: (who) => `${capital(who)} can join whole networks through a tunnel device.`,
  x11: (who, listeners, visitors) =>
    `${capital(who)} can have X11 forwarded: the display listens on ${joined(listeners, 0)}${visitors === undefined ? "" : ` and accepts connections from ${visitors}`}.`,
  agent: (who) => `${capital(who)} can have an ssh agent forwarded: root on the server can use its keys during the session.`,
  what: {
    outside: (ports, visitors, at) => `${portsWord(ports)}, open to ${visitors}${at === "" ? "" : `, ${at}`}`,
    local: (ports) => `${portsWord(ports)}, open to every process on the server`,
    targets: (targets) => `through the server: ${targets}`,
    settings: (setting, shown) => `\`${setting}\`, where \`sshd -T\` shows \`${shown}\``,
    socket: "Unix sockets, open to every account of the server",
    tunnel: "whole networks, through a tunnel device",
    x11: (listeners, visitors) => `X11 displays on ${joined(listeners, 0)}${visitors === undefined ? "" : `, open to ${visitors}`}`,
    agent: "the keys of a forwarded ssh agent",
  },
  columns: {
    audience: "open to",
    who: "who",
    what: "what",
    ports: "ports",
    request: "request",
    login: "login",
    place: "place",
    rule: "rule or setting",
    state: "state",
  },
  letBy: "allowed by",
  example: "example",
  fix: "fix",
  noFix: "no single change removes only this",
  alsoCloses: (number) => ` (also removes ${count(number, "other finding")})`,
  references: "Baselines",
  diff: {
    opened: "NEW",
    gone: "GONE",
    changed: "CHANGED",
    summary: (opened, gone, changed) =>
      opened + gone + changed === 0
        ? "nothing changed"
        : [`${count(opened, "finding")} with something new`, `${gone} gone`, `${changed} changed`].join(", "),
    rest: (number) => (number === 0 ? "Nothing else." : `${count(number, "other finding")} unchanged; nothing else changed.`),
  },
  whatIf: {
    title: (changes) => `What each line is worth: ${count(changes, "change")} tried`,
    counts: ({ opens, closes, without, refused }) =>
      [
        `${opens} ${opens === 1 ? "exposes" : "expose"} something`,
        `${closes} only ${closes === 1 ? "closes" : "close"} something`,
        `${without} ${without === 1 ? "changes" : "change"} nothing`,
        ...(refused > 0 ? [`${refused} ${refused === 1 ? "is" : "are"} refused by sshd or the firewall's tool`] : []),
      ].join(", "),
    alone: "These lines alone hold something back",
    backedUp: "Backed up by another layer",
    without: "Without effect on what is exposed",
    removed: "removed",
    score: (noticed, of) => `The policy notices ${noticed} of ${count(of, "change")} that would expose something`,
    unnoticed: "not noticed by the policy",
    proposals: "Forwards to add to the policy",
    notTried: "Not tried",
  },
  refusals: "Refused",
  requests: (number, principals) => `${kinds(number, "request")} by ${count(principals, "principal")}`,
  request: (asked) => {
    if (asked.kind === "target") return `-L to ${asked.target}`;
    return asked.kind === "listener" ? `-R ${asked.bind}PORT, ${portsWord(asked.ports)}` : channels[asked.kind];
  },
  noReason: "No reason given",
  cannotLogIn: (names, more) =>
    `${joined(
      names.map((name) => (name === anybody ? "any other account" : name)),
      more,
    )} cannot log in`,
  byDefault: "(default)",
  coverage: "Coverage",
  covered: (lines) => {
    const unmet = lines.filter(({ state }) => state === "unmet").length;
    return unmet === 0 ? `every line was reached (${lines.length})` : `${unmet} of ${count(lines.length, "line")} never reached`;
  },
  principals: "principals",
  listeners: "listens on",
  targetsAsked: "reached",
  addresses: "source addresses",
  passed: "passes",
  noKeyOptions,
  provenance: "How this was measured",
  notProbed: (because, prefixes) => `not probed: ${prefixes} (${unprobed[because]})`,
  warning: "warning",
  agreement: ({ agreement: { asked, differing } }) =>
    asked === 0 ? "" : `${asked - differing.length} of ${count(asked, "request")} got the same answer when repeated with a separate ssh`,
};

const unprobed = {
  private: "private addresses, where none of the server's networks leads",
  taken: "addresses of the lab's own machines",
  "link-local": "link-local addresses of other neighbours, which rules distinguish from the lab's",
};

const everyAccount = "every account";

/** Names of accounts stay as they are. */
function capital(who: string): string {
  return who === everyAccount ? "Every account" : who;
}

function isSeveral(who: string): boolean {
  return who.includes(" and ");
}

/** `1 kind of request`, `2 kinds of requests`. */
function kinds(number: number, noun: string): string {
  return `${count(number, "kind")} of ${noun}${number === 1 ? "" : "s"}`;
}

function joined(list: readonly string[], more: number): string {
  if (more > 0) return `${list.join(", ")} and ${more} more`;
  return enumerated(list);
}

function portsWord(ports: string): string {
  return /[-,]/.test(ports) ? `ports ${ports}` : `port ${ports}`;
}
