/** English. */

import type { ReviewWords } from "./review-word-table.ts";
import { count } from "./words.ts";

const states = { decided: "decided", met: "met, but did not decide", unmet: "met by nothing", unrelated: "not about forwards" };

export const reviewEnglish: ReviewWords = {
  audience: { internet: "INTERNET", networks: "NAMED NETWORKS", lan: "SERVER'S LAN", server: "OTHER ACCOUNTS", account: "THE ACCOUNT" },
  target: {
    loopback: "services on the server's loopback",
    socket: "Unix sockets that the account may open",
    own: "the server's own addresses",
    lan: "hosts on the server's LAN",
    metadata: "the cloud's metadata service (169.254.169.254)",
    internet: "the internet, from the server's address",
    listed: "targets that PermitOpen lists",
  },
  state: states,
  head: ({ outcome, findings }) => {
    if (outcome === "inconclusive") return "INCONCLUSIVE  not everything could be proven";
    return findings.length === 0 ? "NOTHING CAN BE EXPOSED  every request was refused" : `${count(findings.length, "finding")}`;
  },
  counts: ({ principals, answers, reach }) =>
    `${count(principals.length, "principal")} (${count(new Set(principals.map(({ account }) => account)).size, "account")}), ${count(answers.length, "kind")} of requests, ${count(reach.length, "kind")} of listeners probed`,
  everybody: "anyone on the internet",
  everybodyOver: (family) => `anyone on the internet over IPv${family}`,
  except: (who, list, more) => `${who} except ${joined(list, more)}`,
  addresses: joined,
  lan: "hosts on the server's LAN",
  noVisitors: "nobody",
  and: (parts) => (parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`),
  accounts: (names, everybody) =>
    everybody && names.length > 1 ? "Every account" : joined(names.slice(0, 4), Math.max(0, names.length - 4)),
  listenerOutside: (who, ports, visitors) => `${who} can open ${portsWord(ports)} to ${visitors}.`,
  listenerLocal: (who, ports) => `${who} can open ${portsWord(ports)} to every process on the server.`,
  targets: (who, targets) => `${who} can reach through the server: ${targets}.`,
  settingsDiffer: (who, setting, shown) =>
    `\`sshd -T\` shows \`${shown}\`, but ${who} really ${who.includes(",") ? "get" : "gets"} \`${setting}\`.`,
  socket: (who) => `${who} can open Unix sockets that every account of the server may connect to.`,
  tunnel: (who) => `${who} can join whole networks through a tunnel device.`,
  x11: (who, listeners, visitors) =>
    `${who} can have X11 forwarded: the display listens on ${joined(listeners, 0)}${visitors === undefined ? "" : ` and accepts connections from ${visitors}`}.`,
  agent: (who) => `${who} can have an agent forwarded: root on the server can use its keys during the session.`,
  letBy: "let in by",
  example: "example",
  fix: "fix",
  noFix: "no single change removes this and nothing else",
  alsoCloses: (number) => `also removes ${count(number, "other finding")}`,
  references: "Baselines",
  refusals: "Refused",
  noReason: "no reason given",
  coverage: "Coverage",
  covered: (lines) => {
    const of = (state: keyof typeof states) => lines.filter((line) => line.state === state).length;
    return `${of("unmet")} of ${lines.length} decided nothing: ${states.unmet}`;
  },
  cannotLogIn: "cannot log in",
  principals: "Principals",
  warning: "warning",
  agreement: ({ agreement }) =>
    `${agreement.asked - agreement.differing.length} of ${agreement.asked} sampled requests agree with an ssh of their own`,
};

function joined(list: readonly string[], more: number): string {
  if (more > 0) return `${list.join(", ")} and ${more} more`;
  return list.length < 2 ? list.join("") : `${list.slice(0, -1).join(", ")} and ${list.at(-1)}`;
}

function portsWord(ports: string): string {
  return /[-,]/.test(ports) ? `ports ${ports}` : `port ${ports}`;
}
