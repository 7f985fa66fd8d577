/**
 * What on the server may refuse a forward before any socket is made: its settings and the key's options, which are and-ed.
 * Source: OpenSSH `serverloop.c` `server_input_global_request`, `server_request_direct_tcpip` and `server_request_direct_streamlocal`,
 * `channels.c` `check_rfwd_permission`, `channel_connect_to_port` and `channel_connect_to_path`, `session.c` `do_authenticated`;
 * measured on 8.4, 9.2, 10.0 and 10.6.
 */
import { type GateCode, listensOnServer, type SettingSource } from "../core/forward-outcome.ts";
import type { Reason } from "../core/reason.ts";
import { keyAllowsForwarding, splitKeyOptions } from "./authorized-keys.ts";
import { type ForwardRequest, wireBindAddress } from "./forward-request.ts";
import { type SettingOf, settingFor } from "./forwarding-settings.ts";
import { permitsListening, permitsOpening, streamLocalPort } from "./permit-list.ts";

export interface GateQuestion {
  request: ForwardRequest;
  settings: SettingOf;
  key: KeyInQuestion;
}

/** The line that logs in, of authorized_keys or of a principals file, and the certificate where there is one. */
export interface KeyInQuestion {
  options: string;
  file?: string;
  line?: number;
  /** `file`: the user's certificate, if they gave one. */
  certificate?: { permitsForwarding: boolean; file?: string };
}

/** One gate's answer. */
export interface Gate {
  code: GateCode;
  layer: "sshd-policy" | "key-options";
  allows: boolean;
  /** The setting or key option that was asked; undefined: the key has none of the kind. */
  source?: SettingSource;
  params: Reason["params"];
}

/** What a visitor of -L or -D asks for. */
export type Target = { host: string; port: number } | { path: string };

/**
 * The gates of a forward in the order in which sshd asks them. AllowTcpForwarding, DisableForwarding, the key's no-port-forwarding and what its
 * certificate permits are one condition there, and nobody can tell which of them refused: the server's own settings are named first, then its lines.
 * @param target for -D, which states none: what one visitor asks for; left out: not known yet, so no list of targets refuses
 */
export function gatesOf(question: GateQuestion, target: Target | undefined = targetOf(question.request)): Gate[] {
  const direction = listensOnServer(question.request.kind) ? "remote" : "local";
  const socket = direction === "remote" ? question.request.listenPath !== undefined : target !== undefined && "path" in target;
  const tcp = directed(question, "allow-tcp-forwarding", direction, socket);
  const both = [switchedOff(question), keyForwarding(question), ...certificateForwarding(question)];
  // Made for TCP, but sshd permits nothing of a direction that AllowTcpForwarding leaves out.
  const switches = socket ? [directed(question, "allow-stream-local-forwarding", direction, socket), ...both, tcp] : [tcp, ...both];
  if (direction === "local") return [...switches, permitOpen(question, target), keyPermitOpen(question, target)];
  return socket ? switches : [...switches, permitListen(question), keyPermitListen(question)];
}

/** The first gate that refuses. */
export function refusingGate(question: GateQuestion, target?: Target): Gate | undefined {
  return gatesOf(question, target).find(({ allows }) => !allows);
}

/** The gate that would have to be shut: a list that names the forward, or else the first switch. Undefined where one of them refuses. */
export function grantingGate(question: GateQuestion): Gate | undefined {
  const gates = gatesOf(question);
  if (!gates.every(({ allows }) => allows)) return undefined;
  return gates.findLast(({ code, source }) => lists.has(code) && source !== undefined && source.value !== "any") ?? gates[0];
}

const lists = new Set<GateCode>(["permit-listen", "key-permit-listen", "permit-open", "key-permit-open"]);

function targetOf({ target, targetPath }: ForwardRequest): Target | undefined {
  return targetPath === undefined ? target : { path: targetPath };
}

