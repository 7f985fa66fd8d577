/** English. */

import { formatDuration } from "../core/duration.ts";
import { enumerated } from "../core/enumerated.ts";
import type { Sentences, Words } from "./sentence-table.ts";

export const english: Sentences = {
  // Why a forward does not stand, or closes each visitor.
  "allow-tcp-forwarding": (is) => `${visitor(is)}\`${is.rule}\`${is.has("socket") ? " refuses sockets, too" : " refuses it"}.`,
  "allow-stream-local-forwarding": (is) => `${visitor(is)}\`${is.rule}\` refuses it.`,
  "disable-forwarding": (is) => `${visitor(is)}\`${is.rule}\` refuses every forward.`,
  "key-no-forwarding": (is) => `${visitor(is)}the key's option \`${is.rule}\` refuses it.`,
  "certificate-no-forwarding": (is) => `${visitor(is)}the certificate lacks \`${is.rule}\`.`,
  "permit-listen": (is) => `\`${is.rule}\` does not list what ssh asked for: ${asked(is)}.`,
  "key-permit-listen": (is) => `The key's option \`${is.rule}\` does not list what ssh asked for: ${asked(is)}.`,
  "permit-open": (is) => `${visitor(is)}\`${is.rule}\` does not list ${dialled(is)}.`,
  "key-permit-open": (is) => `${visitor(is)}the key's option \`${is.rule}\` does not list ${dialled(is)}.`,
  "channel-prohibited": (is) => `The forward accepts the connection, then the server refuses the channel: ${ended(is("said"))}`,
  "port-taken": (is) => `Port ${is("port")} is already in use on ${is("address")}.`,
  "port-privileged": (is) => `Port ${is("port")} is below 1024, where only root may listen.`,
  "no-such-address": (is) => `No interface of the host has the address ${is("address")}.`,
  "unknown-name": (is) => `The bind address ${is("name")} does not resolve: ${ended(is("error"))}`,
  "address-family": (is) => `\`${is.rule}\` rules out the family of the bind address ${is("name")}.`,
  "bind-failed": (is) => `Listening on ${is("address")}, port ${is("port")}, failed: ${ended(is("error"))}`,
  "path-taken": (is) => `There is a file at ${is("path")} already, most likely the socket of an earlier forward.`,
  "path-not-permitted": (is) => `The account may not write in the folder of ${is("path")}.`,
  "no-folder": (is) => `The folder of ${is("path")} does not exist.`,
  "path-owned-by-other": (is) => `The file at ${is("path")} belongs to another account.`,
  "path-read-only": (is) => `The file system of ${is("path")} is read-only.`,
  "path-failed": (is) => `Listening on ${is("path")} failed: ${ended(is("error"))}`,
  "clear-all-forwardings": () => "`ClearAllForwardings yes` removed the forward before ssh asked for it.",
  "permit-remote-open": (is) => `ssh's own \`PermitRemoteOpen ${is.list("entries").join(" ")}\` does not list ${is("host")}:${is("port")}.`,
  "other-software": (is) =>
    `${is.has("software") ? is("software") : "The server"} refused the forward${is.has("said") ? `: ${ended(is("said"))}` : "."}`,
  "jump-refused": (is) =>
    `The jump host ${is("hop")} lets ${is("account")} in, but refuses to connect to ${is("target")}: ${is.rule === "" ? ended(is("said")) : `\`${is.rule}\`.`}`,
  "jump-filtered": (is) =>
    `The jump host ${is("hop")} cannot reach sshd at ${is("target")}: \`${is.rule}\` on ${is("at")} ${is("action") === "reject" ? "rejects" : "drops"} its packets.`,
  "login-failed": (is) =>
    `The account was not let in${is.rule === "" ? "" : `, because of \`${is.rule}\``}${is.has("said") ? `: ${ended(is("said"))}` : "."}`,
  "forward-permitted": (is) => `sshd granted it to ${is("account")}: ${setting(is)} permits it.`,
  "not-granted": () => "The forward was not granted, so nothing listens; neither ssh nor sshd gave a reason.",
  "target-path-failed": (is) => `${is("target")} accepts, but sshd, as ${is("account")}, cannot open ${is("path")}: ${ended(is("error"))}`,
  "service-silent": (is) =>
    `${is("target")} accepts, but the service behind the forward gives no answer${is.has("said") ? `: ${ended(is("said"))}` : "."}`,
  "ended-with-sibling": (is) =>
    `With \`ExitOnForwardFailure\`, ssh on ${is("from")} ends as soon as one of its forwards is refused, and its listener on ${is("host")} with it: ${is("sibling")} was refused${is.rule ? ` by \`${is.rule}\`` : ""}.`,
  "session-ended": (is) => `The session of ssh on ${is("from")} has ended, and its listener on ${is("host")} with it.`,
  "kept-for-silent-client": (is) =>
    is.has("measured")
      ? `With ${setting(is)}, the server still listens ${span(is("within"))} after the client has gone silent.`
      : `With ${setting(is)}, the server ${is.has("bound") ? `keeps the session of a client that has gone silent for ${span(is("bound"))}` : "never ends the session of a client that has gone silent"}; this is calculated from its settings, not measured.`,

  // Where the listener stands.
  "client-bind": (is) => `ssh on ${is("host")} was asked for \`${is("requested")}\`, so ${listens(is)}.`,
  "other-server-bind": (is) => `${is("software")} was asked for \`-R ${is("requested")}\`, and ${listens(is)}.`,
  "family-left-out": (is) => `${setting(is)} keeps sshd from listening over IPv${is("family")}, so ${listens(is)}.`,
  "asked-for-loopback": (is) =>
    `\`-R ${is("requested")}\` asks for the server itself only (and ${setting(is)} allows no more), so ${listens(is)}.`,
  "gateway-ports-ignores-bind": (is) => `${setting(is)} silently ignores the bind address of \`-R ${is("requested")}\`, so ${listens(is)}.`,
  "no-leading-colon": (is) =>
    `\`-R ${is("requested")}\` has no leading colon, so ssh asks for \`localhost\`; with ${setting(is)} the server complies: ${listens(is)}.`,
  "asked-for-one-address": (is) =>
    `\`-R ${is("requested")}\` asks for one address, and with ${setting(is)} the server complies: ${listens(is)}.`,
  "port-taken-in-family": (is) =>
    `With ${setting(is)} \`-R ${is("requested")}\` should listen over both families, yet ${listens(is)}: the port was already taken over IPv${is("family")}.`,
  "listens-there": (is) =>
    `\`${is("asked")}\`${is.has("setting") ? ` with ${setting(is)}` : ""}${is.has("software") ? ` on ${is("software")}` : ""} listens on ${enumerated(is.list("listeners"))} of ${is("host")}, and ${is.has("admittedBy") ? `${is.has("front") ? "the cloud's firewall in front of it" : "its firewall"} accepts the packet: \`${is("admittedBy")}\`${admittedAt(is)}` : "no firewall rule blocks it"}${other(is)}.`,
  "loopback-let-in": (is) =>
    `The kernel of ${is("host")} accepts packets from its LAN for 127.0.0.0/8 (\`route_localnet\`), so loopback protects nothing from a neighbour whose next hop is ${is("via")}${other(is)}.`,
  "nothing-listens": (is) => `Nothing listens on port ${is("port")} of ${is("host")}.`,
  "listens-elsewhere": (is) => `On ${is("host")} ${listens(is)}.`,
  "answers-unexpectedly": (is) =>
    `${is("target")} answers, although ${is.list("listeners").length === 0 ? "the forward itself does not listen" : listens(is)}${other(is)}.`,
  "listener-contradicts": (is) => `The connection was refused, although ${enumerated(is.list("listeners"))} was seen listening.`,

  // Firewalls and routers.
  "packet-admitted": (is) =>
    `The ${firewall(is, "host")} accepts the packet: \`${is("rule")}\`. Behind it \`${is("asked")}\` listens on ${enumerated(is.list("listeners"))}${other(is)}.`,
  "port-moved": (is) =>
    `A rule of the firewall leads ${is("target")} to ${enumerated(is.list("listeners"))}: \`${is("rule")}\`${other(is)}.`,
  "packet-dropped": (is) => `The ${firewall(is, "at")} drops ${packet(is("direction"))}: ${ended(`\`${is("rule")}\``)}`,
  "packet-rejected": (is) => `The ${firewall(is, "at")} rejects ${packet(is("direction"))}: ${ended(`\`${is("rule")}\``)}`,
  "packet-redirected": (is) =>
    `The ${firewall(is, "at")} sends ${packet(is("direction"))} elsewhere${is.has("nobodyThere") ? ", where nobody answers in the lab" : ""}: ${ended(`\`${is("rule")}\``)}`,
  "answer-rewritten": (is) =>
    `The ${firewall(is, "at")} makes the answer leave with another address or port, so the client does not accept it: ${ended(`\`${is("rule")}\``)}`,
  "no-route": (is) => `No route leads from ${is("vantage")} to ${is("address")}.`,
  "nat-leads-nowhere": (is) => `${is("address")} is the public address of ${is("nat")}, which forwards nothing to ${is("host")}.`,
  "nat-port-not-forwarded": (is) =>
    `${is("nat")} forwards no port ${is("port")} to ${is("host")}; it answers for itself and refuses the connection.`,
  "nat-target-not-listening": (is) => `${is("nat")} forwards port ${is("port")} to ${is("to")}, but ${listens(is)}.`,
  "nat-port-forwarded": (is) => `${is("nat")} forwards port ${is("port")} to ${is("host")}${other(is)}.`,

  // Unix sockets.
  "path-elsewhere": (is) => `The forward listens on ${is("path")} of ${is("host")}, a path that ${is("vantage")} cannot open.`,
  "socket-folder-denies": (is) => `${socket(is)}, but a folder above it keeps ${is("as")} out.`,
  "socket-mode-denies": (is) => `${socket(is)}, so ${is("as")} may not open it.`,
  "socket-mode-allows": (is) => `${socket(is)}, so ${is("as")} may open it${other(is)}.`,
  "socket-gone": (is) => `There is no file at ${is("path")} of ${is("host")} any more.`,
  "socket-without-listener": (is) => `There is a socket at ${is("path")}, but nothing listens on it.`,

  // Why nothing is proven.
  "not-proven": (is) => `\`${is("verdict")}\` is not proven: ${missing[is("missing")] ?? is("missing")}.`,
  "probe-inconclusive": (is) => (is.has("said") ? ended(is("said")) : "The probe gave no verdict."),
  "socks-target-missing": (is) =>
    `The SOCKS proxy lets visitors through to ${is("host")}:${is("port")}, but the lab has no such host: add it under \`network.vantages\`.`,
  "bind-name-unknown": (is) =>
    `The bind address ${is("name")} is a name without an address in the lab, so nothing listens; where the real host knows the name, the forward may listen.`,
  "probe-missing": () => "This probe was not run.",
  "probes-contradict": (is) => `Probes of the same address contradict each other: ${is("verdicts")}.`,
  "depends-on-chance": (is) => `The outcome depends on chance: on another try it may be decided differently by \`${is("rule")}\`.`,
  "depends-on-program": (is) => `The outcome depends on a program the lab does not run: \`${is("rule")}\` hands the packet to it.`,
  "depends-on-clock": (is) => `The outcome depends on the time: on another try it may be decided differently by \`${is("rule")}\`.`,
  "depends-on-source-port": (is) =>
    `The outcome depends on the client's source port, because of \`${is("rule")}\`: on other source ports it differs.`,
  "depends-on-retries": (is) =>
    `The outcome depends on how often, and how soon, a client tries again: because of \`${is("rule")}\`, the first packet was dropped, and a later one may get through.`,
  "depends-on-lookups": (is) =>
    `The outcome depends on which host looks up the other first: because of \`${is("rule")}\`, the packet finds no link-layer address, but it does while the host behind that rule has recently asked for one itself.`,
  "depends-on-dial-port": (is) =>
    `The outcome depends on the source port of the connection to the forward's target, because of \`${is("rule")}\`: the next one may have another port.`,
  "self-check-missing": () => "The lab's self-check did not run.",
  "sources-inexact": (is) =>
    `${is("place")}: \`${is("rule")}\` distinguishes sources by more than written addresses, so one address cannot stand for others.`,
  "sender-chooses": (is) =>
    `${is.has("place") ? `${is("place")}: ` : ""}\`${is("rule")}\` matches something that the client can choose, such as its source port, so nobody is proven blocked.`,
  "self-check-failed": (is) => `The lab failed its self-check: ${ended(is.list("checks").join("; "))}`,
  "nothing-expected": () => "No expectation was selected, so nothing was verified.",
  "waiver-expired": (is) => `Waiver ${is("id")} expired on ${is("expires")} (owner: ${is("owner")}).`,
  "waiver-unused": (is) => `Waiver ${is("id")} covers no violation (${is("forward")} from ${is("vantage")}): remove it.`,

  // A review.
  "review-setting": (is) => `${setting(is)} allows it.`,
  "review-rule": (is) => `The firewall accepts the packet: \`${is("rule")}\`.`,
  "review-no-rule": () => "No rule of the firewall blocks the packet.",
  "review-no-firewall": () => "No firewall is given, so nothing blocks the packet.",
  "review-bind-name-unknown": (is) =>
    `Forwards may be bound to ${is("name")}, a name without an address in the lab: where the real server knows it, sshd listens there. Review a policy that gives its address under \`server.names\`.`,
  "review-cell-unproven": (is) => `It could not be proven whether ${is("vantage")} reaches ${is("target")}: ${why(is)}`,
  "review-answers-differ": (is) =>
    `\`ssh ${is("ssh")}\` as ${is("principal")} came out differently with an ssh of its own: ${is("differs")}.`,
  "patch-no-fix": () => "No single change removes this and nothing else.",
  "patch-conflict": () => "Its fix changes a line that a fix above changes, too.",
  "patch-refused": () => "Together with the fixes above, sshd or the firewall's tool refuses its fix.",
  "patch-opens": () => "Together with the fixes above, its fix exposes something new.",
  "patch-no-help": () => "Together with the fixes above, its fix does not take it away, or brings one of them back.",
  "patch-not-tried": () => "Its fix was not tried together with the fixes above: that took too long.",
  "what-if-not-found": () => "the statement was not found in the file as it was read",
  "what-if-setting": () => "the firewall's own program makes rules of its own from this setting",
  "what-if-shared-line": () => "the element shares its lines with others",
  "what-if-order": () => "the chain's rules are known by number only (`handle`, `replace`)",
  "what-if-policy": () => "the policy is no plain `accept` or `drop`",
  "what-if-only-element": () => "a list must have an element, and this is its only one",
  "what-if-many": (is) => `this element and ${Number(is("count")) - 1} more of the same list: too many`,
  "review-ports-inexact": (is) =>
    `${is("place")}: \`${is("rule")}\` distinguishes ports by more than written numbers, so one port cannot stand for others.`,
  "review-clients-inexact": (is) =>
    `${is("place")}: \`${is("text")}\` distinguishes clients by more than addresses, so one address cannot stand for others.`,
  "review-target-not-tried": (is) =>
    `sshd lets accounts connect to ${is("target")}, but the lab can have no host there, so whether it answers was not seen.`,
  "review-logins-not-tried": (is) =>
    `${is.has("place") ? `${is("place")}: ` : ""}\`${is("rule")}\` may let in ssh from where the lab has no client, so what such a login is granted was not seen; give the policy a vantage point there (\`network.vantages\`), and the server the interface that it comes by (\`network.server\`).`,

  // Where to look next.
  "go-by-what-is-given": () =>
    "let the rule match something that the client cannot choose: its address, the incoming interface or the destination port",
  "name-the-address": (is) => `add the address that ${is("name")} has on that host: \`server: { names: { ${is("name")}: ADDRESS } }\``,
  "look-at-the-lab": () => "run it again with `--keep` and look at the lab by hand",
  "take-a-high-port": (is) => `take a port from 1024 upwards: on ${is("host")} only root may listen on port ${is("port")}`,
  "free-the-port": (is) =>
    `find out what uses port ${is("port")} (\`ss -ltnp\` on ${is("host")})${is.has("exits") ? "" : "; with `-o ExitOnForwardFailure=yes` ssh exits instead of continuing without it"}`,
  "port-of-other-forward": (is) =>
    `${is("other")} already listens on port ${is("port")} of ${is("host")}: choose another port for one of them`,
  "bind-own-address": (is) =>
    `bind to an address that ${is("host")} has (${is.list("own").join(", ")}), or to all of them with a leading colon (\`:${is("port")}:…\`)${is.has("router") ? `; ${is("address")} is the address of ${is("router")}` : ""}`,
  "setting-in-other-match": (is) =>
    `\`${is("setting")}\` at ${is("place")} belongs to \`${is("match")}\` (${is("matchPlace")}), which does not apply to ${is("account")}`,
  "find-other-service": (is) => `find out what else answers on ${is("target")} (\`ss -ltnp\` on ${is("host")}) and choose another port`,
  "syn-proxy-needs-setting": (is) =>
    `a SYN proxy works only where \`${is("setting")}\` is 0: if it is on the real ${is("host")}, add it under \`server.sysctl\``,
  "use-a-port": (is) => `forward a port instead of ${is("path")}: only processes on ${is("host")} can open a path`,
  "see-sibling": (is) => `fix ${is("sibling")} first: while it is refused, ssh keeps none of its forwards open`,
  "open-again": () => "open the forward again: nothing listens any more",
  "start-the-service": (is) => `start the service that the forward leads to, and check its address as seen from ${is("host")}`,
  "forward-the-port": (is) => `forward port ${is("port")} on ${is("nat")}, or use \`-R\` to a reachable server`,
  "give-a-route": (is) => `give ${is("vantage")} a route to ${is("address")}, or remove it from \`reachable_from\``,
  "use-local-forward": (is) => `\`-R\` opens the port on the server; if ${is("from")} is to use a service there, use \`-L\``,
  "nothing-keeps-out": (is) =>
    `add authentication to the service, or do not open this forward: nothing keeps ${is("who")} from ${is("what")}`,
  "nothing-keeps-local-out": (is) =>
    `add authentication to the service, or do not open this forward: any local process can connect to ${is("target")}`,
  "firewall-leaves-open": (is) =>
    `the firewall that the policy names does not restrict who connects to ${is("host")} over IPv${is("family")}: add rules for it, or name both dumps under \`firewall:\``,
  "neighbour-needs-rule": (is) =>
    `machines on a LAN of ${is("host")} reach its other addresses as well, with ${is("host")} as the next hop: only a firewall keeps them out; ${is.has("filtered") ? "add a rule" : `if ${is("host")} has one, add it under \`firewall:\``}`,
  "no-firewall": (is) => `no firewall on ${is("host")} restricts who connects; if it has one, add it under \`firewall:\``,
  "decide-which-is-right": (is) =>
    `decide which is right: the policy expects \`${is("expected")}\`, the server gives \`${is("observed")}\``,
  // Changes that were tried.
  "set-setting": (is) => `set ${settingsAt(is)}`,
  "set-gateway-ports-and-colon": (is) => `set ${settingsAt(is)} and give \`-R\` a leading colon: \`-R ${is("listener")}:…\``,
  "add-leading-colon": (is) => `put a colon before the port: \`${is("listener")}:…\``,
  "set-setting-and-address": (is) =>
    `set ${settingsAt(is)}; the forward is bound to ${is("address")}, so name that address for ${enumerated(is.list("vantages"))} in the policy`,
  "name-address-in-policy": (is) =>
    `the forward is bound to ${is("address")}, so name that address for ${enumerated(is.list("vantages"))} in the policy`,
  "allow-in-key": (is) => `allow forwarding in the options of the key at ${is("place")}: \`${is("options")}\``,
  "permit-in-key": (is) => `add \`${is("option")}\` to the options of the key at ${is("place")}`,
  "set-for-account": (is) => `set ${settings(is)} for ${is("account")} in a \`Match\` block at the end`,
  "set-for-match": (is) => `set ${settings(is)} in a \`Match ${is("match")}\` block at the end`,
  "set-for-account-first": (is) => `set ${settings(is)} for ${is("account")} in a \`Match\` block of its own before ${is("place")}`,
  "move-accept": (is) => `move your rule at ${is("late")} before ${is("place")}: it comes too late`,
  "accept-before": (is) => `insert before ${is("place")}: ${rules(is)}`,
  "set-ufw-ipv6": (is) =>
    `set \`IPV6=yes\` at ${is("at")}${is.list("rules").length > 0 ? `, and insert before ${is("place")}: ${rules(is)}` : ": otherwise ufw drops all IPv6 packets, whatever its rules say"}`,
  "narrow-accept": (is) => `restrict the rule at ${is("place")} to those who may connect: ${rules(is)}`,
  "remove-accept": (is) => `remove the rule at ${is("place")}: only the server itself may connect`,
  "drop-before": (is) => `insert before ${is("place")}: ${rules(is)}`,
  "remove-rule": (is) => `remove the rule at ${is("place")}: nobody who may connect needs it`,
  "review-add-setting": (is) =>
    `add \`${is("setting")}\` as a new line ${is("place")}${is.has("beforeMatch") ? ", before the first `Match`" : ""}`,
  "review-remove-rule": (is) => `remove the rule at ${is("place")}`,
  "remove-redirect": (is) => `remove the rule at ${is("place")}: it leads another port to the forward`,
  "drop-gateway-option": () => "leave out `-g`: it makes ssh listen for other hosts as well",
  "drop-bind-address": (is) => `listen on loopback only: \`${is("listener")}:…\``,
  "no-single-change": (is) => (is("tried") === "0" ? "there is no change to your files to suggest" : noneFixes(is)),
  "no-change-found-in-time": (is) =>
    is("tried") === "0" ? "no change was tried: time ran out" : `${noneFixes(is)}; others were not tried`,

  "ssh-failed-first": () => "ssh failed before the server could decide; the JSON and HTML reports have its log",
};

