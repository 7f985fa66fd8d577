/** Packet fields that a rule matches and a client can choose: the source port, a TTL, a length. Pure. */
import { entriesBelow, extensionsOf, field, type Json, statementsOf } from "./expressions.ts";
import { iptablesWords } from "./iptables-words.ts";
import type { ListedRule } from "./rule-lines.ts";

/** Does the statement match the source port? */
export function looksAtSourcePort(statement: Json): boolean {
  return entriesBelow(statement).some(([key, content]) => key === "payload" && isSourcePort(content));
}

export function isSourcePort(payload: Json): boolean {
  return field(payload, "field") === "sport";
}

/** Fields of headers. Flags are none: those of a SYN are given. */
const otherFields = new Set(["ttl", "hoplimit", "dscp", "ecn", "length", "id", "flowlabel", "window", "sequence", "urgptr"]);

/** Does the statement match another such field? One that only sets it does not. */
export function looksAtOtherChoice(statement: Json): boolean {
  const looked = [field(statement, "match"), field(field(statement, "vmap"), "key")];
  return looked.some((each) => each !== undefined && entriesBelow(each).some(isOtherChoice));
}

function isOtherChoice([key, content]: readonly [string, Json]): boolean {
  if (key === "payload") {
    return field(content, "protocol") !== "ether" && otherFields.has(String(field(content, "field")));
  }
  return key === "tcp option" || key === "exthdr" || (key === "meta" && field(content, "key") === "length");
}

/** Options of iptables for source ports, and extensions for what else there is. */
export const sourcePortOptions = new Set(["--sport", "--source-port", "--sports", "--source-ports", "--ports"]);
const otherExtensions = new Set(["ttl", "hl", "dscp", "tos", "ecn", "length", "tcpmss"]);

/** The same in iptables's words. */
export function wordsNameOtherChoice(words: readonly string[]): boolean {
  return words.some((word, at) => ["-m", "--match"].includes(words[at - 1] ?? "") && otherExtensions.has(word));
}

/** iptables's words for a rule with extensions that nft cannot show; empty where there are none. */
export function wordsOf(rule: ListedRule, written: string | undefined): string[] {
  return iptablesWords((extensionsOf(rule).length > 0 ? written : undefined) ?? "");
}

/** What a rule matches: `port` if that is only the source port. Undefined: nothing that a sender chooses. */
export function senderChoice(rule: ListedRule, written: string | undefined): "port" | "other" | undefined {
  const words = wordsOf(rule, written);
  const statements = statementsOf(rule);
  if (statements.some(looksAtOtherChoice) || wordsNameOtherChoice(words)) return "other";
  return statements.some(looksAtSourcePort) || words.some((word) => sourcePortOptions.has(word)) ? "port" : undefined;
}
