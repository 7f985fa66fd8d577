/** What on the server may refuse a forward before any socket is made: settings and key options, which are and-ed. */

import { quoted } from "./bind-spec.ts";
import { type ForwardRequest, type ModelInput, type SshRules, settingFor } from "./model-input.ts";
import { permitsOpening } from "./permit-open.ts";
import { formatSource, type ModelRefusal, type Step } from "./prediction.ts";
import type { Sentence } from "./sentence.ts";

/** Refusal by one gate, or the sentence that says it was passed. */
export type Gate = { refusal: ModelRefusal } | { step: Step };

/**
 * The gates in the order in which sshd asks them; ends at the first that refuses. AllowTcpForwarding, DisableForwarding and the key's
 * no-port-forwarding are one condition there, and nobody can tell which of them refused: here the server's own settings are named first.
 * Source: OpenSSH `serverloop.c` `server_input_global_request` and `server_request_direct_tcpip`, `channels.c` `check_rfwd_permission`.
 */
export function passGates(gates: readonly (() => Gate)[]): { steps: Step[]; refusal?: ModelRefusal } {
  const steps: Step[] = [];
  for (const gate of gates) {
    const answer = gate();
    if ("refusal" in answer) return { steps, refusal: answer.refusal };
    steps.push(answer.step);
  }
  return { steps };
}

export function remoteGates(input: ModelInput, rules: SshRules, wire: string): (() => Gate)[] {
  return [
    () => tcpForwarding(input, "remote"),
    () => disableForwarding(input),
    () => keyForwarding(input, rules),
    () => permitListen(input, rules, wire),
    () => keyPermitListen(input, rules, wire),
  ];
}

/** @param target undefined: not known yet (SOCKS) */
export function localGates(input: ModelInput, rules: SshRules, target: { host: string; port: number } | undefined): (() => Gate)[] {
  return [
    () => tcpForwarding(input, "local"),
    () => disableForwarding(input),
    () => keyForwarding(input, rules),
    () => permitOpen(input, target),
    () => keyPermitOpen(input, rules, target),
  ];
}

function tcpForwarding({ settings }: ModelInput, direction: "remote" | "local"): Gate {
  const source = settingFor(settings, "allowtcpforwarding");
  const option = direction === "remote" ? "-R" : "-L / -D";
  if (source.value === "yes" || source.value === direction) {
    return passed("sshd-policy", source, {
      en: `AllowTcpForwarding ${source.value}${formatSource(source)} lets ${option} pass.`,
      ja: `AllowTcpForwarding ${source.value}${formatSource(source)} は ${option} を許します。`,
    });
  }
  return refused("sshd-policy", source, {
    en: `AllowTcpForwarding ${source.value}${formatSource(source)} refuses ${option}.`,
    ja: `AllowTcpForwarding ${source.value}${formatSource(source)} が ${option} を拒みます。`,
  });
}

export function keyForwarding({ key }: ModelInput, rules: SshRules): Gate {
  const { allowed, by } = rules.keyAllowsForwarding(key.options);
  const source = keySource(key, by ?? "options");
  if (allowed) {
    return passed("key-options", key.options === "" ? undefined : source, {
      en: key.options === "" ? "The key has no options that forbid it." : `The key's options${formatSource(source)} do not forbid it.`,
      ja: key.options === "" ? "鍵に禁止するオプションはありません。" : `鍵のオプション${formatSource(source)}は禁止していません。`,
    });
  }
  return refused("key-options", source, {
    en: `The key option ${by}${formatSource(source)} refuses every port forward.`,
    ja: `鍵のオプション ${by}${formatSource(source)} がすべてのポート転送を拒みます。`,
  });
}

export function disableForwarding({ settings }: ModelInput): Gate {
  const source = settingFor(settings, "disableforwarding");
  if (source.value !== "yes") {
    return passed("sshd-policy", source, {
      en: `DisableForwarding ${source.value}${formatSource(source)}.`,
      ja: `DisableForwarding ${source.value}${formatSource(source)} です。`,
    });
  }
  return refused("sshd-policy", source, {
    en: `DisableForwarding yes${formatSource(source)} refuses every forward, whatever AllowTcpForwarding says.`,
    ja: `DisableForwarding yes${formatSource(source)} は、AllowTcpForwarding の値にかかわらずすべての転送を拒みます。`,
  });
}

function permitListen({ settings, request }: ModelInput, rules: SshRules, wire: string): Gate {
  const source = settingFor(settings, "permitlisten");
  const asked = askedFor(request, wire);
  if (rules.permitsListening(source.value.split(/\s+/), wire, request.listenPort)) {
    return passed("sshd-policy", source, {
      en: `PermitListen ${source.value}${formatSource(source)} allows ${asked.en}.`,
      ja: `PermitListen ${source.value}${formatSource(source)} は${asked.ja}を許します。`,
    });
  }
  return refused("sshd-policy", source, {
    en: `PermitListen ${source.value}${formatSource(source)} does not allow ${asked.en}; it compares the string that was asked for.`,
    ja: `PermitListen ${source.value}${formatSource(source)} は${asked.ja}を許しません。求められた文字列そのものを比べます。`,
  });
}

