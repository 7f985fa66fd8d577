/** What the model is told: the request, the server's settings, the key, who asks, what both hosts are. Plain data. */

import type { SettingSource } from "../../core/forward-outcome.ts";
import type { ForwardArguments } from "../forward-arguments.ts";

export type ForwardRequest = ForwardArguments["request"];

/** sshd's setting for this connection, with its line; an empty value means sshd's default. Keywords are lower case. */
export type SettingOf = (keyword: string) => SettingSource;

export type AddressFamily = "any" | "inet" | "inet6";

/** Major and minor number of an OpenSSH. */
export interface Version {
  major: number;
  minor: number;
}

/** What the kernel and the resolver of one host know. */
export interface HostFacts {
  /** Its own addresses, loopback not counted. */
  addresses: readonly string[];
  /** Name -> addresses, as /etc/hosts or DNS have it. `localhost` need not be listed. */
  names?: Readonly<Record<string, readonly string[]>>;
  /** `net.ipv4.ip_unprivileged_port_start`. Default 1024. */
  unprivilegedPortStart?: number;
  /** False: IPv6 is switched off (`disable_ipv6`). */
  ipv6?: boolean;
  /** TCP sockets that hold a port already. */
  taken?: readonly TakenSocket[];
}

export interface TakenSocket {
  address: string;
  port: number;
  /** `[::]` without V6ONLY: holds the IPv4 port too. */
  dualStack?: boolean;
}

export interface ModelInput {
  request: ForwardRequest;
  settings: SettingOf;
  /** The authorized_keys line that logs in. */
  key: { options: string; file?: string; line?: number };
  account: { name: string; root: boolean };
  client: {
    /** `-g` or `GatewayPorts yes` of ssh itself. */
    gatewayPorts?: boolean;
    /** `-4`, `-6`, `AddressFamily` of ssh itself. Default `any`. */
    family?: AddressFamily;
    clearAllForwardings?: boolean;
    /** `-o StreamLocalBindMask=…` and `-o StreamLocalBindUnlink=yes`: of ssh's own sockets. */
    streamLocalBindMask?: string;
    streamLocalBindUnlink?: boolean;
    /** Does ssh itself run as root? Decides about privileged ports of -L and -D. Default false. */
    root?: boolean;
    host: HostFacts;
  };
  server: { host: HostFacts };
  /** Left out: as current ones behave. */
  version?: { client?: Version; server?: Version };
}

/** Comparisons that OpenSSH makes, as the ssh stage knows them. Handed in: this folder asks no other stage. */
export interface SshRules {
  /** Address string of ssh's `tcpip-forward` request. */
  wireBindAddress(request: ForwardRequest): string;
  /** PermitListen and `permitlisten`. */
  permitsListening(entries: readonly string[], bindAddress: string, port: number): boolean;
  keyAllowsForwarding(options: string): { allowed: boolean; by?: string };
  keyOptionValues(options: string, name: string): string[];
}

/** sshd's defaults for what decides about forwards. Source: OpenSSH `servconf.c` `fill_default_server_options`. */
const defaults: Readonly<Record<string, string>> = {
  gatewayports: "no",
  allowtcpforwarding: "yes",
  disableforwarding: "no",
  permitlisten: "any",
  permitopen: "any",
  addressfamily: "any",
  allowstreamlocalforwarding: "yes",
  streamlocalbindmask: "0177",
  streamlocalbindunlink: "no",
};

/** Settings that decide about forwards, in the order in which they are told. */
export const forwardingKeywords: readonly string[] = Object.keys(defaults);

/** The setting with its default filled in and one spelling (`all` is `yes`). */
export function settingFor(settings: SettingOf, keyword: string): SettingSource {
  const setting = settings(keyword);
  const value = setting.value.trim();
  if (value === "") return { keyword, value: defaults[keyword] ?? "" };
  if (keyword === "permitlisten" || keyword === "permitopen") return { ...setting, value };
  const lower = value.toLowerCase();
  return { ...setting, value: lower === "all" || lower === "true" ? "yes" : lower === "false" ? "no" : lower };
}

/** Settings given as plain values. */
export function settingsFrom(values: Readonly<Record<string, string>>): SettingOf {
  return (keyword) => ({ keyword, value: values[keyword] ?? "" });
}