function directed({ settings }: GateQuestion, code: GateCode, direction: "remote" | "local", socket: boolean): Gate {
  const source = settingFor(settings, code.replaceAll("-", ""));
  const allows = source.value === "yes" || source.value === direction;
  return { code, layer: "sshd-policy", allows, source, params: { direction, ...(socket ? { socket } : {}) } };
}

function switchedOff({ settings }: GateQuestion): Gate {
  const source = settingFor(settings, "disableforwarding");
  return { code: "disable-forwarding", layer: "sshd-policy", allows: source.value !== "yes", source, params: {} };
}

function keyForwarding({ key }: GateQuestion): Gate {
  const { allowed, by } = keyAllowsForwarding(key.options);
  const source = by === undefined ? { keyword: "options", value: key.options } : { keyword: by.toLowerCase(), value: by };
  return {
    code: "key-no-forwarding",
    layer: "key-options",
    allows: allowed,
    ...(key.options === "" ? {} : { source: inKey(key, source) }),
    params: {},
  };
}

/** The certificate's owner cannot get more than it says: sshd takes what both it and the line permit. Source: OpenSSH `auth-options.c` `sshauthopt_merge`. */
function certificateForwarding({ key: { certificate } }: GateQuestion): Gate[] {
  if (!certificate) return [];
  const { permitsForwarding, file } = certificate;
  const source: SettingSource = {
    keyword: "permit-port-forwarding",
    value: "permit-port-forwarding",
    ...(file === undefined ? {} : { file, line: 1 }),
    keyOption: true,
  };
  return [{ code: "certificate-no-forwarding", layer: "key-options", allows: permitsForwarding, source, params: {} }];
}

function permitListen({ settings, request }: GateQuestion): Gate {
  const source = settingFor(settings, "permitlisten");
  const asked = wireBindAddress(request);
  const allows = permitsListening(source.value.split(/\s+/), asked, request.listenPort);
  return { code: "permit-listen", layer: "sshd-policy", allows, source, params: { address: asked, port: request.listenPort } };
}

function keyPermitListen({ key, request }: GateQuestion): Gate {
  const { values, source } = keyList(key, "permitlisten");
  const asked = wireBindAddress(request);
  return {
    code: "key-permit-listen",
    layer: "key-options",
    allows: permitsListening(values, asked, request.listenPort),
    ...(source ? { source } : {}),
    params: { address: asked, port: request.listenPort },
  };
}

function permitOpen({ settings }: GateQuestion, target: Target | undefined): Gate {
  const source = settingFor(settings, "permitopen");
  const allows = opens(source.value.split(/\s+/), target);
  return { code: "permit-open", layer: "sshd-policy", allows, source, params: target ? { ...target } : {} };
}

function keyPermitOpen({ key }: GateQuestion, target: Target | undefined): Gate {
  const { values, source } = keyList(key, "permitopen");
  const allows = values.length === 0 || opens(values, target);
  return {
    code: "key-permit-open",
    layer: "key-options",
    allows,
    ...(source ? { source } : {}),
    params: target ? { ...target } : {},
  };
}

/** A path is compared like a host, with a port that no number equals. */
function opens(entries: readonly string[], target: Target | undefined): boolean {
  if (target === undefined) return true;
  return permitsOpening(entries, "path" in target ? { host: target.path, port: streamLocalPort } : target);
}

/** All options of one name, with their place. */
function keyList(key: KeyInQuestion, name: string): { values: string[]; source?: SettingSource } {
  const options = splitKeyOptions(key.options).filter((option) => option.toLowerCase().startsWith(`${name}=`));
  if (options.length === 0) return { values: [] };
  const values = options.map((option) => option.slice(name.length + 1).replace(/^"(.*)"$/, "$1"));
  return { values, source: inKey(key, { keyword: name, value: options.join(",") }) };
}

function inKey({ file, line }: KeyInQuestion, option: SettingSource): SettingSource {
  return { ...option, ...(file === undefined ? {} : { file }), ...(line === undefined ? {} : { line }), keyOption: true };
}
