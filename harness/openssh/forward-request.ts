/** One forward as ssh reads it from `-L`, `-R` or `-D`. */

import { type ForwardKind, isSocks } from "../core/forward-outcome.ts";
import { type RefusedPort, refusedPort } from "./refused-port.ts";
import { portOf } from "./services.ts";

export interface ForwardRequest {
  kind: ForwardKind;
  /** Bind address without brackets: undefined when none was given, "" for a leading colon, "*" as typed. */
  bind: string | undefined;
  /** 0 (remote forwards only): the server chooses. */
  listenPort: number;
  /** What the far end dials; undefined for SOCKS. Brackets are stripped. */
  target?: { host: string; port: number };
  /** Set when the listener is a Unix socket; `listenPort` is then -2, as in OpenSSH. */
  listenPath?: string;
  /** Set when the target is a Unix socket. */
  targetPath?: string;
}

/** Bytes of a socket's path: `sun_path` of sockaddr_un has 108, and ssh wants a zero after it. Source: unix(7), OpenSSH `readconf.c` `parse_forward`. */
const longestPath = 107;

interface Field {
  text: string;
  isPath: boolean;
}

/** OpenSSH `readconf.c` `parse_fwd_field`: up to four fields; brackets are literal, a backslash escapes, a slash makes a path. */
function splitFields(spec: string): Field[] | undefined {
  const fields: Field[] = [];
  let rest = spec.trimStart();
  while (rest !== "" && fields.length < 4) {
    if (rest.startsWith("[")) {
      const end = rest.indexOf("]");
      const after = rest[end + 1];
      if (end < 0 || (after !== undefined && after !== ":")) return undefined;
      const text = rest.slice(1, end);
      fields.push({ text, isPath: text.includes("/") });
      rest = rest.slice(end + 2);
      continue;
    }
    let text = "";
    let i = 0;
    for (; i < rest.length && rest[i] !== ":"; i++) {
      if (rest[i] === "\\" && ++i >= rest.length) return undefined;
      text += rest[i];
    }
    fields.push({ text, isPath: text.includes("/") });
    rest = rest.slice(i + 1);
  }
  return rest === "" ? fields : undefined;
}

/**
 * The forward that ssh would make of the argument of `-R`, `-L` or `-D`; undefined where ssh says `Bad … forwarding specification`.
 * Source: OpenSSH `readconf.c` `parse_forward`.
 */
export function parseForwardSpec(option: "R" | "L" | "D", spec: string): ForwardRequest | undefined {
  const fields = splitFields(spec);
  const request = fields && requestOf(option, fields);
  return request && isAcceptable(option, request) ? request : undefined;
}

/** The port for which ssh refuses a specification whose form is right. */
export function refusedPortOf(option: "R" | "L" | "D", spec: string): RefusedPort | undefined {
  const fields = splitFields(spec);
  const request = fields && requestOf(option, fields);
  if (!request || (option !== "R" && isSocks(request.kind) !== (option === "D"))) return undefined;
  const { listen, target } = portsOf(fields);
  // `-R 8080:localhost` lacks its port.
  if (fields.length === 2 && listen && !/^\d+$/.test(listen.text)) return undefined;
  return (
    (listen && refusedPort(listen.text, option === "R" ? "remote-listener" : "local-listener")) ??
    (target && refusedPort(target.text, "target"))
  );
}

/** The fields that `requestOf` takes for ports. */
function portsOf([a, b, c, d]: readonly Field[]): { listen?: Field | undefined; target?: Field | undefined } {
  const port = (field: Field | undefined) => (field?.isPath ? undefined : field);
  if (d) return { listen: b, target: d };
  if (c) return a && !a.isPath && c.isPath ? { listen: b } : { listen: port(a), target: c };
  if (b) return { listen: b.isPath ? port(a) : b };
  return { listen: port(a) };
}

/** What the fields mean depends on how many there are, and on which of them are paths. */
function requestOf(option: "R" | "L" | "D", [a, b, c, d]: readonly Field[]): ForwardRequest | undefined {
  const kind = option === "R" ? "remote" : "local";
  if (!a) return undefined;
  if (b && c && d) return { kind, ...portListener(a, b), target: targetOf(c, d) };
  if (b && c)
    return !a.isPath && c.isPath ? { kind, ...portListener(a, b), targetPath: c.text } : { kind, ...listenerOf(a), target: targetOf(b, c) };
  if (b?.isPath) return { kind, ...listenerOf(a), targetPath: b.text };
  const socksKind = option === "R" ? "remote-dynamic" : "dynamic";
  return { kind: socksKind, ...(b ? portListener(a, b) : listenerOf(a)) };
}

type Listener = Pick<ForwardRequest, "bind" | "listenPort" | "listenPath">;

function portListener(bind: Field, port: Field): Listener {
  return { bind: bind.text, listenPort: portOf(port.text) };
}

function listenerOf({ text, isPath }: Field): Listener {
  return isPath ? { bind: undefined, listenPort: -2, listenPath: text } : { bind: undefined, listenPort: portOf(text) };
}

function targetOf(host: Field, port: Field): { host: string; port: number } {
  return { host: host.text, port: portOf(port.text) };
}

/** ssh's own checks of a specification whose form is right. */
function isAcceptable(option: "R" | "L" | "D", { kind, bind, listenPort, listenPath, target, targetPath }: ForwardRequest): boolean {
  if (option !== "R" && isSocks(kind) !== (option === "D")) return false;
  if (target && (target.port <= 0 || target.host.length >= 1025)) return false;
  // Only a server can choose the port.
  if (listenPath === undefined && listenPort < (option === "R" ? 0 : 1)) return false;
  if ((bind?.length ?? 0) >= 1025) return false;
  return [listenPath, targetPath].every((path) => path === undefined || new TextEncoder().encode(path).length <= longestPath);
}

/** The listener as asked for, in one spelling: `43234`, `:43234`, `*:43234`, `127.0.0.1:43234`, `[::1]:0`, a socket's path. */
export function formatListener(request: ForwardRequest): string {
  if (request.listenPath !== undefined) return request.listenPath;
  if (request.bind === undefined) return String(request.listenPort);
  return `${/[:[\]]/.test(request.bind) ? `[${request.bind}]` : request.bind}:${request.listenPort}`;
}

/**
 * Address string in ssh's `tcpip-forward` request (RFC 4254, 7.1): no bind address becomes `localhost`, `*` becomes empty, all else goes as typed.
 * Source: OpenSSH `channels.c` `channel_rfwd_bind_host`.
 */
export function wireBindAddress(request: ForwardRequest): string {
  if (request.bind === undefined) return "localhost";
  return request.bind === "*" ? "" : request.bind;
}
