/** English. */
import type { WarningTable } from "./warning-table.ts";
import { list } from "./words.ts";

const ignoredBecause = {
  "open-quote": () => "a quote is left open in the options; sshd ignores this line",
  "no-key": () => "no key is found on this line; sshd ignores it",
  certificate: () => "a certificate is no key that sshd accepts here; sshd ignores this line",
  "unknown-option": (option: string) => `sshd knows no key option ${option}; sshd ignores this line`,
  "bad-option": (option: string) => `bad key option ${option}; sshd ignores this line`,
};

export const english: WarningTable = {
  "sshd-include-algorithms": (is) => `Include ${is.pattern} is left out: files there set cryptographic algorithms only`,
  "sshd-include-matches-nothing": (is) => `Include ${is.pattern} matches no file in ${is.config}; sshd continues without it`,
  "sshd-file-not-read": () => "no Include line reads this file; sshd ignores it",
  "distribution-keyword": (is) => `only the sshd of ${is.distribution} knows ${is.keyword}; every other refuses it`,
  "sshd-said": (is) => `sshd says: ${is.message}`,
  "match-unknown": (is) =>
    `it is unknown whether \`${is.match}\` matches: ${is.why === "no-dns" ? "without `UseDNS yes` sshd compares the client's address, not its name" : "the clients' host names are unknown; add them under server.names"}`,
  "match-untested": (is) => `\`${is.match}\` matches no login of the policy: what this block grants is not tested`,
  "no-sshd-options": (is) => `the file sets neither ${is.variables.join(" nor ")}: sshd gets no options`,
  "command-not-run": (is) =>
    `${is.setting} cannot be run in the lab: ${is.prints} that it prints for ${is.account}, and their options, are not tested; save its output and name it as \`accounts.${is.account}.${is.key}\``,
  "none-taken-for-file": (is) =>
    `in a Match block, this OpenSSH takes \`AuthorizedPrincipalsFile none\` for a file called \`none\` in the home of ${is.account}, and refuses every certificate of TrustedUserCAKeys`,

  "login-line-ignored": (is) => ignoredBecause[is.why](is.option ?? ""),
  "principal-not-usable": (is) =>
    is.why === "no-name" ? "no name follows the options" : "a carriage return belongs to the name; no certificate has such a principal",
  "principal-repeated": (is) => `line ${is.first} has the principal ${is.principal} already; sshd never comes to this line`,
  "principals-not-read": (is) => `this file is not read for ${is.account}: no ${is.lacks} applies to its logins`,
  "principals-not-given": (is) =>
    `${is.account}: no copy of AuthorizedPrincipalsFile ${is.paths.join(", ")} was supplied; in the lab it holds the principal ${is.account}, without options`,
  "principals-missing": (is) =>
    `${is.account}: there is no AuthorizedPrincipalsFile ${is.paths.join(", ")}; in the lab it holds the principal ${is.account}, without options`,
  "keys-missing": (is) => `${is.account}: no key at ${is.paths.join(", ")}; the lab logs in with a ${is.by} of its own, without options`,
  "jump-by-first-key": (is) =>
    `-J logs in to ${is.server} as ${is.account} by the first of ${is.keys} keys, ${is.first}; what the others may reach is not tested (\`jump_keys\` names another)`,

  "client-match-undecided": () => "this Match can only be evaluated at home; its settings are left out",
  "autossh-left-out": (is) =>
    `forwards.${is.entry}: autossh and its -M ${is.send} are left out. On a real client -M also takes ports ${is.send} and ${is.receive} there, and port ${is.send} on the server's loopback.`,
  "unit-variable-unset": (is) => `none of the files supplied sets $${is.variable}, so it is empty`,
  "unit-forks": (is) =>
    `with -f, ${is.program} forks away from the process that systemd watches, and systemd ends the rest of the service; remove -f, or set Type=forking`,
  "unit-does-not-fork": (is) =>
    `without -f, ${is.program} stays in the foreground, and systemd ends it after TimeoutStartSec=; remove Type=forking`,
  "unit-not-restarted": (is) =>
    `systemd does not start ssh again when the connection ends (${is.restart === undefined ? "there is no Restart=" : `Restart=${is.restart}`})`,
  "unit-keeps-failed-forward": () =>
    "without ExitOnForwardFailure=yes ssh stays connected when the port is taken, and nothing opens the forward again",
  "unit-misses-silence": () =>
    "without ServerAliveInterval ssh does not notice a connection that died silently, so nothing opens the forward again",
  "unit-autossh-gate-time": () =>
    "autossh gives up if its first ssh ends within 30 s, as when the machine has no network yet; set Environment=AUTOSSH_GATETIME=0",
  "unit-start-limit": (is) =>
    `systemd gives up after ${is.burst} starts within ${is.interval} s, and with RestartSec=${is.pause} s an outage of the server can be enough; set RestartSec= to more than ${is.interval / is.burst} s, or StartLimitIntervalSec=0`,
  "same-listener": (is) =>
    `${list(is.forwards)} listen on the same ${is.path === undefined ? `port ${is.port}` : `path ${is.path}`} of ${is.host}: each was judged alone; if they run at the same time, all but the first may be refused (\`together: true\` judges that)`,

  "nft-include-folder": (is) => `include "${is.pattern}" names a folder: nft reads nothing from it; \`${is.files}\` names its files`,
  "nft-include-matches-nothing": (is) => `include "${is.pattern}" matches no file`,
  "nft-include-twice": (is) =>
    `nft reads the files of include "${is.pattern}" twice: it searches ${is.folder} and the ruleset's own folder, which is ${is.folder} as well; write the pattern with its whole path`,
  "no-chain": () => "no chain at all: this ruleset filters nothing",
  "one-family-only": (is) =>
    `IPv${is.filtered} rules only: IPv${is.open} is not filtered; list both dumps if the server has rules for IPv${is.open}`,
  "ufw-not-enabled": () => "ufw is not enabled: this firewall filters nothing",
  "ufw-script-not-run": () => "ufw runs this script, and the lab does not: what it changes is not tested",
  "ufw-sysctl-not-set": (is) => `${is.key} is not set in the lab; if it matters, \`server.sysctl: { ${is.key}: ${is.value} }\` sets it`,
  "firewalld-no-conf": () =>
    "no firewalld.conf, so firewalld's own defaults apply, such as DefaultZone=public and FirewallBackend=nftables",
  "firewalld-said": (is) => `firewalld says: ${is.message}`,
  "firewalld-zone-unbound": (is) =>
    `the zone ${is.zone} has no interface and no source here, so it applies to no packet; if NetworkManager or a program such as Docker gives it one on the server, add \`<interface name="…"/>\``,
  "firewalld-forwards": (is) =>
    `firewalld turns ${is.key} on, and the lab does not; if the server forwards packets, \`server.sysctl: { ${is.key}: 1 }\` sets it`,
  "firewalld-bridge-rules": () => 'rules for bridges (`ipv="eb"`) are not loaded',
  "group-without-members": (is) => `a rule for members of a security group: none of them is in the lab, so it lets nobody ${is.direction}`,
  "foreign-interface": (is) =>
    `\`${is.rule}\` names ${is.names.join(", ")}, which the lab's server does not have: in the lab it ${is.matches === "others" ? "matches on its other interfaces only" : `${is.matches} matches`}`,
  "foreign-interfaces": (is) => {
    const words = { never: "never match", always: "always match", others: "match on their other interfaces only" };
    const told = (["never", "always", "others"] as const).flatMap((how) =>
      is[how].length > 0 ? [`${words[how]}: ${is[how].join(", ")}`] : [],
    );
    return `${is.names.join(", ")}: the lab's server does not have it, and ${is.rules} rules name it; in the lab they ${told.join("; ")}`;
  },
  "rule-unsettled": (is) =>
    `\`${is.rule}\` depends on ${{ chance: "chance", clock: "the time of day", program: "a program that the lab does not run" }[is.on]}: where it may decide, verdicts are inconclusive`,

  "waiver-covers-nothing": (is) => `waiver ${is.id} covers no violation (${is.forward} from ${is.vantage}): remove it`,
  "only-first-reviewed": (is) => `only \`server\` is reviewed: what ${is.others.join(", ")} would grant is not`,
  "remedies-left-out": () =>
    "remedies are left out: each was tried with the forwards of its own part only; verify the policy undivided to get them",
};
