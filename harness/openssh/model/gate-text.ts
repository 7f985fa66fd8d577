/** What the model says of each gate. */
import type { GateCode } from "../../core/forward-outcome.ts";
import type { Gate } from "../gates.ts";
import { settingText } from "../sshd-keywords.ts";
import { quoted } from "./bind-spec.ts";
import { formatSource } from "./prediction.ts";
import type { Sentence } from "./sentence.ts";

/** Why the gate lets the forward pass, or does not. */
export function gateText(gate: Gate): Sentence {
  return texts[gate.code](gate);
}

const texts: Record<GateCode, (gate: Gate) => Sentence> = {
  "allow-tcp-forwarding": (gate) => {
    const { direction, socket } = gate.params;
    const what = direction === "remote" ? "-R" : "-L / -D";
    if (socket)
      return gate.allows
        ? {
            en: `${named(gate)}: applies to sockets too, and allows this direction.`,
            ja: `${named(gate)} です。これはソケットにも効き、この向きを許可します。`,
          }
        : {
            en: `${named(gate)} refuses sockets in this direction too, despite its name.`,
            ja: `${named(gate)} は、名前は TCP でも、この向きのソケットも拒みます。`,
          };
    return gate.allows
      ? { en: `${named(gate)} allows ${what}.`, ja: `${named(gate)} は ${what} を許可します。` }
      : { en: `${named(gate)} refuses ${what}.`, ja: `${named(gate)} が ${what} を拒否します。` };
  },
  "allow-stream-local-forwarding": (gate) => {
    const what =
      gate.params.direction === "remote"
        ? { en: "a socket to listen on (-R)", ja: "ソケットでの待ち受け(-R)" }
        : { en: "a socket as target (-L)", ja: "ソケットへの接続(-L)" };
    return gate.allows
      ? { en: `${named(gate)} allows ${what.en}.`, ja: `${named(gate)} は${what.ja}を許可します。` }
      : { en: `${named(gate)} refuses ${what.en}.`, ja: `${named(gate)} が${what.ja}を拒否します。` };
  },
  "disable-forwarding": (gate) =>
    gate.allows
      ? { en: `${named(gate)}.`, ja: `${named(gate)} です。` }
      : {
          en: `${named(gate)} refuses every forward, whatever AllowTcpForwarding says.`,
          ja: `${named(gate)} は、AllowTcpForwarding の値にかかわらずすべての転送を拒否します。`,
        },
  "key-no-forwarding": (gate) => {
    const where = formatSource(gate.source);
    if (!gate.allows)
      return {
        en: `The key option ${named(gate)} refuses every port forward.`,
        ja: `鍵のオプション ${named(gate)} がすべてのポート転送を拒否します。`,
      };
    return gate.source === undefined
      ? { en: "The key has no options that forbid it.", ja: "鍵に禁止するオプションはありません。" }
      : { en: `The key's options${where} do not forbid it.`, ja: `鍵のオプション${where}は禁止していません。` };
  },
  "certificate-no-forwarding": (gate) =>
    gate.allows
      ? { en: `The certificate has ${named(gate)}.`, ja: `証明書には ${named(gate)} があります。` }
      : {
          en: `The certificate lacks ${named(gate)}, and no line of the server can give it back.`,
          ja: `証明書に ${named(gate)} がありません。サーバーのどの行でも補えません。`,
        },
  "permit-listen": (gate) => {
    const asked = listenerOf(gate);
    return gate.allows
      ? { en: `${named(gate)} allows ${asked.en}.`, ja: `${named(gate)} は${asked.ja}を許可します。` }
      : {
          en: `${named(gate)} does not allow ${asked.en}; it compares the requested string.`,
          ja: `${named(gate)} は${asked.ja}を許可しません。要求された文字列そのものと比較します。`,
        };
  },
  "key-permit-listen": (gate) => {
    if (gate.source === undefined) return { en: "The key has no permitlisten.", ja: "鍵に permitlisten はありません。" };
    const asked = listenerOf(gate);
    return gate.allows
      ? { en: `The key option ${named(gate)} allows ${asked.en}.`, ja: `鍵のオプション ${named(gate)} は${asked.ja}を許可します。` }
      : {
          en: `The key option ${named(gate)} does not allow ${asked.en}; both sshd_config and the key must.`,
          ja: `鍵のオプション ${named(gate)} は${asked.ja}を許可しません。sshd_config と鍵の両方の許可が必要です。`,
        };
  },
  "permit-open": (gate) => {
    const target = targetOf(gate);
    if (target === undefined && gate.source?.value !== "any")
      return { en: `${named(gate)} limits what SOCKS may ask for.`, ja: `${named(gate)} が SOCKS の接続先を制限します。` };
    if (gate.allows)
      return target === undefined
        ? { en: `${named(gate)} allows any target.`, ja: `${named(gate)} はすべての接続先を許可します。` }
        : { en: `${named(gate)} allows ${target}.`, ja: `${named(gate)} は ${target} を許可します。` };
    return gate.params.path === undefined
      ? {
          en: `${named(gate)} does not allow ${target}; it compares the string, not the address.`,
          ja: `${named(gate)} は ${target} を許可しません。アドレスではなく文字列として比較します。`,
        }
      : {
          en: `${named(gate)} does not allow ${target}: only an entry for every port does, such as \`*:*\`.`,
          ja: `${named(gate)} は ${target} を許可しません。許可するのは「*:*」のように、全ポートを対象とする項目だけです。`,
        };
  },
  "key-permit-open": (gate) => {
    const target = targetOf(gate);
    if (gate.source === undefined) return { en: "The key has no permitopen.", ja: "鍵に permitopen はありません。" };
    if (!gate.allows)
      return {
        en: `The key option ${named(gate)} does not allow ${target}; both sshd_config and the key must.`,
        ja: `鍵のオプション ${named(gate)} は ${target} を許可しません。sshd_config と鍵の両方の許可が必要です。`,
      };
    return target === undefined
      ? {
          en: `The key option ${named(gate)} limits what SOCKS may ask for.`,
          ja: `鍵のオプション ${named(gate)} が SOCKS の接続先を制限します。`,
        }
      : { en: `The key option ${named(gate)} allows ${target}.`, ja: `鍵のオプション ${named(gate)} は ${target} を許可します。` };
  },
};

/** `PermitListen none (sshd_config:3)`, `permitlisten="80" (alice.keys:1)`. */
function named({ source }: Gate): string {
  if (source === undefined) return "";
  return `${settingText(source)}${formatSource(source)}`;
}

function listenerOf({ params }: Gate): Sentence {
  const address = quoted(String(params.address));
  return params.port === 0
    ? { en: `${address.en} with any port`, ja: `${address.ja}・任意のポート` }
    : { en: `${address.en}, port ${params.port}`, ja: `${address.ja}・ポート ${params.port} ` };
}

function targetOf({ params }: Gate): string | undefined {
  if (params.path !== undefined) return String(params.path);
  return params.host === undefined ? undefined : `${params.host}:${params.port}`;
}
