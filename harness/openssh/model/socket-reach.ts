/** Who could reach a listener on a path: accounts of its host by the file's mode, and nobody else. */

import { compareVantages } from "../../core/cells.ts";
import type { LabSpec } from "../../core/lab-spec.ts";
import { formatSocketMode } from "../../core/socket-file.ts";
import { behindClosed, type Judged } from "./behind.ts";
import type { ModelRefusal, ModelSocket, Prediction } from "./prediction.ts";
import type { ReachCell } from "./reach.ts";
import type { Sentence } from "./sentence.ts";

/** Accounts of the listening host by what the file is to them; `nobody` stands for any that has nothing to do with it. */
const stranger = "nobody";

/**
 * @param path as asked for
 * @param owner account that listens, as targets name it
 */
export function reachSocket(spec: LabSpec, host: string, path: string, owner: string, text: Prediction): ReachCell[] {
  const { socket } = text;
  const base = { family: null, address: path, scope: "socket" as const };
  return Object.keys(spec.hosts)
    .sort(compareVantages)
    .flatMap((vantage): ReachCell[] => {
      if (vantage !== host) return [{ ...base, vantage, target: path, ...(socket ? elsewhere(host, path) : nothing(text)) }];
      return [...new Set(["root", owner, stranger])].map((as) => ({
        ...base,
        vantage,
        target: `${path} as ${as}`,
        ...(socket ? opened(socket, as, owner, text.closedBy) : nothing(text)),
      }));
    });
}

function opened({ path, mode }: ModelSocket, as: string, owner: string, closedBy: ModelRefusal | undefined): Judged {
  const is = `${path} (${formatSocketMode(mode)})`;
  const may = as === "root" || (mode & (as === owner ? 0o200 : 0o002)) !== 0;
  if (!may) {
    return {
      verdict: "filtered",
      layer: "bind-address",
      why: { en: `The file mode of ${is} keeps this account out.`, ja: `${is} のファイルモードにより、このアカウントは開けません。` },
    };
  }
  if (closedBy) return behindClosed(path, closedBy);
  const why: Sentence =
    as === "root"
      ? { en: "root may open every file.", ja: "root はどのファイルも開けます。" }
      : { en: `The file mode of ${is} lets this account in.`, ja: `${is} のファイルモードは、このアカウントを許可します。` };
  return { verdict: "reached", layer: "bind-address", why };
}

function elsewhere(host: string, path: string): Judged {
  return {
    verdict: "unreachable",
    layer: "bind-address",
    why: {
      en: `${path} is a path on ${host}, not an address: no packet can reach it.`,
      ja: `${path} は ${host} 上のパスでアドレスではなく、パケットは届きません。`,
    },
  };
}

function nothing({ listensOn }: Prediction): Judged {
  return {
    verdict: "unreachable",
    layer: listensOn === "server" ? "bind-address" : "client",
    why: { en: "The forward failed: there is no socket.", ja: "転送は成立せず、ソケットはありません。" },
  };
}