const missing: Record<string, string> = {
  nonce: "the service's nonce did not come back",
  connection: "no connection was seen to be accepted",
  closing: "the service's nonce came back",
  arrival: "nothing shows that the packet arrived where it was refused",
  rule: "no rule was seen to drop or reject the packet",
  "route-error": "neither a routing error nor an ICMP message was seen",
};

const packets: Record<string, string> = {
  request: "the packet",
  reply: "the answer",
  data: "the data after the handshake",
  dial: "the connection to the forward's target",
  neighbour: "the request for the link-layer address (ARP or neighbour discovery)",
};

function code(text: string): string {
  return `\`${text}\``;
}

/** Those that are inserted, and what of them is not the user's. */
function rules(is: Words): string {
  const inserted = is.list("rules").map(code).join(", ");
  const chosen = is.list("chosen");
  if (chosen.length === 0) return inserted;
  const what = chosen.length === 1 ? "is an address" : "are addresses";
  return `${inserted}; ${enumerated(chosen)} ${what} of the lab: put in the real one${chosen.length === 1 ? "" : "s"}, or state ${chosen.length === 1 ? "it" : "them"} under \`network\` in the policy and run again`;
}

/** Follows the sentence about a setting that has later lines of the same keyword. */
export function ignoredLines(is: Words): string {
  const places = is.list("ignoredAt");
  const lines = is.list("ignored").map((setting, at) => `\`${setting}\` (${places[at] ?? ""})`);
  return `sshd uses only the first such line and ignores ${enumerated(lines)}.`;
}

