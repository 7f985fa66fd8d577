/** What an nft expression reads of a packet's source. Pure. */
import { entriesBelow, field, type Json } from "./expressions.ts";

/** `address-bits`: part of the address, or something computed from it. */
export type SourceField = "address" | "address-bits" | "hardware-address";

/** @param family of the rule's table */
export function sourceField(expression: Json, family: string): SourceField | undefined {
  const whole = ofOperand(expression);
  if (whole) return whole;
  const below = entriesBelow(expression).map(([key, content]) => ofOperand({ [key]: content }) ?? ofRawPayload(key, content, family));
  if (below.includes("hardware-address")) return "hardware-address";
  return below.some((each) => each !== undefined) ? "address-bits" : undefined;
}

function ofOperand(expression: Json): SourceField | undefined {
  const payload = field(expression, "payload");
  const ct = field(expression, "ct");
  const ofConnection = { original: /\bsaddr$/, reply: /\bdaddr$/ }[String(field(ct, "dir"))];
  if (ofConnection?.test(String(field(ct, "key")))) return "address";
  if (field(payload, "field") !== "saddr") return undefined;
  const protocol = field(payload, "protocol");
  if (protocol === "ether") return "hardware-address";
  return protocol === "ip" || protocol === "ip6" ? "address" : undefined;
}

/** First and last bit of the source (RFC 791, 3.1; RFC 8200, 3; Ethernet II). */
const bitsOf: Record<string, readonly (readonly [first: number, last: number])[]> = {
  "nh ip": [[96, 127]],
  "nh ip6": [[64, 191]],
  "nh inet": [[64, 191]],
  ll: [[48, 95]],
};

function ofRawPayload(key: string, content: Json, family: string): SourceField | undefined {
  const base = key === "payload" ? field(content, "base") : undefined;
  if (base === undefined) return undefined;
  const [from, length] = [Number(field(content, "offset")), Number(field(content, "len"))];
  const parts = bitsOf[String(base)] ?? bitsOf[`${String(base)} ${family}`] ?? bitsOf[`${String(base)} inet`] ?? [];
  if (!parts.some(([first, last]) => from <= last && first < from + length)) return undefined;
  return base === "ll" ? "hardware-address" : "address-bits";
}
