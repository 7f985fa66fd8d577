/** What OpenSSH does with one forward: who listens where, who dials what, and why. A model: `verify` proves it. */

import { listensOnServer } from "../../core/forward-outcome.ts";
import { wireBindAddress } from "../forward-request.ts";
import { settingFor } from "../forwarding-settings.ts";
import { gatesOf, type Target } from "../gates.ts";
import { clientBindSpec, serverBindSpec } from "./bind-spec.ts";
import { type DialOutcome, dialOutcome } from "./dial.ts";
import { gateText } from "./gate-text.ts";
import { listen } from "./listen.ts";
import type { AddressFamily, ModelInput } from "./model-input.ts";
import type { ModelListener, ModelRefusal, ModelSocket, Prediction, Step } from "./prediction.ts";
import { dialled, isNumber, resolveName } from "./resolve.ts";
import type { Sentence } from "./sentence.ts";
import { defaultMask, listenOnPath } from "./socket-listen.ts";

/** The prediction for a request. What only the host's files tell is taken for granted: folders that exist, nothing at a listener's path, a target that may be opened. */
export function predict(input: ModelInput): Prediction {
  return listensOnServer(input.request.kind) ? predictRemote(input) : predictLocal(input);
}

/** The gates up to the first that refuses. */
function passGates(input: ModelInput, target?: Target): { steps: Step[]; refusal?: ModelRefusal } {
  const steps: Step[] = [];
  for (const gate of gatesOf(input, target)) {
    const told = { layer: gate.layer, text: gateText(gate), ...(gate.source ? { source: gate.source } : {}) };
    if (!gate.allows) return { steps, refusal: told };
    steps.push(told);
  }
  return { steps };
}

function predictRemote(input: ModelInput): Prediction {
  const { request, settings, version } = input;
  if (request.listenPath !== undefined) return predictRemoteSocket(input, request.listenPath);
  const wire = wireBindAddress(request);
  const base = { kind: request.kind, listensOn: "server" as const, wire, dials: dialsOf(input, "client") };
  const why: Step[] = [{ layer: "client", text: wireSaid(request.bind, wire) }];
  const refuse = (refusedBy: ModelRefusal): Prediction => ({
    ...base,
    granted: false,
    refusedBy,
    listeners: [],
    why: [...why, { ...refusedBy }],
  });

  const own = clientRefusal(input);
  if (own) return refuse(own);
  const gates = passGates(input);
  why.push(...gates.steps);
  if (gates.refusal) return refuse(gates.refusal);

  const gatewayPorts = settingFor(settings, "gatewayports");
  const { bind, text } = serverBindSpec(wire, gatewayPorts.value, version?.client);
  why.push({ layer: "bind-address", text, source: gatewayPorts });
  const familySource = settingFor(settings, "addressfamily");
  const { listeners, refusedBy, steps } = listen({
    bind,
    port: request.listenPort,
    host: input.server.host,
    root: input.account.root,
    family: familyOf(familySource.value),
    layer: "bind-address",
    familySource,
  });
  why.push(...steps);
  if (refusedBy) return refuse(refusedBy);
  const closedBy = targetRefusal(input, "client");
  return { ...base, granted: true, listeners, ...(closedBy ? { closedBy } : {}), why };
}

/** GatewayPorts, AddressFamily and PermitListen have no say. */
function predictRemoteSocket(input: ModelInput, path: string): Prediction {
  const { request, settings, account } = input;
  const base = { kind: request.kind, listensOn: "server" as const, dials: dialsOf(input, "client"), listeners: [] };
  const why: Step[] = [
    {
      layer: "client",
      text: { en: `ssh asks the server to listen on the path ${path}.`, ja: `ssh は、パス ${path} での待ち受けをサーバーに要求します。` },
    },
  ];
  const own = clientRefusal(input);
  const gates = own ? { steps: [], refusal: own } : passGates(input);
  why.push(...gates.steps);
  if (gates.refusal) return { ...base, granted: false, refusedBy: gates.refusal, why: [...why, { ...gates.refusal }] };
  const { socket, steps } = listenOnPath({
    path,
    owner: { en: account.name, ja: ` ${account.name} ` },
    mask: settingFor(settings, "streamlocalbindmask"),
    unlink: settingFor(settings, "streamlocalbindunlink"),
    layer: "bind-address",
  });
  const closedBy = targetRefusal(input, "client");
  return { ...base, granted: true, socket, ...(closedBy ? { closedBy } : {}), why: [...why, ...steps] };
}

