/** Keys of a host that the schema takes and that mean nothing. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { accountsOf, anyone, type Policy, standardVantages } from "./policy.ts";
import { readSshdOptions } from "./sshd-options.ts";
import type { YamlSource } from "./yaml-source.ts";

/** @param name how messages call the server */
export function serverFaults(policy: Policy, source: YamlSource, name = "server"): UserError[] {
  return [
    ...optionFaults(policy, source, name),
    ...serviceFaults(policy, source, name),
    ...firewallFaults(policy, source, name),
    ...cgroupFaults(policy, source, name),
  ];
}

/** Names that a further server cannot have: they belong to hosts of every lab. */
export function serverNameFaults(policy: Policy, source: YamlSource): UserError[] {
  return Object.keys(policy.servers ?? {})
    .filter((name) => [...standardVantages, anyone].includes(name))
    .map(
      (name) =>
        new UserError("policy-value", `a further server cannot be called ${name}`, {
          place: source.keyPlace(["servers", name]),
          found: name,
          expected: "a name that no other host of the lab has",
          todo: "rename it",
          fault: faultOf("server-name-taken", { name }),
        }),
    );
}

function optionFaults(policy: Policy, source: YamlSource, name: string): UserError[] {
  const stated = policy.server.sshd_options ?? [];
  const read = readSshdOptions(typeof stated === "string" ? [] : stated);
  if (!("fault" in read)) return [];
  return [
    new UserError("policy-value", `${name}.sshd_options contains a word that is not a setting`, {
      place: source.place(["server", "sshd_options", read.fault]),
      found: read.found,
      expected: 'settings, e.g. "AllowTcpForwarding=yes", or "-o" before each; or "-p" and a port',
      todo: "remove options that select files or how sshd runs (-f, -h, -D, -e)",
      fault: faultOf("not-a-setting", { owner: name }),
    }),
  ];
}

/** Owners of sockets' files. */
function serviceFaults(policy: Policy, source: YamlSource, name: string): UserError[] {
  const places = [
    {
      services: policy.server.services,
      path: ["server", "services"],
      label: `${name}.services`,
      accounts: [...Object.keys(accountsOf(policy)), "root", "nobody"],
    },
    { services: policy.home?.services, path: ["home", "services"], label: "home.services", accounts: ["root", "nobody"] },
  ];
  return places.flatMap(({ services = {}, path, label, accounts }) =>
    Object.entries(services).flatMap(([at, service]) => {
      const as = typeof service === "string" ? undefined : service.as;
      if (as === undefined || (at.startsWith("/") && accounts.includes(as))) return [];
      const isPath = at.startsWith("/");
      return [
        new UserError("policy-value", isPath ? `unknown account \`${as}\`` : `${label}.${at} is not a file, so no account can own it`, {
          place: source.place([...path, at, "as"]),
          found: as,
          expected: isPath ? accounts.join(", ") : "`as` only for the path of a socket",
          todo: isPath ? `name one of these, or add \`${as}: {}\` under \`accounts\` of the server` : "remove `as`",
          fault: isPath
            ? faultOf("policy-name-unknown", { kind: "account", name: as, known: accounts, meant: undefined })
            : faultOf("owner-of-port", { service: `${label}.${at}` }),
        }),
      ];
    }),
  );
}

/** What belongs to a firewall means nothing without one. */
function firewallFaults(policy: Policy, source: YamlSource, name: string): UserError[] {
  if (policy.server.firewall !== undefined) return [];
  return (["ipsets", "cgroups"] as const)
    .filter((key) => policy.server[key] !== undefined)
    .map(
      (key) =>
        new UserError("policy-value", `${name}.${key} needs a firewall, and there is none`, {
          place: source.keyPlace(["server", key]),
          found: `no \`${name}.firewall\``,
          expected: key === "ipsets" ? "the rules that match the sets" : "the rules that match the control groups",
          todo: `add \`firewall\`, or remove \`${key}\``,
          fault: faultOf("key-without-firewall", { owner: name, key }),
        }),
    );
}

/** Accounts whose logins have a control group. */
function cgroupFaults(policy: Policy, source: YamlSource, name: string): UserError[] {
  const accounts = Object.keys(accountsOf(policy));
  return Object.keys(policy.server.cgroups?.logins ?? {})
    .filter((account) => !accounts.includes(account))
    .map(
      (account) =>
        new UserError("policy-value", `unknown account \`${account}\``, {
          place: source.keyPlace(["server", "cgroups", "logins", account]),
          found: account,
          expected: accounts.join(", "),
          todo: `name one of these, or add \`${account}: {}\` under \`${name}.accounts\``,
          fault: faultOf("policy-name-unknown", { kind: "account", name: account, known: accounts, meant: undefined }),
        }),
    );
}
