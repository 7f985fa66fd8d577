/** Typical mistakes, told from the question and the model's answer. */

import { isLoopback } from "../../core/address.ts";
import { settingFor } from "../forwarding-settings.ts";
import type { ModelInput } from "./model-input.ts";
import { formatListener, formatSource, type Prediction } from "./prediction.ts";
import { dialledNumber } from "./resolve.ts";
import { type Hint, listed } from "./sentence.ts";
import { socketHints } from "./socket-hints.ts";

/** Options of ssh that are typed beside the forward. */
export interface Typed {
  background: boolean;
  exitOnForwardFailure: boolean;
}

/** Linux's default `ip_local_port_range`. */
const ephemeral = { first: 32768, last: 60999 };

export function hintsFor(input: ModelInput, text: Prediction, typed: Typed): Hint[] {
  const ports = text.listensOn === "server" ? remoteHints : localHints;
  const found = input.request.listenPath === undefined ? ports(input, text) : [];
  return [...found, ...socketHints(input, text), ...commonHints(input, text, typed)];
}

function remoteHints(input: ModelInput, text: Prediction): Hint[] {
  const permit = text.refusedBy?.source?.keyword === "permitlisten" ? permitListenHints(input, text) : [];
  return [...bindHints(input, text), ...requestHints(input), ...permit, ...privilegedPortHints(input, text)];
}

/** Where the listener is bound, against what was asked for. */
function bindHints({ request, settings }: ModelInput, text: Prediction): Hint[] {
  const hints: Hint[] = [];
  const add = (id: string, en: string, ja: string) => hints.push({ id, text: { en, ja } });
  const gatewayPorts = settingFor(settings, "gatewayports");
  const mode = `GatewayPorts ${gatewayPorts.value}${formatSource(gatewayPorts)}`;
  const loopbackOnly = text.granted && text.listeners.every(({ address }) => isLoopback(address));
  const asked = request.bind;
  const askedLoopback = asked === undefined || asked === "localhost" || isLoopback(asked);
  const colon = `-R :${request.listenPort}${request.target ? `:${bracketed(request.target.host)}:${request.target.port}` : ""}`;

  if (loopbackOnly && asked === undefined) hints.push(loopbackOnlyHint(colon, gatewayPorts.value === "clientspecified"));
  if (loopbackOnly && !askedLoopback)
    add(
      "ignored-address",
      `${asked === "" ? "The colon" : `The address ${asked}`} is ignored without a warning, because of ${mode}; ssh reports success. This needs GatewayPorts clientspecified on the server.`,
      `${mode} のため、${asked === "" ? "コロン" : `アドレス ${asked}`} は警告なしに無視され、ssh は成功と報告します。サーバー側に GatewayPorts clientspecified が必要です。`,
    );
  if (text.granted && gatewayPorts.value === "yes" && askedLoopback)
    add(
      "yes-exposes",
      `${mode} opens it on all addresses although loopback was requested; with clientspecified the client could choose.`,
      `ループバックを要求しても、${mode} のためすべてのアドレスで開きます。clientspecified ならクライアントが選べます。`,
    );
  if (text.granted && text.listeners.length === 1 && (asked === "0.0.0.0" || asked === "::") && !loopbackOnly)
    add(
      "one-family",
      `${asked} is ${asked === "0.0.0.0" ? "IPv4" : "IPv6"} only; the leading colon (${colon}) listens on both.`,
      `${asked} は ${asked === "0.0.0.0" ? "IPv4" : "IPv6"} だけです。先頭のコロン(${colon})なら両方で待ち受けます。`,
    );
  return hints;
}