function predictLocal(input: ModelInput): Prediction {
  const { request } = input;
  const base = { kind: request.kind, listensOn: "client" as const, dials: dialsOf(input, "server") };
  const why: Step[] = [];
  const own = clientRefusal(input);
  const bound: ClientListening =
    request.listenPath === undefined ? clientListen(input, own, why) : clientListenOnPath(input, own, request.listenPath);
  why.push(...bound.steps);
  if (bound.refusedBy) {
    return { ...base, granted: false, refusedBy: bound.refusedBy, listeners: [], why: [...why, { ...bound.refusedBy }] };
  }
  const gates = passGates(input);
  why.push(...gates.steps);
  const dial = sshdDial(input);
  const closedBy = gates.refusal ?? targetRefusal(input, "server") ?? dial.refusal;
  if (!closedBy && dial.waits) why.push(dial.waits);
  if (closedBy) why.push({ ...closedBy, text: acceptedInVain(closedBy) });
  const { listeners, socket } = bound;
  return { ...base, granted: true, listeners, ...(socket ? { socket } : {}), ...(closedBy ? { closedBy } : {}), why };
}

interface ClientListening {
  listeners: ModelListener[];
  socket?: ModelSocket;
  refusedBy?: ModelRefusal;
  steps: Step[];
}

function clientListen({ request, client }: ModelInput, own: ModelRefusal | undefined, why: Step[]): ClientListening {
  const { bind, text } = clientBindSpec(request.bind, client.gatewayPorts === true);
  why.push({ layer: "client", text });
  const family = client.family ?? "any";
  if (own) return { listeners: [], refusedBy: own, steps: [] };
  return listen({
    bind,
    port: request.listenPort,
    host: client.host,
    root: client.root === true,
    family,
    layer: "client",
    ...(family === "any" ? {} : { familySource: { keyword: "addressfamily", value: family } }),
  });
}

function clientListenOnPath({ client }: ModelInput, own: ModelRefusal | undefined, path: string): ClientListening {
  if (own) return { listeners: [], refusedBy: own, steps: [] };
  return {
    listeners: [],
    ...listenOnPath({
      path,
      owner: { en: "the user who runs ssh", ja: " ssh を動かす人" },
      mask: { keyword: "streamlocalbindmask", value: client.streamLocalBindMask ?? defaultMask },
      unlink: { keyword: "streamlocalbindunlink", value: client.streamLocalBindUnlink ? "yes" : "no" },
      layer: "client",
    }),
  };
}

/** May a SOCKS visitor of this forward have this target? Undefined: yes. Only -D asks the server; -R with SOCKS dials at home. */
export function socksRefusal(input: ModelInput, target: { host: string; port: number }): ModelRefusal | undefined {
  const asked = { ...input, request: { ...input.request, target } };
  if (input.request.kind !== "dynamic") return targetRefusal(asked, "client");
  return passGates(input, target).refusal ?? targetRefusal(asked, "server") ?? sshdDial(asked).refusal;
}

function sshdDial({ request: { target }, settings, account, server }: ModelInput): DialOutcome {
  if (!target) return {};
  const addresses = resolveName(server.host, target.host, familyOf(settingFor(settings, "addressfamily").value));
  return dialOutcome(server.firewall, {
    addresses: addresses.map(dialled),
    port: target.port,
    account: account.name,
    own: server.host.addresses,
  });
}

