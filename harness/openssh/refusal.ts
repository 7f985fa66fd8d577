/** Why a forward does not stand: which of sshd's settings, the key's options, the address or the client refused it. Pure. */

import type { ForwardOutcome, SettingSource } from "../core/forward-outcome.ts";
import { keyAllowsForwarding, keyOptionValues } from "./authorized-keys.ts";
import { type ForwardRequest, wireBindAddress } from "./forward-request.ts";
import { permitsListening } from "./permit-list.ts";

export interface RefusalFacts {
  request: ForwardRequest;
  /** The account's settings with their lines. */
  source(keyword: string): SettingSource;
  keyOptions: string;
  keyPlace?: { file: string; line: number };
  clientLog: readonly string[];
  serverLog: readonly string[];
}

type Refusal = NonNullable<ForwardOutcome["refusedBy"]>;

/** The kernel's answers to bind(2), in words that tell what to do. */
const bindErrors: Record<string, string> = {
  "Permission denied": "a port below 1024 is only for root",
  "Address already in use": "something else holds this port on this address",
  "Cannot assign requested address": "no interface of this host has this address",
};

/** Undefined when neither settings nor logs give a reason. Server-side gates in the order in which sshd checks them (`serverloop.c` `server_input_global_request`). */
export function explainRefusal(facts: RefusalFacts): Refusal | undefined {
  const { request } = facts;
  const remote = request.kind === "remote" || request.kind === "remote-dynamic";
  if (request.listenPath !== undefined) {
    if (!remote) return pathRefusal(facts.clientLog, "client", request.listenPath);
    return socketSettingRefusal(facts) ?? pathRefusal(facts.serverLog, "bind-address", request.listenPath);
  }
  if (!remote) return bindRefusal(facts.clientLog, "client", request.listenPort);
  return (
    settingRefusal(facts) ??
    keyRefusal(facts) ??
    permitRefusal(facts) ??
    familyRefusal(facts) ??
    bindRefusal(facts.serverLog, "bind-address", request.listenPort)
  );
}

/** The kernel's answers to bind(2) with a path, and unlink(2)'s, in words that tell what to do. */
const pathErrors: Record<string, string> = {
  "Address already in use": "a file is in the way, mostly a socket that an earlier forward has left; StreamLocalBindUnlink yes removes it",
  "Permission denied": "the account may not write in this folder",
  "No such file or directory": "the folder does not exist",
  "Operation not permitted": "the file in the way belongs to another account",
  "Read-only file system": "nothing can be written there",
};

/** What sshd asks before it listens on a path; PermitListen is not asked. AllowTcpForwarding is, though it is not about sockets. Source: `serverloop.c`, `channels.c` `check_rfwd_permission`, `session.c` `do_authenticated`. */
function socketSettingRefusal(facts: RefusalFacts): Refusal | undefined {
  const { source } = facts;
  const local = (setting: SettingSource) => setting.value === "no" || setting.value === "local";
  const stream = source("allowstreamlocalforwarding");
  if (local(stream)) return policy(stream, "AllowStreamLocalForwarding");
  const disable = source("disableforwarding");
  if (disable.value === "yes") return policy(disable, "DisableForwarding");
  const key = keyRefusal(facts);
  if (key) return key;
  const tcp = source("allowtcpforwarding");
  return local(tcp) ? policy(tcp, "AllowTcpForwarding", " (it refuses sockets, too)") : undefined;
}

function pathRefusal(log: readonly string[], layer: Refusal["layer"], path: string): Refusal | undefined {
  for (const line of log) {
    const said = /(?:cannot (?:bind to|listen on) path (.*)|unlink\((.*)\)): (.*)$/.exec(line);
    if (said && (said[1] ?? said[2]) === path) return { layer, text: [said[0], pathErrors[said[3] as string]].filter(Boolean).join(": ") };
  }
  return undefined;
}

function policy(setting: SettingSource, name: string, more = ""): Refusal {
  return { layer: "sshd-policy", text: `${name} ${setting.value}${more}`, source: setting };
}

function settingRefusal({ source }: RefusalFacts): Refusal | undefined {
  const tcp = source("allowtcpforwarding");
  if (tcp.value === "no" || tcp.value === "local") return policy(tcp, "AllowTcpForwarding");
  const disable = source("disableforwarding");
  return disable.value === "yes" ? policy(disable, "DisableForwarding") : undefined;
}

function keyRefusal(facts: RefusalFacts): Refusal | undefined {
  const { allowed, by } = keyAllowsForwarding(facts.keyOptions);
  return allowed || !by ? undefined : keyOption(facts, by, `key option ${by}`);
}

function keyOption({ keyOptions, keyPlace }: RefusalFacts, keyword: string, text: string): Refusal {
  return { layer: "key-options", text, source: { keyword, value: keyOptions, ...keyPlace } };
}

function permitRefusal(facts: RefusalFacts): Refusal | undefined {
  const { request, source, keyOptions } = facts;
  const address = wireBindAddress(request);
  const asked = `ssh asked for ${address === "" ? "the empty address" : address}, port ${request.listenPort}`;
  const setting = source("permitlisten");
  if (setting.value !== "" && !permitsListening(setting.value.split(/\s+/), address, request.listenPort))
    return { layer: "sshd-policy", text: `PermitListen ${setting.value} (${asked})`, source: setting };
  const values = keyOptionValues(keyOptions, "permitlisten");
  if (!permitsListening(values, address, request.listenPort))
    return keyOption(facts, "permitlisten", `key option permitlisten="${values.join('",permitlisten="')}" (${asked})`);
  return undefined;
}

/** With port 0 any line counts. Lines about another forward's port are not this one's. */
function bindRefusal(log: readonly string[], layer: Refusal["layer"], port: number): Refusal | undefined {
  for (const line of log) {
    const bind = /bind \[(.*)\]:(\d+): (.*)$/.exec(line);
    if (bind && (port === 0 || Number(bind[2]) === port))
      return { layer, text: [bind[0], bindErrors[bind[3] as string]].filter(Boolean).join(": ") };
    const name = /getaddrinfo\(.*\): .*$/.exec(line);
    if (name) return { layer, text: name[0] };
  }
  return undefined;
}

/** An address of the family that AddressFamily leaves out does not even resolve. */
function familyRefusal({ source, serverLog }: RefusalFacts): Refusal | undefined {
  const family = source("addressfamily");
  const said = serverLog.map((line) => /getaddrinfo\(.*\): Address family .*$/.exec(line)?.[0]).find((text) => text !== undefined);
  if (!said || (family.value !== "inet" && family.value !== "inet6")) return undefined;
  return { layer: "bind-address", text: `AddressFamily ${family.value} (${said})`, source: family };
}