function visitor(is: Words): string {
  return is.has("visitor") ? "The forward accepts the connection, then the server refuses the channel: " : "";
}

function asked(is: Words): string {
  return `${is.has("address") ? is("address") : "every address"}, port ${is("port")}`;
}

function dialled(is: Words): string {
  return is.has("path") ? is("path") : `${is("host")}:${is("port")}`;
}

/** The host's own, or its cloud's in front of it. */
function firewall(is: Words, host: string): string {
  return is.has("front") ? `cloud's firewall in front of ${is(host)}` : `firewall on ${is(host)}`;
}

function admittedAt(is: Words): string {
  return is.has("admittedFile") ? ` (${is("admittedFile")}:${is("admittedLine")})` : "";
}

function packet(direction: string): string {
  return packets[direction] ?? direction;
}

function listens(is: Words): string {
  return is.list("listeners").length === 0 ? "nothing listens" : `${is("program")} listens only on ${enumerated(is.list("listeners"))}`;
}

function span(seconds: string): string {
  return formatDuration(Number(seconds));
}

function setting(is: Words): string {
  return `\`${is("setting")}\`${is.has("byDefault") ? " (the default)" : ""}`;
}

function socket(is: Words): string {
  return is.has("file") ? `${is("path")} is ${is("file")}` : `${is("path")} exists`;
}

