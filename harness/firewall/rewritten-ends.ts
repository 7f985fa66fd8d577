/** Which rules give packets another source or destination. Pure. */
import { distinct } from "../core/distinct.ts";
import type { PacketEnd } from "../core/packet-end.ts";
import { field, type Json, statementsOf } from "./expressions.ts";
import type { ListedRule } from "./rule-lines.ts";

const none: readonly PacketEnd[] = [];
const both = ["source", "destination"] as const;

/** Which of them is NETMAP's depends on the hook. */
const targets: Readonly<Record<string, readonly PacketEnd[]>> = {
  DNAT: ["destination"],
  REDIRECT: ["destination"],
  SNAT: ["source"],
  MASQUERADE: ["source"],
  NETMAP: both,
};
const translations: Readonly<Record<string, readonly PacketEnd[]>> = {
  dnat: ["destination"],
  redirect: ["destination"],
  snat: ["source"],
  masquerade: ["source"],
};
const fields: Readonly<Record<string, readonly PacketEnd[]>> = {
  saddr: ["source"],
  sport: ["source"],
  daddr: ["destination"],
  dport: ["destination"],
};

/** By NAT, or written into each packet without connection tracking (`tcp dport set 43234`, `ip saddr set 192.0.2.1`). */
export function rewrittenEnds(rule: ListedRule): PacketEnd[] {
  return distinct(statementsOf(rule).flatMap(endsOf));
}

function endsOf(statement: Json): readonly PacketEnd[] {
  const name = typeof statement === "string" ? statement : Object.keys((statement ?? {}) as object)[0];
  if (name === "xt") return targets[`${field(field(statement, "xt"), "name")}`] ?? none;
  if (name === "mangle") return writtenEnds(field(field(field(statement, "mangle"), "key"), "payload"));
  return translations[name ?? ""] ?? none;
}

/** As raw bits, ports are the first of the transport header; where addresses are depends on the family. */
function writtenEnds(payload: Json): readonly PacketEnd[] {
  const [base, offset, length] = ["base", "offset", "len"].map((name) => field(payload, name));
  if (typeof offset !== "number" || typeof length !== "number") return fields[`${field(payload, "field")}`] ?? none;
  if (base === "nh") return both;
  const within = (first: number) => base === "th" && offset < first + 16 && first < offset + length;
  return both.filter((end) => within(end === "source" ? 0 : 16));
}
