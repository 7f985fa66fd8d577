/** What visitors get whom a listener has accepted, when nothing is behind it. */
import type { Layer } from "../../core/reason.ts";
import type { Verdict } from "../../core/verdict.ts";
import type { ModelRefusal } from "./prediction.ts";
import type { Sentence } from "./sentence.ts";

export interface Judged {
  verdict: Verdict;
  layer: Layer;
  why: Sentence;
  /** Host or router whose filter ended it. */
  at?: string;
  /** Nothing answers, so the client retransmits its packet. */
  dropped?: true;
}

/** @param listener as shown to a person */
export function behindClosed(listener: string, { layer, text, unsettled }: ModelRefusal): Judged {
  if (layer === "server-firewall") return { verdict: unsettled ? "inconclusive" : "filtered", layer, why: text };
  return {
    verdict: "closed",
    layer: "service",
    why: {
      en: `${listener} accepts, then closes: no connection is made behind it.`,
      ja: `${listener} は受け付けますが、その先に接続しないのですぐ閉じます。`,
    },
  };
}
