/** English. */
import type { LoginSettingBecause } from "../core/adaptation.ts";
import type { AdaptationTable } from "./adaptation-table.ts";

const kernelBecause = {
  "privileged-ports": "only root binds ports below 1024, as on a host",
  "no-routing": "a host does not route",
  "ipv6-at-once": "IPv6 is on, as on a host, but without duplicate address detection",
};

const settingBecause: Record<LoginSettingBecause, (instead: string) => string> = {
  "no-public-keys": () => "the config says no; the lab logs in with a key",
  "other-methods": (methods) => `the config demands ${methods}; the lab has one key and no second factor`,
  "keys-elsewhere": () => "the config takes keys from elsewhere; the lab keeps them in a file",
  "no-plain-key": () => "the config accepts no plain key, only certificates or hardware keys",
  "no-plain-certificate": () => "the config accepts no certificate of an ordinary key",
  "no-common-ca": () => "no type of CA is allowed for every account",
  "command-not-run": (command) => `the lab cannot run ${command}`,
  "principals-elsewhere": () => "the lab keeps principals in a file",
  "log-too-short": () => "the lab reads sshd's reasons from its log",
};

export const english: AdaptationTable = {
  every: { host: "every host", container: "every container" },
  what: {
    "kernel-settings": (is) => `${is.settings.join(", ")} (${kernelBecause[is.why]})`,
    "ports-reserved": (is) => `net.ipv4.ip_local_reserved_ports = ${is.ports} (keeps outgoing connections off the forwarded ports)`,
    "names-written": () => "/etc/hosts, /etc/resolv.conf (the lab's host names resolve; any other name fails at once)",
    "tun-made": () => "/dev/net/tun (hosts have it; ssh -w needs it)",
    "tun-missing": () => "no /dev/net/tun (the engine forbids creating devices here: ssh -w fails)",
    "observation-table": () =>
      "nft table `forwardlab` (enables kernel tracing for TCP handshakes, the probes' first data, ARP and neighbour discovery; it filters nothing)",
    "runtime-folder": (is) => `${is.folder} made for ${is.account} (systemd creates it at login)`,
    "lab-socket": (is) => `${is.path} is a service of the lab, open to every account (needed to prove who was reached)`,
    "front-firewall": () => "the cloud's firewall in front of it is a table in its own kernel",
    "neighbour-added": (is) => `a host that the policy does not place, because ${is.lan} would have none`,

    "keyword-commented-out": (is) => `${is.place}: ${is.keyword} commented out: this sshd does not know it (ignore_unknown)`,
    "host-keys": (is) => `host keys of the lab at ${is.paths.join(", ")}`,
    "cgroups-made": (is) =>
      `control groups ${is.groups.join(", ")}${is.pam === undefined ? "" : ` (a rule added to ${is.pam} moves logins into theirs, as pam_systemd does)`}`,
    "sshd-options": (is) => `sshd's command line: ${is.settings.map((setting) => `-o ${setting}`).join(" ")}`,
    "revoked-keys-emptied": (is) => `RevokedKeys ${is.path} was not supplied: replaced by an empty file`,
    "chroot-made": (is) => `ChrootDirectory ${is.paths.join(", ")} created, owned by root and otherwise empty`,
    "xauth-made": (is) => `${is.path} of the lab, which does nothing: without it sshd refuses X11`,

    "account-unlocked": (is) => `account ${is.account} of the image was locked; unlocked, without a password`,
    "accounts-copied": (is) =>
      `the ${is.accounts} accounts of ${is.passwd} and the ${is.groups} groups of ${is.group}, without passwords, in place of the image's`,
    "accounts-created": (is) => `accounts created: ${is.accounts.join(", ")}`,
    "login-shell-replaced": (is) => `login shell ${is.shell} is not in the image: replaced by a script`,
    "login-setting": (is) => `for ${is.account}: ${is.line} (${settingBecause[is.why](is.instead ?? "")})`,
    "command-output-given": (is) => `${is.setting} is not run: ${is.account} has the ${is.prints} that the policy names`,
    "lab-keys": (is) => `authorized_keys with the lab's keys at ${is.path}`,
    "lab-ca": (is) => `the lab's CA in place of the user's at ${is.path} (TrustedUserCAKeys)`,
    "principals-copied": (is) => `${is.file} at ${is.path}, unchanged`,
    "lab-principal": (is) => `principal ${is.account}, without options, at ${is.path} (no copy of that file was supplied)`,
    "certificate-copied": (is) => `${is.account} logs in with a copy of ${is.file} for a key of the lab, signed by a CA of the lab`,
    "certificate-made": (is) =>
      `${is.account} logs in with a certificate of a CA of the lab, with every extension, principal ${is.principals.join(",")}${is.place === undefined ? "" : ` (${is.place})`}`,
  },
};
