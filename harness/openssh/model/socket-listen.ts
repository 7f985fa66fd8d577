/** A listener on a path: whose file it becomes, and with which mode. Source: OpenSSH `channels.c` `channel_setup_fwd_listener_streamlocal`, `misc.c` `unix_listener`. */

import type { SettingSource } from "../../core/forward-outcome.ts";
import { formatSocketMode } from "../../core/socket-file.ts";
import { formatSource, type ModelSocket, type Step } from "./prediction.ts";
import type { Sentence } from "./sentence.ts";

export interface SocketRequest {
  path: string;
  /** The account that listens. */
  owner: Sentence;
  /** Octal, as StreamLocalBindMask has it. */
  mask: SettingSource;
  /** `yes` or `no`. */
  unlink: SettingSource;
  layer: "bind-address" | "client";
}

/** Default of sshd and ssh. */
export const defaultMask = "0177";

export function listenOnPath({ path, owner, mask, unlink, layer }: SocketRequest): { socket: ModelSocket; steps: Step[] } {
  const bits = /^[0-7]+$/.test(mask.value) ? Number.parseInt(mask.value, 8) : Number.parseInt(defaultMask, 8);
  const mode = 0o777 & ~bits;
  const who = mayOpen(mode, owner);
  const named = `StreamLocalBindMask ${mask.value}${formatSource(mask)}`;
  const again = `StreamLocalBindUnlink ${unlink.value}${formatSource(unlink)}`;
  return {
    socket: { path, mode, owner },
    steps: [
      {
        layer,
        source: mask,
        text: {
          en: `${named}: the file ${path} gets the mode ${formatSocketMode(mode)} and belongs to ${owner.en}; ${who.en}.`,
          ja: `${named} により、ファイル ${path} のモードは ${formatSocketMode(mode)}、所有者は${owner.ja}になります。${who.ja}。`,
        },
      },
      {
        layer,
        source: unlink,
        text:
          unlink.value === "yes"
            ? {
                en: `${again}: an existing file is removed first.`,
                ja: `${again} なので、既にあるファイルは先に消されます。`,
              }
            : {
                en: `${again}: the path must be free; a file left by an earlier session is in the way.`,
                ja: `${again} なので、パスには何もないことが必要です。以前のセッションが残したファイルがあれば失敗します。`,
              },
      },
    ],
  };
}

/** To connect takes the right to write. */
export function mayOpen(mode: number, owner: Sentence): Sentence {
  const others = (mode & 0o002) !== 0;
  const group = (mode & 0o020) !== 0;
  const self = (mode & 0o200) !== 0;
  if (others) return { en: "every account there may open it", ja: "そこのどのアカウントも開けます" };
  if (group) return { en: `${owner.en}, its group and root may open it`, ja: `開けるのは${owner.ja}とそのグループ、root です` };
  return self
    ? { en: `only ${owner.en} and root may open it`, ja: `開けるのは${owner.ja}と root だけです` }
    : { en: "only root may open it", ja: "開けるのは root だけです" };
}
