/** What the model is told: the request, the server's settings, the key, who asks, what both hosts are. Plain data. */

import type { ForwardRequest } from "../forward-request.ts";
import type { SettingOf } from "../forwarding-settings.ts";
import type { KeyInQuestion } from "../gates.ts";
import type { FirewallPolicy } from "./firewall-policy.ts";

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
  key: KeyInQuestion;
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
  server: {
    host: HostFacts;
    /** Its output rules decide what sshd may dial. Default: none. */
    firewall?: FirewallPolicy;
  };
  /** Left out: as current ones behave. */
  version?: { client?: Version; server?: Version };
}
