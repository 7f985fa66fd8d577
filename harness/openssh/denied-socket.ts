/** Why the server closes every visitor of a -L that leads to a Unix socket. Pure. */

import type { ForwardOutcome, SettingSource } from "../core/forward-outcome.ts";
import { keyAllowsForwarding, keyOptionValues } from "./authorized-keys.ts";
import type { ForwardRequest } from "./forward-request.ts";

export interface DenialFacts {
  request: ForwardRequest;
  source(keyword: string): SettingSource;
  keyOptions: string;
  keyPlace?: { file: string; line: number };
  clientLog: readonly string[];
  serverLog: readonly string[];
}

/** All that ssh is told, whether a setting denied the path or the account may not open it. */
const failed = /channel \d+: open failed: connect failed: open failed/;
/** sshd's own words, at LogLevel INFO. */
const notPermitted = /Received request to connect to path .*, but the request was denied/;

/**
 * Undefined as long as no visitor was closed, and where the path itself is to blame. Gates in the order in which sshd asks them; of
 * permitopen and PermitOpen, which sshd's log does not tell apart, the key's is named. Source: OpenSSH `serverloop.c` `server_request_direct_streamlocal`, `channels.c` `channel_connect_to_path`.
 */
export function explainDeniedSocket(facts: DenialFacts): ForwardOutcome["closedBy"] {
  const { request, source, keyOptions, keyPlace, clientLog, serverLog } = facts;
  if (request.kind !== "local" || request.targetPath === undefined || !clientLog.some((line) => failed.test(line))) return undefined;
  const policy = (setting: SettingSource, text: string) => ({ layer: "sshd-policy" as const, text, source: setting });
  const key = (keyword: string) => ({
    layer: "key-options" as const,
    text: `key option ${keyword} refuses sockets as target`,
    source: { keyword, value: keyOptions, ...keyPlace },
  });
  const remoteOnly = ({ value }: SettingSource) => value === "no" || value === "remote";
  const stream = source("allowstreamlocalforwarding");
  if (remoteOnly(stream)) return policy(stream, `AllowStreamLocalForwarding ${stream.value} refuses sockets as target`);
  const disable = source("disableforwarding");
  if (disable.value === "yes") return policy(disable, "DisableForwarding yes refuses every forward");
  const { allowed, by } = keyAllowsForwarding(keyOptions);
  if (!allowed && by) return key(by);
  const tcp = source("allowtcpforwarding");
  if (remoteOnly(tcp)) return policy(tcp, `AllowTcpForwarding ${tcp.value} refuses sockets as target, too`);
  if (!serverLog.some((line) => notPermitted.test(line))) return undefined;
  if (keyOptionValues(keyOptions, "permitopen").length > 0) return key("permitopen");
  const open = source("permitopen");
  return open.value === "" || open.value === "any"
    ? undefined
    : policy(open, `PermitOpen ${open.value} does not allow ${request.targetPath}`);
}
