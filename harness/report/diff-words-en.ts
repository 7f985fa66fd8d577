/** English. */
import { enumerated } from "../core/enumerated.ts";
import type { DiffWords, TitleParts } from "./diff-word-table.ts";
import { list } from "./words.ts";

export const english: DiffWords = {
  outcomes: { "exposure-added": "EXPOSURE ADDED", "no-exposure-added": "NO EXPOSURE ADDED", inconclusive: "INCONCLUSIVE" },
  summary(counts, forwards) {
    const otherwise = counts.replaced + counts.stronger + counts.other + counts.decider + counts.added + counts.removed;
    const parts = [
      counts.opened > 0 && `${cells(counts.opened)} newly open`,
      counts.unknown > 0 && `${cells(counts.unknown)} not known`,
      counts.closed > 0 && `${cells(counts.closed)} newly closed`,
      counts.weaker > 0 && `${cells(counts.weaker)} blocked by one layer less`,
      otherwise > 0 && `${cells(otherwise)} changed in other ways`,
      forwards > 0 && `${forwards} ${forwards === 1 ? "forward" : "forwards"} changed`,
    ].filter((part) => part !== false);
    return parts.length === 0 ? "nothing changed" : parts.join(", ");
  },
  titles: {
    opened: (is) => `${start(is)}${who(is)} ${is.visitors.length > 1 ? "reach" : "reaches"} ${it(is)}${over(is)} now`,
    closed: (is) => `${start(is)}${who(is)} no longer ${is.visitors.length > 1 ? "reach" : "reaches"} ${it(is)}${over(is)}`,
    unknown: (is) => `${start(is)}what changed for ${who(is)}${over(is)} is not known`,
    weaker: (is) => `${start(is)}still blocked for ${who(is)}${over(is)}, but ${list(is.lost)} no longer stops it`,
    stronger: (is) => `${start(is)}still blocked for ${who(is)}${over(is)}, and now ${list(is.gained)} stops it as well`,
    replaced: (is) => `${start(is)}still blocked for ${who(is)}${over(is)}, but now by ${list(is.gained)}, no longer by ${list(is.lost)}`,
    other: (is) =>
      is.before === is.after
        ? `${start(is)}${who(is)} still ${see(is)} ${is.after}${over(is)}, by another layer`
        : `${start(is)}${who(is)} ${see(is)} ${is.after}${over(is)}, no longer ${is.before}`,
    decider: (is) => `${start(is)}${who(is)} still ${see(is)} ${is.after}${over(is)}, by another rule`,
    added: (is) => `${start(is)}blocked for ${who(is)}${over(is)}; not in the result before`,
    removed: (is) => `${start(is)}was blocked for ${who(is)}${over(is)}; no longer in the result`,
  },
  before: "Before",
  after: "Now",
  at: "At",
  addresses: "Addresses",
  absent: "not in this result",
  expects: (expected) => `violates the policy, which expects ${expected}`,
  comma: ", ",
  names: list,
  targets: (count) => `${count} targets`,
  forwards: "Forwards",
  settings: "Effective settings of sshd",
  files: "Files",
  software: "Software",
  newForward: "new",
  removedForward: "removed",
  notVerified: "in both policies, but verified on one side only (--only, --shard)",
  grantUnknown: "it is not known whether the server grants it",
  granted: "granted",
  refused: (by) => (by === "" ? "refused" : `refused by ${by}`),
  notKnown: "not known whether granted",
  listens: (listeners, host) => `listens on ${enumerated(listeners)} of ${host}`,
  nothingListens: "nothing listens",
  account: (name, from) => `${name} from ${from}`,
  keyOptions: "key options",
  noOptions: "none",
  byDefault: "default",
  unset: "not set",
  fileChanges: { added: "new", removed: "removed", changed: "changed" },
  otherChanges: (count) => `Other changes: ${cells(count)}`,
  warning: "warning",
  fleet: {
    server: "server",
    added: "new policy",
    removed: "policy is gone",
    noResult: (because) => `not compared: ${because}`,
    summary({ servers, opened, unknown, changed }) {
      const parts = [
        opened > 0 && `${opened} newly exposed`,
        unknown > 0 && `${unknown} not known`,
        changed > 0 && `${changed} changed in other ways`,
      ].filter((part) => part !== false);
      const all = `${servers} ${servers === 1 ? "server" : "servers"}`;
      return parts.length === 0 ? `nothing changed on ${all}` : `of ${all}: ${parts.join(", ")}`;
    },
  },
  nothingElse: (count) => `Nothing else changed: ${cells(count)} as before.`,
  nothing: (count) => `Nothing changed: ${cells(count)} as before.`,
};

function cells(count: number): string {
  return `${count} ${count === 1 ? "cell" : "cells"}`;
}

function start({ forwards }: TitleParts): string {
  return `${list(forwards)}: `;
}

function who({ visitors }: TitleParts): string {
  return list(visitors);
}

function it({ forwards }: TitleParts): string {
  return forwards.length > 1 ? "them" : "it";
}

function see({ visitors }: TitleParts): string {
  return visitors.length > 1 ? "see" : "sees";
}

function over({ families }: TitleParts): string {
  return families.length === 0 ? "" : ` over ${families.map((family) => `IPv${family}`).join(" and ")}`;
}