/** @param colon the same forward with a leading colon */
function loopbackOnlyHint(colon: string, clientMayChoose: boolean): Hint {
  return clientMayChoose
    ? {
        id: "missing-colon",
        text: {
          en: `Only processes on the server reach this. The leading colon is missing: ${colon} listens on all addresses.`,
          ja: `到達できるのはサーバー上のプロセスだけです。先頭のコロンがありません。${colon} ならすべてのアドレスで待ち受けます。`,
        },
      }
    : {
        id: "loopback-only",
        text: {
          en: `Only processes on the server reach this. Others need both: ${colon}, and GatewayPorts clientspecified on the server.`,
          ja: `到達できるのはサーバー上のプロセスだけです。外から使うには ${colon} と、サーバーの GatewayPorts clientspecified の両方が必要です。`,
        },
      };
}

/** What the command line itself gets wrong, whatever the server answers. */
function requestHints({ request, client }: ModelInput): Hint[] {
  const hints: Hint[] = [];
  const add = (id: string, en: string, ja: string) => hints.push({ id, text: { en, ja } });
  if (client.gatewayPorts)
    add(
      "g-is-for-local",
      "-g (the client's GatewayPorts) is for -L and -D; it changes nothing for -R.",
      "-g(クライアントの GatewayPorts)は -L と -D のためのもので、-R には効きません。",
    );
  if (request.bind === "*")
    add(
      "quote-star",
      "Quote the star ('*:…'): a shell may replace it with file names.",
      "「*」は引用符で囲んでください('*:…')。シェルがファイル名に置き換えることがあります。",
    );
  if (request.kind === "remote-dynamic")
    add(
      "remote-socks",
      "Without a target this is a SOCKS proxy on the server whose connections come from the client's network: anyone who reaches the port reaches that whole network.",
      "転送先がないので、サーバー上の SOCKS プロキシになります。出口はクライアント側のネットワークで、このポートに接続できる人は、その全体に接続できます。",
    );
  return hints;
}

function privilegedPortHints({ request, account }: ModelInput, { refusedBy }: Prediction): Hint[] {
  if (refusedBy?.layer !== "bind-address" || request.listenPort === 0 || request.listenPort >= 1024 || account.root) return [];
  return [
    {
      id: "privileged-port",
      text: {
        en: `Use a port from 1024 upwards, and redirect ${request.listenPort} to it with a proxy or a firewall rule; do not log in as root for this.`,
        ja: `1024 以上のポートを使い、${request.listenPort} への接続はリバースプロキシかファイアウォールの転送でそのポートへ送ってください。root でのログインは勧めません。`,
      },
    },
  ];
}

/** The string decides: what ssh sent, beside what the list says. */
function permitListenHints({ request }: ModelInput, { wire = "", refusedBy }: Prediction): Hint[] {
  const value = refusedBy?.source?.value ?? "";
  // A list without the port refuses every address.
  const ports = [...value.matchAll(/(?:^|[\s":])(\d+|\*)(?=[\s"]|$)/g)].map(([, port]) => port);
  if (!ports.includes("*") && !ports.includes(String(request.listenPort))) return [];
  const shown = wire === "" ? { en: "an empty address", ja: "空のアドレス" } : { en: wire, ja: wire };
  const hints: Hint[] = [];
  if (/[A-Z]/.test(value.replace(/[a-z]+=/g, "")) && /[A-Z]/.test(value))
    hints.push({
      id: "permitlisten-case",
      text: {
        en: "A host in upper case never matches: sshd compares the request in lower case.",
        ja: "大文字のホスト名は決して一致しません。sshd は要求を小文字にして比較します。",
      },
    });
  hints.push({
    id: "permitlisten-string",
    text: {
      en: `PermitListen compares strings, and ssh sent ${shown.en}: localhost, 127.0.0.1, 0.0.0.0 and the empty address are four different strings. A bare port (PermitListen 43234) allows all of them; leave the choice of address to GatewayPorts.`,
      ja: `PermitListen は文字列を比較し、ssh が送ったのは${shown.ja}です。localhost・127.0.0.1・0.0.0.0・空のアドレスは4 つの別の文字列です。ポートだけ(PermitListen 43234)ならどれも許可するので、アドレスの制限は GatewayPorts に任せます。`,
    },
  });
  return hints;
}

