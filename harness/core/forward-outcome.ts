/** What became of one requested forward. Plain data: the ssh stage fills it in, judgement and reports read it. */

import type { SocketFile } from "./socket-file.ts";

/** Where an effective sshd setting comes from. */
export interface SettingSource {
  /** Lower-case keyword, as `sshd -T` knows it. */
  keyword: string;
  value: string;
  /** The user's file, relative to the policy file; undefined: sshd's default, or the lab's command line. */
  file?: string;
  /** 1-based. */
  line?: number;
}

export interface ForwardOutcome {
  name: string;
  /** Host that ran ssh. */
  from: string;
  account: string;
  /** The arguments exactly as the user typed them. */
  ssh: string;
  kind: "remote" | "local" | "dynamic" | "remote-dynamic";
  /** What the server calls itself, where that is not OpenSSH, e.g. `dropbear_2025.89`: what sshd would do then says nothing. */
  software?: string;
  /** The listener as asked for, e.g. `:43234`, or the path of a Unix socket. */
  requested: string;
  /** Did the server (for -R) or the client (for -L, -D) say that the forward stands? */
  granted: boolean;
  /** Why not, when it is known, e.g. an AllowTcpForwarding setting or a key option. */
  refusedBy?: { layer: "sshd-policy" | "key-options" | "bind-address" | "client"; text: string; source?: SettingSource };
  /** Why the server closes each visitor of a forward that stands; told once a visitor was closed, and for -L to a Unix socket only. */
  closedBy?: { layer: "sshd-policy" | "key-options"; text: string; source: SettingSource };
  /** Settings of `sshd -T -C user=…,addr=…` that matter to forwarding (gatewayports, allowtcpforwarding, permitlisten, permitopen, disableforwarding, addressfamily; where a Unix socket is involved also allowstreamlocalforwarding, streamlocalbindmask, streamlocalbindunlink). */
  effective: SettingSource[];
  /** Options of the account's key line, e.g. `restrict,port-forwarding`. */
  keyOptions: string;
  /** Host on which the listener stands: the server for -R, `from` for -L and -D. */
  listensOn: string;
  /** What the kernel says really listens, `address:port`, IPv6 in brackets, sorted; a Unix socket as `/path (srw------- owner:group)`. */
  listeners: string[];
  /** The Unix socket that was asked for as listener; `file`: what stood at its path when ssh said that the forward stands. */
  socket?: { path: string; file?: SocketFile };
  clientLog: string;
  serverLog: string;
}
