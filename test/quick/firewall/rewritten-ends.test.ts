/** Which rules change a packet's source or destination, in the JSON in which nft lists them. */
import { expect, test } from "vitest";
import { rewrittenEnds } from "../../../harness/firewall/rewritten-ends.ts";
import type { ListedRule } from "../../../harness/firewall/rule-lines.ts";

const rule = (statement: unknown) => ({ family: "inet", table: "t", chain: "c", handle: 1, expr: [statement] }) as ListedRule;
const set = (payload: unknown) => ({ mangle: { key: { payload }, value: 443 } });
const bits = (base: string, offset: number, len: number) => set({ base, offset, len });

test.for([
  ["dnat", { dnat: { addr: "192.0.2.1" } }, ["destination"]],
  ["redirect", { redirect: null }, ["destination"]],
  ["redirect without a port, as old versions list it", "redirect", ["destination"]],
  ["snat", { snat: { addr: "192.0.2.1" } }, ["source"]],
  ["masquerade", { masquerade: null }, ["source"]],
  ["tcp sport set", set({ protocol: "tcp", field: "sport" }), ["source"]],
  ["tcp dport set", set({ protocol: "tcp", field: "dport" }), ["destination"]],
  ["ip saddr set", set({ protocol: "ip", field: "saddr" }), ["source"]],
  ["ip6 daddr set", set({ protocol: "ip6", field: "daddr" }), ["destination"]],
  ["@th,0,16 set", bits("th", 0, 16), ["source"]],
  ["@th,16,16 set", bits("th", 16, 16), ["destination"]],
  ["@th,0,32 set", bits("th", 0, 32), ["source", "destination"]],
  ["@th,32,32 set", bits("th", 32, 32), []],
  ["@nh,96,32 set", bits("nh", 96, 32), ["source", "destination"]],
  ["-j REDIRECT", { xt: { type: "target", name: "REDIRECT" } }, ["destination"]],
  ["-j NETMAP", { xt: { type: "target", name: "NETMAP" } }, ["source", "destination"]],
  ["-j TCPMSS", { xt: { type: "target", name: "TCPMSS" } }, []],
  ["ip ttl set", set({ protocol: "ip", field: "ttl" }), []],
  ["meta mark set", { mangle: { key: { meta: { key: "mark" } }, value: 1 } }, []],
  ["tcp sport 443", { match: { op: "==", left: { payload: { protocol: "tcp", field: "sport" } }, right: 443 } }, []],
  ["accept", { accept: null }, []],
] as const)("%s", ([, statement, ends]) => {
  expect(rewrittenEnds(rule(statement))).toEqual(ends);
});
