/** Why a forward does not stand, or turns its visitors away: which of sshd's settings, the key's options, the address or the client. Pure. */

import { type BindCode, type FailedDial, listensOnServer, type PathCode, type Refusal } from "../core/forward-outcome.ts";
import { settingFor } from "./forwarding-settings.ts";
import { type Gate, type GateQuestion, refusingGate } from "./gates.ts";
import { type LoggedEvent, readLog } from "./log-events.ts";
import { settingText } from "./sshd-keywords.ts";

export interface RefusalFacts extends GateQuestion {
  clientLog: readonly string[];
  serverLog: readonly string[];
}

/** Undefined when neither settings nor logs give a reason. */
export function explainRefusal(facts: RefusalFacts): Refusal | undefined {
  const remote = listensOnServer(facts.request.kind);
  const events = readLog(remote ? facts.serverLog : facts.clientLog);
  const layer = remote ? "bind-address" : "client";
  const { listenPath, listenPort } = facts.request;
  const gate = remote ? refusingGate(facts) : undefined;
  if (gate) return refusalBy(gate);
  if (listenPath !== undefined) return pathRefusal(events, layer, listenPath);
  return (remote ? familyRefusal(facts, events) : undefined) ?? bindRefusal(events, layer, listenPort);
}

/**
 * Why the server closes visitors of a -L or -D, once one was closed: of the gates, which are all asked again for each visitor, the first that
 * refuses what the visitor asked for. Undefined where nobody was turned away by policy.
 */
export function explainClosed(question: GateQuestion, dials: readonly FailedDial[]): Refusal | undefined {
  const denied = dials.findLast(({ by, error }) => by === "sshd" && error === "prohibited");
  const gate = denied && refusingGate(question, denied.target);
  return gate ? refusalBy(gate) : undefined;
}

/** A gate's refusal, in English. */
export function refusalBy({ code, layer, source, params }: Gate): Refusal {
  return { layer, code, params, text: gateWords({ code, layer, source, params }), ...(source ? { source } : {}) };
}

function gateWords({ code, source, params }: Pick<Gate, "code" | "layer" | "source" | "params">): string {
  const setting = source ? settingText(source) : code;
  const option = source?.keyOption ? `key option ${setting}` : setting;
  switch (code) {
    case "certificate-no-forwarding":
      return `the certificate lacks ${setting}`;
    case "allow-tcp-forwarding":
      return params.socket ? `${option} (it refuses sockets, too)` : option;
    case "permit-listen":
    case "key-permit-listen":
      return `${option} (ssh asked for ${params.address === "" ? "the empty address" : params.address}, port ${params.port})`;
    case "permit-open":
    case "key-permit-open":
      return `${option} does not allow ${params.path ?? `${params.host}:${params.port}`}`;
    default:
      return option;
  }
}

/** The kernel's answers to bind(2), in words that tell what to do. */
const bindErrors: Readonly<Record<string, { code: BindCode; words: string }>> = {
  "Permission denied": { code: "port-privileged", words: "a port below 1024 is only for root" },
  "Address already in use": { code: "port-taken", words: "something else holds this port on this address" },
  "Cannot assign requested address": { code: "no-such-address", words: "no interface of this host has this address" },
};

/** The kernel's answers to bind(2) with a path, and unlink(2)'s. */
const pathErrors: Readonly<Record<string, { code: PathCode; words: string }>> = {
  "Address already in use": {
    code: "path-taken",
    words: "a file is in the way, mostly a socket that an earlier forward has left; StreamLocalBindUnlink yes removes it",
  },
  "Permission denied": { code: "path-not-permitted", words: "the account may not write in this folder" },
  "No such file or directory": { code: "no-folder", words: "the folder does not exist" },
  "Operation not permitted": { code: "path-owned-by-other", words: "the file in the way belongs to another account" },
  "Read-only file system": { code: "path-read-only", words: "nothing can be written there" },
};

function pathRefusal(events: readonly LoggedEvent[], layer: Refusal["layer"], path: string): Refusal | undefined {
  for (const event of events) {
    if (event.kind !== "path-failed" || event.path !== path) continue;
    const known = pathErrors[event.error];
    const said = /(?:cannot (?:bind to|listen on) path|unlink\().*$/.exec(event.line)?.[0] ?? event.line;
    return {
      layer,
      code: known?.code ?? "path-failed",
      params: { path, error: event.error },
      text: [said, known?.words].filter(Boolean).join(": "),
    };
  }
  return undefined;
}

/** With port 0 any line counts. Lines about another forward's port are not this one's. */
function bindRefusal(events: readonly LoggedEvent[], layer: Refusal["layer"], port: number): Refusal | undefined {
  for (const event of events) {
    if (event.kind === "bind-failed" && (port === 0 || event.port === port)) {
      const known = bindErrors[event.error];
      const text = [`bind [${event.address}]:${event.port}: ${event.error}`, known?.words].filter(Boolean).join(": ");
      return { layer, code: known?.code ?? "bind-failed", params: { address: event.address, port: event.port, error: event.error }, text };
    }
    if (event.kind === "name-failed")
      return {
        layer,
        code: "unknown-name",
        params: { name: event.name, error: event.error },
        text: `getaddrinfo(${event.name}): ${event.error}`,
      };
  }
  return undefined;
}

/** An address of the family that AddressFamily leaves out does not even resolve. */
function familyRefusal({ settings }: RefusalFacts, events: readonly LoggedEvent[]): Refusal | undefined {
  const family = settingFor(settings, "addressfamily");
  const said = events.find((event) => event.kind === "name-failed" && /^Address family /.test(event.error));
  if (said?.kind !== "name-failed" || (family.value !== "inet" && family.value !== "inet6")) return undefined;
  return {
    layer: "bind-address",
    code: "address-family",
    params: { family: family.value, name: said.name },
    text: `AddressFamily ${family.value} (getaddrinfo(${said.name}): ${said.error})`,
    source: family,
  };
}
