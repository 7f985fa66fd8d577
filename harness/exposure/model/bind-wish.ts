/**
 * From the bind address that was asked for to the addresses that OpenSSH tries to bind.
 * Source of all of it: OpenSSH `channels.c` `channel_fwd_bind_addr` and `channel_setup_fwd_listener_tcpip`; the same from 8.4 to 10.6.
 */
import type { AddressFamily, HostFacts, Version } from "./model-input.ts";
import { type Resolved, resolveLoopback, resolveName, resolveWildcard } from "./resolve.ts";
import type { Said } from "./said.ts";

export type BindWish = { kind: "loopback" } | { kind: "wildcard" } | { kind: "address"; name: string };

/** What sshd makes of the string in the request, with the reason. */
export function serverWish(wire: string, gatewayPorts: string, client: Version | undefined): { wish: BindWish; said: Said } {
  const asked = quoted(wire);
  if (gatewayPorts === "yes") {
    return {
      wish: { kind: "wildcard" },
      said: {
        en: `GatewayPorts yes puts every remote forward on all addresses, whatever was asked for (here ${asked.en}).`,
        ja: `GatewayPorts yes では、何を求めても(ここでは${asked.ja})リモート転送はすべてのアドレスで待ち受けます。`,
      },
    };
  }
  if (gatewayPorts !== "clientspecified") {
    if (wire === "127.0.0.1" || wire === "::1") {
      return {
        wish: { kind: "address", name: wire },
        said: {
          en: `GatewayPorts no allows loopback only; ${wire} is loopback, so exactly this address is used.`,
          ja: `GatewayPorts no ではループバックだけが許されます。${wire} はループバックなので、そのアドレスだけを使います。`,
        },
      };
    }
    if (wire === "localhost") {
      return {
        wish: { kind: "loopback" },
        said: {
          en: "GatewayPorts no puts every remote forward on loopback, which is what `localhost` asks for.",
          ja: "GatewayPorts no ではリモート転送は必ずループバックで待ち受けます。「localhost」の求めるとおりです。",
        },
      };
    }
    return {
      wish: { kind: "loopback" },
      said: {
        en: `GatewayPorts no puts every remote forward on loopback; ${asked.en} is ignored without a word.`,
        ja: `GatewayPorts no ではリモート転送は必ずループバックで待ち受けます。${asked.ja}という指定は黙って無視されます。`,
      },
    };
  }
  // OpenSSH 3 and older clients say 0.0.0.0 for "everywhere" (compat.c, SSH_OLD_FORWARD_ADDR).
  if (wire === "" || wire === "*" || (wire === "0.0.0.0" && client !== undefined && client.major <= 3)) {
    return {
      wish: { kind: "wildcard" },
      said: {
        en: `GatewayPorts clientspecified takes the client's word: ${asked.en} means all addresses of both families.`,
        ja: `GatewayPorts clientspecified ではクライアントの指定に従います。${asked.ja}は、両ファミリーのすべてのアドレスを意味します。`,
      },
    };
  }
  if (wire === "localhost") {
    return {
      wish: { kind: "loopback" },
      said: {
        en: "GatewayPorts clientspecified takes the client's word: `localhost` means loopback, both families.",
        ja: "GatewayPorts clientspecified ではクライアントの指定に従います。localhost はループバック(両ファミリー)を意味します。",
      },
    };
  }
  return {
    wish: { kind: "address", name: wire },
    said: {
      en: `GatewayPorts clientspecified takes the client's word: exactly ${wire}.`,
      ja: `GatewayPorts clientspecified ではクライアントの指定に従い、${wire} だけで待ち受けます。`,
    },
  };
}

/** What ssh itself makes of the bind address of -L and -D: the client may always name one. */
export function clientWish(bind: string | undefined, gatewayPorts: boolean): { wish: BindWish; said: Said } {
  if (bind === undefined) {
    return gatewayPorts
      ? {
          wish: { kind: "wildcard" },
          said: {
            en: "-g (GatewayPorts yes on the client) makes a listener without an address listen on all addresses.",
            ja: "-g(クライアントの GatewayPorts yes)により、アドレス指定のない待ち受けはすべてのアドレスで開きます。",
          },
        }
      : {
          wish: { kind: "loopback" },
          said: {
            en: "No address was given, so ssh listens on loopback only.",
            ja: "アドレスの指定がないので、ssh はループバックだけで待ち受けます。",
          },
        };
  }
  if (bind === "" || bind === "*") {
    return {
      wish: { kind: "wildcard" },
      said: {
        en: `${quoted(bind).en} means all addresses; on its own side the client needs nobody's leave.`,
        ja: `${quoted(bind).ja}はすべてのアドレスを意味します。クライアント側の待ち受けに誰かの許可は要りません。`,
      },
    };
  }
  if (bind === "localhost") {
    return {
      wish: { kind: "loopback" },
      said: { en: "`localhost` means loopback, both families.", ja: "localhost はループバック(両ファミリー)を意味します。" },
    };
  }
  return {
    wish: { kind: "address", name: bind },
    said: { en: `The listener gets exactly ${bind}.`, ja: `待ち受けは ${bind} だけになります。` },
  };
}

/** Addresses to try, in getaddrinfo's order; empty: none within this family. */
export function candidates(wish: BindWish, family: AddressFamily, host: HostFacts): Resolved[] {
  if (wish.kind === "loopback") return resolveLoopback(family);
  return wish.kind === "wildcard" ? resolveWildcard(family) : resolveName(host, wish.name, family);
}

/** The string of the request in words. */
export function quoted(address: string): Said {
  return address === "" ? { en: "the empty address", ja: "空のアドレス" } : { en: `\`${address}\``, ja: `「${address}」` };
}
