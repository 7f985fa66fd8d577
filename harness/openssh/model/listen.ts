/** One socket for each address; a forward stands when at least one of them does. Source: OpenSSH `channels.c` `channel_setup_fwd_listener_tcpip`. */

import type { SettingSource } from "../../core/forward-outcome.ts";
import { type BindSpec, candidates } from "./bind-spec.ts";
import { type BindError, bindError } from "./kernel-bind.ts";
import type { AddressFamily, HostFacts } from "./model-input.ts";
import { formatListener, formatSource, type ModelListener, type ModelRefusal, type Step } from "./prediction.ts";
import { isNumber } from "./resolve.ts";
import { listed, type Sentence } from "./sentence.ts";

export interface ListenRequest {
  bind: BindSpec;
  port: number;
  host: HostFacts;
  root: boolean;
  family: AddressFamily;
  /** Layer that a failure counts for: the server's bind address, or the client. */
  layer: "bind-address" | "client";
  /** Where AddressFamily stands; -L and -D: ssh's own option. */
  familySource?: SettingSource;
}

const reasons: Record<BindError, (address: string, port: number) => Sentence> = {
  "not-local": (address) => ({
    en: `no interface of this host has ${address}`,
    ja: `このホストのどのインターフェースにも ${address} がありません`,
  }),
  privileged: (_, port) => ({
    en: `port ${port} is below 1024, which only root may bind`,
    ja: `ポート ${port} は 1024 未満なので root しか使えません`,
  }),
  taken: (address, port) => ({
    en: `something else listens on ${formatListener({ address, port })}`,
    ja: `${formatListener({ address, port })} はすでに使用中です`,
  }),
  invalid: (address) => ({ en: `a socket cannot be bound to ${address}`, ja: `${address} にはソケットを割り当てられません` }),
};

/** Sockets that stand, and what was learned on the way. */
export function listen(request: ListenRequest): { listeners: ModelListener[]; refusedBy?: ModelRefusal; steps: Step[] } {
  const { bind, port, host, root, family, layer, familySource } = request;
  const found = candidates(bind, family, host);
  const steps: Step[] = [];
  if (family !== "any") steps.push({ layer, text: onlyFamily(family, formatSource(familySource)), source: familySource });
  if (found.length === 0) {
    const name = bind.kind === "address" ? bind.name : "";
    const otherFamily = family !== "any" && candidates(bind, "any", host).length > 0;
    const text = otherFamily ? wrongFamily(name, family) : unknownName(name);
    return { listeners: [], refusedBy: { layer, text, ...(otherFamily && familySource ? { source: familySource } : {}) }, steps };
  }
  const tried = found.map((each) => ({ ...each, error: bindError(host, each, port, root) }));
  const listeners = tried
    .filter(({ error }) => error === undefined)
    .map(({ address, family: own }): ModelListener => ({ address, port, family: own }))
    .sort((one, other) => (formatListener(one) < formatListener(other) ? -1 : 1));
  const failed = tried.flatMap(({ address, error }) => (error ? [reasons[error](address, port)] : []));
  if (listeners.length === 0) {
    const [first] = failed as [Sentence];
    return { listeners, refusedBy: { layer, text: { en: `${capital(first.en)}.`, ja: `${first.ja}。` } }, steps };
  }
  for (const each of failed) steps.push({ layer, text: partly(each, listeners) });
  return { listeners, steps };
}

function onlyFamily(family: AddressFamily, where: string): Sentence {
  const version = family === "inet" ? "IPv4" : "IPv6";
  return {
    en: `AddressFamily ${family}${where} leaves only ${version}.`,
    ja: `AddressFamily ${family}${where} により ${version} だけが残ります。`,
  };
}

function wrongFamily(name: string, family: AddressFamily): Sentence {
  const version = family === "inet" ? "IPv4" : "IPv6";
  return isNumber(name)
    ? {
        en: `${name} is not an ${version} address, so nothing can be bound.`,
        ja: `${name} は ${version} アドレスではないので、待ち受けられません。`,
      }
    : {
        en: `${name} has no ${version} address, so nothing can be bound.`,
        ja: `${name} には ${version} アドレスがないので、待ち受けられません。`,
      };
}

function unknownName(name: string): Sentence {
  return {
    en: `The name ${name} does not resolve there, so nothing can be bound.`,
    ja: `${name} という名前が解決できないので、待ち受けられません。`,
  };
}

function partly(reason: Sentence, listeners: readonly ModelListener[]): Sentence {
  const left = listed(listeners.map(formatListener));
  return {
    en: `${capital(reason.en)}; ${left.en} alone still counts as success.`,
    ja: `${reason.ja}が、${left.ja} だけでも成功とみなされます。`,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