function localHints(input: ModelInput, text: Prediction): Hint[] {
  const { request, settings } = input;
  const hints: Hint[] = [];
  const add = (id: string, en: string, ja: string) => hints.push({ id, text: { en, ja } });
  if (text.granted && text.listeners.every(({ address }) => isLoopback(address)) && request.bind === undefined)
    add(
      "local-loopback",
      "Only this client itself reaches the listener; -g, or a leading colon, opens it to the client's network.",
      "待ち受けに接続できるのはこのクライアント自身だけです。-g か先頭のコロンで、クライアントのネットワークに開きます。",
    );
  if (request.target && isLocalName(request.target.host))
    add(
      "whose-localhost",
      `${request.target.host} is the server itself: the server resolves the name and makes the connection.`,
      `${request.target.host} はサーバー自身を指します。接続するのも名前を解決するのもサーバーです。`,
    );
  if (settingFor(settings, "gatewayports").file !== undefined)
    add(
      "server-gatewayports",
      "GatewayPorts in the server's config is for -R; the listener of -L or -D is on the client.",
      "サーバー設定の GatewayPorts は -R のためのものです。-L や -D の待ち受けはクライアント側です。",
    );
  if (text.closedBy?.source?.keyword === "permitopen")
    add(
      "permitopen-string",
      "PermitOpen compares strings and resolves nothing: localhost:22 is not 127.0.0.1:22.",
      "PermitOpen は名前解決をせずに文字列を比較します。localhost:22 と 127.0.0.1:22 は別物です。",
    );
  if (request.listenPort < 1024 && text.refusedBy)
    add("privileged-port", "Use a port from 1024 upwards on the client.", "クライアント側では 1024 以上のポートを使ってください。");
  return hints;
}

function commonHints({ request, client }: ModelInput, text: Prediction, typed: Typed): Hint[] {
  const hints: Hint[] = [];
  const add = (id: string, en: string, ja: string) => hints.push({ id, text: { en, ja } });
  if (text.listensOn === "server" && request.target && isLocalName(request.target.host))
    add(
      "whose-localhost",
      `${request.target.host} is the client itself: ssh connects from there, and the service sees every visitor as coming from its own loopback.`,
      `${request.target.host} はクライアント自身を指します。接続するのは ssh なので、サービスからは、すべての接続が自身のループバックからのものに見えます。`,
    );
  // What ssh itself drops it does not ask for: there is nothing to warn of.
  if (!text.granted && !typed.exitOnForwardFailure && !client.clearAllForwardings)
    add(
      typed.background ? "f-hides-refusal" : "refusal-is-a-warning",
      `ssh only prints a warning${typed.background ? " (with -f, not even that)" : ""} and stays connected without the forward; -o ExitOnForwardFailure=yes makes it exit.`,
      `ssh は警告するだけで${typed.background ? "(-f ではそれも見えず)" : ""}、転送なしで動き続けます。-o ExitOnForwardFailure=yes なら終了します。`,
    );
  if (text.granted && text.listeners.length === 2 && request.listenPort >= ephemeral.first && request.listenPort <= ephemeral.last)
    add(
      "ephemeral-port",
      `Port ${request.listenPort} is in Linux's range for outgoing connections (${ephemeral.first}-${ephemeral.last}): if one holds it, only the other family listens, and ssh still reports success.`,
      `ポート ${request.listenPort} は Linux が外向き接続に使う範囲(${ephemeral.first}-${ephemeral.last})にあります。使用中だと片方のファミリーだけで待ち受け、それでも ssh は成功と報告します。`,
    );
  if (text.granted && text.listeners.length === 1 && request.bind === undefined) {
    const left = listed(text.listeners.map(formatListener));
    add(
      "one-socket",
      `Only ${left.en} listens; visitors of the other family are refused.`,
      `待ち受けは ${left.ja} だけで、もう一方のファミリーの接続は拒否されます。`,
    );
  }
  return hints;
}

function isLocalName(host: string): boolean {
  return isLoopback(dialledNumber(host) ?? host) || host.toLowerCase() === "localhost";
}

function bracketed(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