/** ssh's own reasons. `-R port` came with OpenSSH 7.6. */
function clientRefusal({ client, request, version }: ModelInput): ModelRefusal | undefined {
  if (client.clearAllForwardings) {
    return {
      layer: "client",
      text: {
        en: "ClearAllForwardings=yes makes ssh itself drop every forward.",
        ja: "ClearAllForwardings=yes により、ssh 自身がすべての転送を取り消します。",
      },
    };
  }
  const own = version?.client;
  if (request.kind === "remote-dynamic" && own && (own.major < 7 || (own.major === 7 && own.minor < 6))) {
    return {
      layer: "client",
      text: {
        en: `A client of OpenSSH ${own.major}.${own.minor} does not support -R with only a port (remote SOCKS: 7.6 and newer).`,
        ja: `OpenSSH ${own.major}.${own.minor} のクライアントは、ポートだけの -R(リモート SOCKS、7.6 以降)に対応していません。`,
      },
    };
  }
  return undefined;
}

/** A target that the dialling end cannot even resolve within its AddressFamily; the listener stands all the same. */
function targetRefusal({ request, settings, client, server }: ModelInput, dialler: "client" | "server"): ModelRefusal | undefined {
  const { target } = request;
  if (!target) return undefined;
  const source = dialler === "server" ? settingFor(settings, "addressfamily") : undefined;
  const family = source ? familyOf(source.value) : (client.family ?? "any");
  if (family === "any") return undefined;
  const host = dialler === "server" ? server.host : client.host;
  if (resolveName(host, target.host, family).length > 0) return undefined;
  // A name that is not known here may be known there.
  if (!isNumber(target.host) && resolveName(host, target.host, "any").length === 0) return undefined;
  const version = family === "inet" ? "IPv4" : "IPv6";
  const layer = dialler === "server" ? "sshd-policy" : "client";
  return {
    layer,
    text: {
      en: `AddressFamily ${family} leaves only ${version}, and ${target.host} has no such address: no connection is made.`,
      ja: `AddressFamily ${family} では ${version} しか使えず、${target.host} にはそのアドレスがないので、接続されません。`,
    },
    ...(source ? { source } : {}),
  };
}

function acceptedInVain({ layer, text: reason }: ModelRefusal): Sentence {
  if (layer === "server-firewall")
    return {
      en: `${reason.en} The listener exists anyway: visitors are accepted, and get no answer.`,
      ja: `${reason.ja}それでも待ち受けは開いたままで、訪問者は受け付けられますが、応答は得られません。`,
    };
  return {
    en: `${reason.en} The listener exists anyway: visitors are accepted, then disconnected at once.`,
    ja: `${reason.ja}それでも待ち受けは開いたままで、接続は受け付けられた直後に切断されます。`,
  };
}

function dialsOf({ request }: ModelInput, by: "client" | "server"): Prediction["dials"] {
  if (request.targetPath !== undefined) return { by, path: request.targetPath };
  return request.target ? { by, ...request.target } : { by, socks: true };
}

/** Source: OpenSSH `channels.c` `channel_rfwd_bind_host`. */
function wireSaid(bind: string | undefined, wire: string): Sentence {
  if (bind === undefined) {
    return {
      en: "No bind address was given: ssh asks the server for `localhost`.",
      ja: "アドレスの指定がないので、ssh はサーバーに「localhost」を要求します。",
    };
  }
  if (wire === "") {
    return {
      en:
        bind === ""
          ? "The leading colon asks the server for the empty address: everywhere."
          : "`*` asks the server for the empty address: everywhere.",
      ja: bind === "" ? "先頭のコロンは、空のアドレス(すべて)を要求します。" : "「*」は、空のアドレス(すべて)を要求します。",
    };
  }
  return { en: `ssh asks the server for \`${wire}\`, as typed.`, ja: `ssh は、書かれたとおり「${wire}」をサーバーに要求します。` };
}

function familyOf(value: string): AddressFamily {
  return value === "inet" || value === "inet6" ? value : "any";
}