function other(is: Words): string {
  return `${is.has("wrongService") ? "; the service that answers is not the intended one" : ""}${linkLocal(is)}${later(is)}${slow(is)}`;
}

function later(is: Words): string {
  if (is.has("portsStoppedBy")) return `; clients on other source ports are kept out because of \`${is("portsStoppedBy")}\``;
  return is.has("stoppedFirst") ? `; \`${is("stoppedFirst")}\` stops the first packet, and one that is sent again gets through` : "";
}

function linkLocal(is: Words): string {
  return is.has("linkLocal") ? "; every neighbour can use the link-local address, and rules for other addresses do not apply to it" : "";
}

function slow(is: Words): string {
  if (!is.has("slowDialler")) return "";
  const because = is.has("slowRule") ? `: \`${is("slowRule")}\`` : "";
  return `; the answer comes after more than two minutes, because the first address that ${is("slowDialler")} dials gives none${because}`;
}

/** Why a cell of a review proves nothing, by the code that it names. */
function why(is: Words): string {
  const sentence = Object.hasOwn(english, is("why")) ? english[is("why")] : undefined;
  return sentence ? sentence(is) : `${is("why")}.`;
}

/** With a full stop, unless it has one. */
function ended(text: string): string {
  const trimmed = text.trim();
  return /[.!?]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

function noneFixes(is: Words): string {
  return is("tried") === "1"
    ? "the only change tried does not fix this without harm"
    : `none of the ${is("tried")} changes tried, alone or together, fixes this without harm`;
}

function settings(is: Words): string {
  return enumerated([is("setting"), ...is.list("more")].map(code));
}

function settingsAt(is: Words): string {
  return is.has("account")
    ? `${settings(is)} for ${is("account")} in a \`Match\` block at ${is("place")}`
    : `${settings(is)} at ${is("place")}`;
}
