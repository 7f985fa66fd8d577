/** English. */
import { formatDuration } from "../core/duration.ts";
import type { WarningTable } from "./warning-table.ts";
import { list } from "./words.ts";

const ignoredBecause = {
  "byte-order-mark": () => "the file begins with a byte order mark, so sshd ignores this line; save it as UTF-8 without one",
  "open-quote": () => "a quote is left open in the options; sshd ignores this line",
  "no-key": () => "there is no key on this line; sshd ignores it",
  certificate: () => "sshd does not accept a certificate as a key here; it ignores this line",
  "unknown-option": (option: string) => `unknown key option ${option}; sshd ignores this line`,
  "bad-option": (option: string) => `bad key option ${option}; sshd ignores this line`,
};

const matchUnknownBecause = {
  "no-dns": "without `UseDNS yes` sshd compares the client's address, not its name",
  "no-names": "the clients' host names are unknown; add them under server.names",
  version: "the policy is read before the server's sshd runs",
};

export const english: WarningTable = {
  "sshd-include-algorithms": (is) => `Include ${is.pattern} is skipped: the files there only set cryptographic algorithms`,
  "sshd-include-matches-nothing": (is) => `Include ${is.pattern} matches no file in ${is.config}; sshd continues without it`,
  "sshd-config-empty": () => "the file is empty, so sshd's defaults apply: is the copy complete?",
  "sshd-file-not-read": () => "no Include line reads this file; sshd ignores it",
  "distribution-keyword": (is) => `only the sshd of ${is.distribution} supports ${is.keyword}; any other rejects it`,
  "listen-address-missing": (is) =>
    `sshd does not listen on ${is.address}, which the lab's server does not have; if the real one does, add it under \`network.server.address\``,
  "sshd-said": (is) => `sshd says: ${is.message}`,
  "logins-stay-in-cgroup": (is) =>
    `sshd opens no PAM session: logins of ${is.accounts.join(", ")} and their forwards stay in ${is.group}, not in the control groups of \`logins\``,
  "match-unknown": (is) => `it is unknown whether \`${is.match}\` matches: ${matchUnknownBecause[is.why]}`,
  "match-untested": (is) => `\`${is.match}\` matches no login of the policy: what this block grants is not tested`,
  "no-sshd-options": (is) => `the file does not set ${is.variables.join(" or ")}: sshd gets no options`,
  "command-not-run": (is) =>
    `${is.setting} cannot be run in the lab: the ${is.prints} it prints for ${is.account}, and their options, are not tested; save its output and supply it as \`accounts.${is.account}.${is.key}\``,
  "none-taken-for-file": (is) =>
    `in a Match block, this OpenSSH takes \`AuthorizedPrincipalsFile none\` for a file named \`none\` in ${is.account}'s home, and rejects every certificate of TrustedUserCAKeys`,

  "login-line-ignored": (is) => ignoredBecause[is.why](is.option ?? ""),
  "key-repeated": (is) =>
    `this line repeats the key of ${is.first} with other options${is.others === 0 ? "" : `, as ${is.others} more ${is.others === 1 ? "does" : "do"}`}: sshd uses only the first of these lines that lets the client in (\`from=\`, \`expiry-time\`); in the lab, each line has a key of its own`,
  "principal-not-usable": (is) =>
    is.why === "no-name" ? "no name follows the options" : "the name contains a carriage return; no certificate has such a principal",
  "principal-repeated": (is) => `line ${is.first} already has the principal ${is.principal}; sshd never reaches this line`,
  "principals-not-read": (is) => `this file is not read for ${is.account}: no ${is.lacks} applies to its logins`,
  "principals-not-given": (is) =>
    `${is.account}: no copy of AuthorizedPrincipalsFile ${is.paths.join(", ")} was supplied; in the lab it holds the principal ${is.account}, without options`,
  "principals-missing": (is) =>
    `${is.account}: there is no AuthorizedPrincipalsFile ${is.paths.join(", ")}; in the lab it holds the principal ${is.account}, without options`,
  "keys-missing": (is) => `${is.account}: no key at ${is.paths.join(", ")}; the lab logs in with a ${is.by} of its own, without options`,
  "logins-untested": (is) =>
    `no forward logs in as ${is.account} with ${is.name === "" ? "this key" : `\`${is.name}\``}${is.others === 0 ? "" : `, nor with ${is.others} more`}: what ${is.others === 0 ? "its options allow is" : "their options allow is"} not tested (\`key:\` selects a login)`,
  "password-without-options": (is) =>
    `key options limit only logins with a key: if ${is.account} has a password, \`${is.setting}\` lets it log in without them`,
  "jump-by-first-key": (is) =>
    `-J logs in to ${is.server} as ${is.account} with the first of ${is.keys} keys, ${is.first}; what the others may reach is not tested (\`jump_keys\` selects another)`,

  "client-canonical-name": (is) =>
    `CanonicalizeHostname makes ssh read this block for ${is.host} only if the client's name server knows ${is.name}, which cannot be told here; its settings are not applied (name ${is.name} itself as the host to apply them)`,
  "client-include-not-read": (is) =>
    `\`Include ${is.pattern}\` is not read, so whatever it sets is missing here; copy the files beside the config and include them by a relative path`,
  "client-match-undecided": () => "this Match can only be evaluated on the real client; its settings are not applied",
  "autossh-left-out": (is) =>
    `forwards.${is.entry}: autossh and its -M ${is.send} are left out. On a real client, -M also takes ports ${is.send} and ${is.receive} there, and port ${is.send} on the server: of its loopback, or of every address with \`GatewayPorts yes\`.`,
  "unit-variable-unset": (is) =>
    /\W/.test(is.variable)
      ? `systemd takes $${is.variable} for one variable, which nothing sets, and leaves the word out; inside a word, a variable is written \${NAME}`
      : `none of the files supplied sets $${is.variable}, so it is empty`,
  "unit-forks": (is) =>
    `with -f, ${is.program} forks, the process that systemd watches exits, and systemd kills the rest of the service; remove -f, or set Type=forking`,
  "unit-does-not-fork": (is) =>
    `without -f, ${is.program} stays in the foreground, and systemd kills it after TimeoutStartSec=; remove Type=forking`,
  "unit-not-restarted": (is) =>
    `systemd does not restart ssh when the connection ends (${is.restart === undefined ? "there is no Restart=" : `Restart=${is.restart}`})`,
  "unit-keeps-failed-forward": () =>
    "without ExitOnForwardFailure=yes, ssh stays connected even if the port is taken, and nothing reopens the forward",
  "unit-misses-silence": () =>
    "without ServerAliveInterval, ssh does not notice a connection that died silently, so nothing reopens the forward",
  "unit-autossh-gate-time": () =>
    "autossh gives up if its first ssh exits within 30 s, for example because the network is not up yet; set Environment=AUTOSSH_GATETIME=0",
  "unit-other-account": (is) =>
    `the ssh command names no account, so ssh logs in as ${is.runsAs}, the user that systemd runs it as; the lab logs in as ${is.account}: add \`${is.runsAs}: {}\` under \`accounts\`, or set \`as: ${is.account}\``,
  "unit-start-limit": (is) =>
    `systemd gives up after ${is.burst} starts within ${is.interval} s, and with RestartSec=${is.pause} s a server outage can be enough; set RestartSec= to more than ${is.interval / is.burst} s, or StartLimitIntervalSec=0`,
  "same-listener": (is) =>
    `${list(is.forwards)} listen on the same ${is.path === undefined ? `port ${is.port}` : `path ${is.path}`} of ${is.host}: each was judged alone; if they run at the same time, all but the first may be refused (\`together: true\` judges that)`,

  "nft-include-folder": (is) => `include "${is.pattern}" names a folder, from which nft reads nothing; \`${is.files}\` includes its files`,
  "nft-include-matches-nothing": (is) => `include "${is.pattern}" matches no file`,
  "nft-include-twice": (is) =>
    `nft reads the files of include "${is.pattern}" twice: it searches ${is.folder} and the ruleset's own folder, which is also ${is.folder}; write the pattern as an absolute path`,
  "no-chain": () => "this ruleset has no chain, so it filters nothing",
  "legacy-tables": () =>
    "the server also has tables of iptables-legacy, which are not in this dump: if `iptables-legacy-save` or `ip6tables-legacy-save` shows rules there, they are not tested",
  "one-family-only": (is) =>
    `IPv${is.filtered} rules only: IPv${is.open} is not filtered; list both dumps if the server has rules for IPv${is.open}`,
  "ufw-not-enabled": () => "ufw is not enabled: this firewall filters nothing",
  "ufw-script-not-run": () => "ufw runs this script, but the lab does not: its changes are not tested",
  "ufw-sysctls-not-set": (is) =>
    `ufw changes kernel settings, but the lab does not; those that could matter: \`server.sysctl: { ${is.settings.join(", ")} }\``,
  "firewalld-no-conf": () =>
    "no firewalld.conf, so firewalld's own defaults apply, such as DefaultZone=public and FirewallBackend=nftables",
  "firewalld-said": (is) => `firewalld says: ${is.message}`,
  "firewalld-zone-unbound": (is) =>
    `the zone ${is.zone} has no interface and no source here, so it applies to no packet; if NetworkManager or a program such as Docker gives it one on the server, add \`<interface name="…"/>\``,
  "firewalld-forwards": (is) =>
    `firewalld turns ${is.key} on, but the lab does not; if the server forwards packets, \`server.sysctl: { ${is.key}: 1 }\` sets it`,
  "bridge-table": (is) =>
    `\`${is.rule}\` applies to packets that cross a bridge, but the lab's server has no bridge: what this rule does on the real server is not tested`,
  "firewalld-bridge-rules": () => 'rules for bridges (`ipv="eb"`) are not loaded',
  "group-without-members": (is) => `this rule refers to a security group that has no members in the lab, so it lets nobody ${is.direction}`,
  "foreign-interface": (is) =>
    `\`${is.rule}\` names ${is.names.join(", ")}, which the lab's server does not have: in the lab it ${is.matches === "others" ? "matches on its other interfaces only" : `${is.matches} matches`}`,
  "foreign-interfaces": (is) => {
    const words = { never: "never match", always: "always match", others: "match on their other interfaces only" };
    const told = (["never", "always", "others"] as const).flatMap((how) =>
      is[how].length > 0 ? [`${words[how]}: ${is[how].join(", ")}`] : [],
    );
    return `${is.rules} rules name ${is.names.join(", ")}, which the lab's server does not have; in the lab they ${told.join("; ")}`;
  },
  "rule-unsettled": (is) =>
    `\`${is.rule}\` depends on ${{ chance: "chance", clock: "the time", program: "a program the lab does not run" }[is.on]}: verdicts that it may decide are inconclusive`,

  "sources-not-probed": (is) => `${lettingIn(is)}, which no vantage point stands for: \`--world\` probes from there`,
  "sources-elsewhere": (is) =>
    `${lettingIn(is)}, which was not probed: none of the server's networks in the lab leads there; if one of the real server's does, give its address there (\`--address\`, or \`network.server\` of a policy)`,
  "foreign-address": (is) =>
    `\`${is.rule}\` may let clients in at ${is.addresses.join(", ")}, which no host in the lab has; if the real server does, add it under \`network.server\``,
  "interface-assumed": (is) =>
    `\`${is.rule}\` treats ${list(is.interfaces)} differently from other interfaces, through which clients may get in; the policy does not name the server's interfaces: list them under \`network.server\``,
  "interface-not-probed": (is) =>
    `\`${is.rule}\` may let in hosts on the network of ${is.interfaces.join(", ")}, where no vantage point is: add one under \`network.vantages\` with \`lan: ${is.interfaces[0]}\``,
  "identity-not-probed": ({ rule, by, others = [] }) => {
    const more = others.length > 0 ? ` and ${otherRules(others.length)} (${others.length > 1 ? "lines" : "line"} ${list(others)})` : "";
    return `\`${rule}\`${more} may let in ${identities[by]}; no vantage point is such a client`;
  },
  "led-away": (is) =>
    `\`${is.rule}\` leads visitors of ${list(is.forwards)} to another port or host, and nobody answers there in the lab: they count as blocked. If a program that listens there on the real server passes them on (a proxy), they may get in`,
  "slow-dial": (is) =>
    `${is.forward}: visitors who get in wait more than two minutes for an answer, because ${is.dialler} dials the addresses of the target one after the other and the first gives no answer${is.rule === undefined ? "" : ` (\`${is.rule}\`)`}.`,
  "unused-connection": (is) =>
    `\`${is.setting}\`: sshd ends the ssh connection of ${list(is.forwards)}, and the listener with it, when nobody has been connected through it for ${formatDuration(is.seconds)}; whoever comes later is refused. A shell or a command that ssh also runs keeps the connection`,
  "idle-jump": (is) =>
    `\`${is.setting}\`: sshd of the jump host ${is.hop} closes what carries the ssh connection of ${list(is.forwards)} when no data has passed for ${formatDuration(is.seconds)}, and the connection ends with it. A shorter \`ServerAliveInterval\` of ssh keeps it`,
  "idle-visitor": (is) =>
    `\`${is.setting}\`: sshd closes a visitor's connection through ${list(is.forwards)} that has carried no data for ${formatDuration(is.seconds)}`,
  "waiver-covers-nothing": (is) => `waiver ${is.id} covers no violation (${is.forward} from ${is.vantage}): remove it`,
  "accounts-not-listed": (is) =>
    `the file does not list ${list(is.accounts)}: taken as stated; the server refuses them unless it has them from elsewhere${is.elsewhere.length > 0 ? ` (nsswitch.conf: ${is.elsewhere.join(", ")})` : ""}`,
  "accounts-nobody-has": (is) =>
    `the file does not list ${list(is.accounts)}, which sshd_config or a key file names: left out, as sshd lets nobody in by such a name`,
  "accounts-elsewhere": (is) =>
    `the server also has accounts from ${list(is.sources)}: whoever sshd_config means by a pattern or a group has a stand-in`,
  "accounts-not-read": (is) => `not read: name ${is.folder} instead to include the accounts that it lists`,
  "locks-unknown": () => "without `UsePAM` sshd refuses locked accounts; without a copy of /etc/shadow none is taken to be locked",
  "firewalls-not-read": (is) => `no firewall is loaded: if ${is.paths.join(" or ")} is in force, name it with \`--firewall\``,
  "accounts-alike": (is) =>
    `${is.account} stands for ${is.accounts.join(", ")}${is.more > 0 ? ` and ${is.more} more` : ""}: no line of sshd_config and no key file tells them apart`,
  "groups-assumed": (is) =>
    `the files do not say which groups ${list(is.accounts)} ${is.accounts.length === 1 ? "is" : "are"} in; taken to be in ${is.group}, which \`AllowGroups\` lets in (\`--account NAME:GROUPS\` names an account with its own)`,
  "target-address-assumed": (is) =>
    `the address of ${is.name}, to which sshd lets accounts connect, is not known: the lab uses ${is.address}, which matters if rules filter outgoing packets (in a policy, state the real address under \`server.names\`)`,
  "accounts-not-reviewed": (is) =>
    `sshd may also let in ${is.accounts.join(", ")}: not reviewed, because the policy does not list ${is.accounts.length === 1 ? "it" : "them"} under \`server.accounts\``,
  "only-first-reviewed": (is) => `only \`server\` is reviewed; not covered: ${is.others.join(", ")}`,
  "remedies-left-out": () =>
    "remedies are omitted, because each was tried only with the forwards of its own part; verify the policy undivided to get them",
};

function lettingIn({ rule, others, prefixes, more }: { rule: string; others: number; prefixes: readonly string[]; more: number }): string {
  const rules = others > 0 ? ` and ${otherRules(others)}` : "";
  return `\`${rule}\`${rules} may let in ${[...prefixes, ...(more > 0 ? [`${more} more`] : [])].join(", ")}`;
}

function otherRules(count: number): string {
  return count === 1 ? "another rule" : `${count} other rules`;
}

const identities = {
  listed: "clients on a list to which earlier packets (port knocking) or other programs add them",
  "address-bits": "clients selected by some bits or a hash of their address",
  "hardware-address": "a neighbour with that MAC address, which any neighbour can set",
  ipsec: "clients that connect through IPsec",
  mark: "clients whose packets another program gives that mark",
  interfaces: "clients that come in on an interface of another type, group, VLAN or VRF",
};
