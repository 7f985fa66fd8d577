/**
 * What on the server may refuse a Unix socket: of -R the listener, of -L the target.
 * Source: OpenSSH `serverloop.c` `server_input_global_request` and `server_request_direct_streamlocal`, `channels.c` `check_rfwd_permission`
 * and `channel_connect_to_path`, `session.c` `do_authenticated`; measured on 8.4, 9.2, 10.0 and 10.6.
 */
import { disableForwarding, type Gate, keyForwarding, keySource, passed, refused } from "./gates.ts";
import { type ModelInput, type SshRules, settingFor } from "./model-input.ts";
import { permitsOpening } from "./permit-open.ts";
import { formatSource } from "./prediction.ts";

type Direction = "remote" | "local";

export function remoteSocketGates(input: ModelInput, rules: SshRules): (() => Gate)[] {
  return [
    () => streamLocal(input, "remote"),
    () => disableForwarding(input),
    () => keyForwarding(input, rules),
    () => tcpToo(input, "remote"),
  ];
}

export function localSocketGates(input: ModelInput, rules: SshRules, path: string): (() => Gate)[] {
  return [
    () => streamLocal(input, "local"),
    () => disableForwarding(input),
    () => keyForwarding(input, rules),
    () => tcpToo(input, "local"),
    () => permitOpen(input, path),
    () => keyPermitOpen(input, rules, path),
  ];
}

function streamLocal({ settings }: ModelInput, direction: Direction): Gate {
  const source = settingFor(settings, "allowstreamlocalforwarding");
  const name = `AllowStreamLocalForwarding ${source.value}${formatSource(source)}`;
  const what =
    direction === "remote"
      ? { en: "a socket to listen on (-R)", ja: "ソケットでの待ち受け(-R)" }
      : { en: "a socket as target (-L)", ja: "ソケットへの接続(-L)" };
  return source.value === "yes" || source.value === direction
    ? passed("sshd-policy", source, { en: `${name} allows ${what.en}.`, ja: `${name} は${what.ja}を許します。` })
    : refused("sshd-policy", source, { en: `${name} refuses ${what.en}.`, ja: `${name} が${what.ja}を拒みます。` });
}

/** Made for TCP, but sshd permits nothing of a direction that it does not name. */
function tcpToo({ settings }: ModelInput, direction: Direction): Gate {
  const source = settingFor(settings, "allowtcpforwarding");
  const name = `AllowTcpForwarding ${source.value}${formatSource(source)}`;
  return source.value === "yes" || source.value === direction
    ? passed("sshd-policy", source, {
        en: `${name}: it counts for sockets, too, and lets this direction pass.`,
        ja: `${name} です。これはソケットにも効き、この向きを許します。`,
      })
    : refused("sshd-policy", source, {
        en: `${name} refuses sockets of this direction, too, although its name speaks of TCP.`,
        ja: `${name} は、名前は TCP でも、この向きのソケットも拒みます。`,
      });
}

/** A path is compared like a host, with no port that a number could equal. */
function permitOpen({ settings }: ModelInput, path: string): Gate {
  const source = settingFor(settings, "permitopen");
  const name = `PermitOpen ${source.value}${formatSource(source)}`;
  return permitsOpening(source.value.split(/\s+/), { host: path, port: noPort })
    ? passed("sshd-policy", source, { en: `${name} allows ${path}.`, ja: `${name} は ${path} を許します。` })
    : refused("sshd-policy", source, {
        en: `${name} does not allow ${path}: only an entry for every port does, such as \`*:*\`.`,
        ja: `${name} は ${path} を許しません。許すのは「*:*」のような、すべてのポートの項目だけです。`,
      });
}

function keyPermitOpen({ key }: ModelInput, rules: SshRules, path: string): Gate {
  const values = rules.keyOptionValues(key.options, "permitopen");
  const source = keySource(key, "permitopen");
  if (values.length === 0)
    return passed("key-options", undefined, { en: "The key has no permitopen.", ja: "鍵に permitopen はありません。" });
  const option = `${values.map((value) => `permitopen="${value}"`).join(",")}${formatSource(source)}`;
  return permitsOpening(values, { host: path, port: noPort })
    ? passed("key-options", source, {
        en: `The key option ${option} allows ${path}.`,
        ja: `鍵のオプション ${option} は ${path} を許します。`,
      })
    : refused("key-options", source, {
        en: `The key option ${option} does not allow ${path}.`,
        ja: `鍵のオプション ${option} は ${path} を許しません。`,
      });
}

/** PORT_STREAMLOCAL in OpenSSH's `channels.h`. */
const noPort = -2;
