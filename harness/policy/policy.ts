/** The policy file: its schema, the TypeScript type of the same shape, and what it says where it is silent. */
import { z } from "zod";
import { parseTarget } from "../core/address.ts";
import { type AddressRange, parseRange } from "../core/address-range.ts";
import { mainServer } from "../core/lab-spec.ts";
import type { Expectation } from "../core/verdict.ts";
import { forwardSchema, waiverSchema } from "./forward-schema.ts";
import { networkSchema } from "./network-schema.ts";
import { hostName, name } from "./schema-values.ts";
import { furtherServerSchema, homeSchema, type PolicyAccount, serverSchema } from "./server-schema.ts";

export type { PolicyFurtherInterface, PolicyServerInterface, PolicyVantage } from "./network-schema.ts";
export type { PolicyAccount } from "./server-schema.ts";

/** The policy file, as YAML gives it. Adds no defaults, changes nothing: type and file have the same shape. */
export const policySchema = z
  .strictObject({
    server: serverSchema,
    servers: z
      .record(hostName, furtherServerSchema)
      .optional()
      .describe("Further servers by name, e.g. one behind a jump host (`ssh: -J server … inner`)."),
    network: networkSchema.optional(),
    home: homeSchema.optional(),
    forwards: z.record(name, forwardSchema).describe("The forwards to test, by name."),
    waivers: z.array(waiverSchema).optional().describe("Violations that are accepted until a given date."),
  })
  .meta({ title: "forwardlab policy", description: "Which SSH forwards a server grants, and who may reach them." });

export type Policy = z.infer<typeof policySchema>;
export type PolicyForward = Policy["forwards"][string];
export type PolicyWaiver = NonNullable<Policy["waivers"]>[number];

/** The account that exists when the policy names none. */
export const defaultAccount = "tunnel";
/** Host that runs ssh when a forward does not say. */
export const defaultFrom = "home";
/** Vantage points of every lab. */
export const standardVantages = ["server", "campus", "other-lan", "internet", "home", "home-lan"] as const;
/** In the place of a vantage point: every one of them. */
export const anyone = "anyone";

/** Accounts of a server by name, with the default one when none is given. */
export function accountsOf(policy: Policy, server = mainServer): Record<string, PolicyAccount> {
  const { accounts = {} } = policy.servers?.[server] ?? policy.server;
  return Object.keys(accounts).length > 0 ? accounts : { [defaultAccount]: {} };
}

/** The account a forward logs in to; undefined when the policy names several and the forward none. */
export function accountOf(policy: Policy, forward: PolicyForward): string | undefined {
  const names = Object.keys(accountsOf(policy, forward.server));
  return forward.as ?? (names.length === 1 ? names[0] : undefined);
}

/** An entry of `reachable_from` in its long form. */
export interface ReachEntry {
  vantage: string;
  is: Expectation;
  family?: 4 | 6;
  /** An address, or `link-local`. */
  address?: string;
  via?: string;
  as?: string;
}

/** The entries of `reachable_from`, all in the long form. */
export function reachEntries(forward: PolicyForward): ReachEntry[] {
  return (forward.reachable_from ?? []).map((entry) =>
    typeof entry === "string" ? { vantage: entry, is: "reachable" } : { ...entry, is: entry.is ?? "reachable" },
  );
}

/** The vantage points of every lab, then the policy's own. */
export function statedVantages(policy: Policy): string[] {
  return [...new Set([...standardVantages, ...Object.keys(policy.servers ?? {}), ...Object.keys(policy.network?.vantages ?? {})])];
}

/** A target of a SOCKS forward in its long form. */
export interface StatedTarget {
  host: string;
  port: number;
  is: "reachable" | "blocked";
}

/** The `targets` of a forward, all in the long form; empty when it states none. */
export function statedTargets({ targets = [] }: PolicyForward): StatedTarget[] {
  return targets.flatMap((each) => {
    const { target, is = "reachable" } = typeof each === "string" ? { target: each } : each;
    const place = parseTarget(target);
    return place ? [{ host: place.address, port: place.port, is }] : [];
  });
}

/** What a forward asks ssh for, for a person. */
export function requestText({ ssh, host, unit }: PolicyForward): string {
  return ssh ?? host ?? unit ?? "";
}

/** By vantage point: the addresses that its `stands_for` names, where it has one. */
export function statedNetworksOf(policy: Policy): Record<string, AddressRange[]> {
  const stated = Object.entries(policy.network?.vantages ?? {}).flatMap(([vantage, { stands_for: network }]) =>
    network ? [[vantage, network.flatMap((text) => parseRange(text) ?? [])] as const] : [],
  );
  return Object.fromEntries(stated);
}

/** The vantage point of the policy whose network an address belongs to by `stands_for`: of both the same is expected. */
export function ownerOf(policy: Policy, address: string): string | undefined {
  const stated = Object.entries(statedNetworksOf(policy));
  const one = stated.length > 0 ? parseRange(address) : undefined;
  if (!one) return undefined;
  const holds = (range: AddressRange) => range.family === one.family && range.first <= one.first && one.last <= range.last;
  return stated.find(([, network]) => network.some(holds))?.[0];
}
