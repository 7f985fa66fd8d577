/**
 * From the bind address that was asked for to the addresses that OpenSSH tries to bind.
 * Source of all of it: OpenSSH `channels.c` `channel_fwd_bind_addr` and `channel_setup_fwd_listener_tcpip`; the same from 8.4 to 10.6.
 */
import type { AddressFamily, HostFacts, Version } from "./model-input.ts";
import { type Resolved, resolveLoopback, resolveName, resolveWildcard } from "./resolve.ts";
import type { Sentence } from "./sentence.ts";

export type BindSpec = { kind: "loopback" } | { kind: "wildcard" } | { kind: "address"; name: string };

/** What sshd makes of the string in the request, with the reason. */
export function serverBindSpec(wire: string, gatewayPorts: string, client: Version | undefined): { bind: BindSpec; text: Sentence } {
  const asked = quoted(wire);
  if (gatewayPorts === "yes") {
    return {
      bind: { kind: "wildcard" },
      text: {
        en: `GatewayPorts yes puts every remote forward on all addresses, whatever was requested (here ${asked.en}).`,
        ja: `GatewayPorts yes では、何を要求しても(ここでは${asked.ja})リモート転送はすべてのアドレスで待ち受けます。`,
      },
    };
  }
  if (gatewayPorts !== "clientspecified") {
    if (wire === "127.0.0.1" || wire === "::1") {
      return {
        bind: { kind: "address", name: wire },
        text: {
          en: `GatewayPorts no allows loopback only; ${wire} is loopback, so exactly this address is used.`,
          ja: `GatewayPorts no ではループバックだけが許可されます。${wire} はループバックなので、そのアドレスだけを使います。`,
        },
      };
    }
    if (wire === "localhost") {
      return {
        bind: { kind: "loopback" },
        text: {
          en: "GatewayPorts no puts every remote forward on loopback, which is what `localhost` asks for.",
          ja: "GatewayPorts no ではリモート転送は必ずループバックで待ち受けます。「localhost」の要求どおりです。",
        },
      };
    }
    return {
      bind: { kind: "loopback" },
      text: {
        en: `GatewayPorts no puts every remote forward on loopback; ${asked.en} is silently ignored.`,
        ja: `GatewayPorts no ではリモート転送は必ずループバックで待ち受けます。${asked.ja}という指定は警告なしに無視されます。`,
      },
    };
  }
  // OpenSSH 3 and older clients say 0.0.0.0 for "everywhere" (compat.c, SSH_OLD_FORWARD_ADDR).
  if (wire === "" || wire === "*" || (wire === "0.0.0.0" && client !== undefined && client.major <= 3)) {
    return {
      bind: { kind: "wildcard" },
      text: {
        en: `GatewayPorts clientspecified honours the client's request: ${asked.en} means all addresses of both families.`,
        ja: `GatewayPorts clientspecified ではクライアントの指定に従います。${asked.ja}は、両ファミリーのすべてのアドレスを意味します。`,
      },
    };
  }
  if (wire === "localhost") {
    return {
      bind: { kind: "loopback" },
      text: {
        en: "GatewayPorts clientspecified honours the client's request: `localhost` means loopback, both families.",
        ja: "GatewayPorts clientspecified ではクライアントの指定に従います。localhost はループバック(両ファミリー)を意味します。",
      },
    };
  }
  return {
    bind: { kind: "address", name: wire },
    text: {
      en: `GatewayPorts clientspecified honours the client's request: exactly ${wire}.`,
      ja: `GatewayPorts clientspecified ではクライアントの指定に従い、${wire} だけで待ち受けます。`,
    },
  };
}

/** What ssh itself makes of the bind address of -L and -D: the client may always name one. */
export function clientBindSpec(bind: string | undefined, gatewayPorts: boolean): { bind: BindSpec; text: Sentence } {
  if (bind === undefined) {
    return gatewayPorts
      ? {
          bind: { kind: "wildcard" },
          text: {
            en: "-g (GatewayPorts yes on the client) makes a listener without an address listen on all addresses.",
            ja: "-g(クライアントの GatewayPorts yes)により、アドレス指定のない待ち受けはすべてのアドレスで開きます。",
          },
        }
      : {
          bind: { kind: "loopback" },
          text: {
            en: "No address was given, so ssh listens on loopback only.",
            ja: "アドレスの指定がないので、ssh はループバックだけで待ち受けます。",
          },
        };
  }
  if (bind === "" || bind === "*") {
    return {
      bind: { kind: "wildcard" },
      text: {
        en: `${bind === "" ? "The empty address" : "`*`"} means all addresses; for its own listeners the client needs no permission.`,
        ja: `${quoted(bind).ja}はすべてのアドレスを意味します。クライアント側の待ち受けに誰かの許可は要りません。`,
      },
    };
  }
  if (bind === "localhost") {
    return {
      bind: { kind: "loopback" },
      text: { en: "`localhost` means loopback, both families.", ja: "localhost はループバック(両ファミリー)を意味します。" },
    };
  }
  return {
    bind: { kind: "address", name: bind },
    text: { en: `The listener gets exactly ${bind}.`, ja: `待ち受けは ${bind} だけになります。` },
  };
}

/** Addresses to try, in getaddrinfo's order; empty: none within this family. */
export function candidates(bind: BindSpec, family: AddressFamily, host: HostFacts): Resolved[] {
  if (bind.kind === "loopback") return resolveLoopback(family);
  return bind.kind === "wildcard" ? resolveWildcard(family) : resolveName(host, bind.name, family);
}

/** The string of the request in words. */
export function quoted(address: string): Sentence {
  return address === "" ? { en: "the empty address", ja: "空のアドレス" } : { en: `\`${address}\``, ja: `「${address}」` };
}