function keyPermitListen({ key, request }: ModelInput, rules: SshRules, wire: string): Gate {
  const values = rules.keyOptionValues(key.options, "permitlisten");
  const source = keySource(key, "permitlisten");
  const asked = askedFor(request, wire);
  if (values.length === 0)
    return passed("key-options", undefined, { en: "The key has no permitlisten.", ja: "鍵に permitlisten はありません。" });
  const option = values.map((value) => `permitlisten="${value}"`).join(",");
  if (rules.permitsListening(values, wire, request.listenPort)) {
    return passed("key-options", source, {
      en: `The key option ${option}${formatSource(source)} allows ${asked.en}.`,
      ja: `鍵のオプション ${option}${formatSource(source)} は${asked.ja}を許します。`,
    });
  }
  return refused("key-options", source, {
    en: `The key option ${option}${formatSource(source)} does not allow ${asked.en}; both sshd_config and the key must.`,
    ja: `鍵のオプション ${option}${formatSource(source)} は${asked.ja}を許しません。sshd_config と鍵の両方の許可が必要です。`,
  });
}

function permitOpen({ settings }: ModelInput, target: { host: string; port: number } | undefined): Gate {
  const source = settingFor(settings, "permitopen");
  const asked = target ? text(`${target.host}:${target.port}`) : anyTarget;
  if (!target || permitsOpening(source.value.split(/\s+/), target)) {
    const limits = !target && source.value !== "any";
    return passed("sshd-policy", source, {
      en: limits
        ? `PermitOpen ${source.value}${formatSource(source)} limits what SOCKS may ask for.`
        : `PermitOpen ${source.value}${formatSource(source)} allows ${asked.en}.`,
      ja: limits
        ? `PermitOpen ${source.value}${formatSource(source)} が SOCKS の行き先を制限します。`
        : `PermitOpen ${source.value}${formatSource(source)} は${asked.ja}を許します。`,
    });
  }
  return refused("sshd-policy", source, {
    en: `PermitOpen ${source.value}${formatSource(source)} does not allow ${asked.en}; it compares the string, not the address.`,
    ja: `PermitOpen ${source.value}${formatSource(source)} は ${asked.ja} を許しません。アドレスではなく文字列を比べます。`,
  });
}

function keyPermitOpen({ key }: ModelInput, rules: SshRules, target: { host: string; port: number } | undefined): Gate {
  const values = rules.keyOptionValues(key.options, "permitopen");
  const source = keySource(key, "permitopen");
  if (values.length === 0)
    return passed("key-options", undefined, { en: "The key has no permitopen.", ja: "鍵に permitopen はありません。" });
  const option = values.map((value) => `permitopen="${value}"`).join(",");
  if (!target || permitsOpening(values, target)) {
    return passed("key-options", source, {
      en: `The key option ${option}${formatSource(source)} ${target ? `allows ${target.host}:${target.port}` : "limits what SOCKS may ask for"}.`,
      ja: `鍵のオプション ${option}${formatSource(source)} ${target ? `は ${target.host}:${target.port} を許します` : "が SOCKS の行き先を制限します"}。`,
    });
  }
  return refused("key-options", source, {
    en: `The key option ${option}${formatSource(source)} does not allow ${target.host}:${target.port}.`,
    ja: `鍵のオプション ${option}${formatSource(source)} は ${target.host}:${target.port} を許しません。`,
  });
}

const anyTarget: Sentence = { en: "any target", ja: "どの行き先でも" };

function text(text: string): Sentence {
  return { en: text, ja: text };
}

function askedFor(request: ForwardRequest, wire: string): Sentence {
  const address = quoted(wire);
  return { en: `${address.en}, port ${request.listenPort}`, ja: `${address.ja}・ポート ${request.listenPort} ` };
}

export function keySource(key: ModelInput["key"], keyword: string): NonNullable<ModelRefusal["source"]> {
  return {
    keyword,
    value: key.options,
    ...(key.file === undefined ? {} : { file: key.file }),
    ...(key.line === undefined ? {} : { line: key.line }),
  };
}

export function passed(layer: Step["layer"], source: Step["source"], sentence: Sentence): Gate {
  return { step: { layer, text: sentence, ...(source ? { source } : {}) } };
}

export function refused(layer: "sshd-policy" | "key-options", source: NonNullable<Step["source"]>, sentence: Sentence): Gate {
  return { refusal: { layer, text: sentence, source } };
}
