/** Entries of `reachable_from` that match no cell: an address that no host has, an unusable next hop, a family that one end lacks. */
import { parseAddress } from "../core/address.ts";
import { linkLocalTargets, otherLoopback, type Target, targetsOf } from "../core/cells.ts";
import { UserError } from "../core/errors.ts";
import { type Fault, faultOf } from "../core/fault.ts";
import { listensOnServer, serverOf } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import { anyLinkLocal } from "../core/link-local.ts";
import { wantsReach } from "../core/verdict.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import { anyone, defaultFrom, type Policy, type ReachEntry, reachEntries } from "./policy.ts";
import type { YamlSource } from "./yaml-source.ts";

export function entryFaults(
  policy: Policy,
  given: Readonly<Record<string, ForwardArguments>>,
  spec: LabSpec,
  source: YamlSource,
): UserError[] {
  // Most forwards of a long policy state the same entries.
  const known = new Map<string, { fault: EntryFault | undefined }>();
  const faultFor = (host: string, entry: ReachEntry, loopback: string | undefined) => {
    const key = JSON.stringify([host, entry, loopback]);
    const { fault } = known.get(key) ?? { fault: entryFault(spec, host, entry, loopback) };
    known.set(key, { fault });
    return fault;
  };
  return Object.entries(policy.forwards).flatMap(([name, forward]) => {
    const request = given[name]?.request;
    if (request === undefined || request.listenPath !== undefined) return [];
    const host = listensOnServer(request.kind) ? serverOf(forward) : (forward.from ?? defaultFrom);
    return reachEntries(forward).flatMap((entry, index) => {
      const fault = faultFor(host, entry, otherLoopback(request.bind));
      if (!fault) return [];
      const place = source.place(["forwards", name, "reachable_from", index, ...(fault.key === undefined ? [] : [fault.key])]);
      return [
        new UserError("policy-value", `forwards.${name}: ${fault.message}`, {
          place,
          fault: fault.told(name),
          found: fault.found,
          expected: fault.expected,
          todo: fault.todo,
        }),
      ];
    });
  });
}

interface EntryFault {
  key?: "address" | "family" | "via";
  told: (forward: string) => Fault;
  message: string;
  found: string;
  expected: string;
  todo: string;
}

function entryFault(spec: LabSpec, host: string, entry: ReachEntry, loopback: string | undefined): EntryFault | undefined {
  const { vantage } = entry;
  const vantages = vantage === anyone ? Object.keys(spec.hosts) : [vantage];
  const targets = vantages.flatMap((each) => targetsOf(spec, each, host, loopback));
  const linkLocal = vantages.some((each) => linkLocalTargets(spec, each, host).length > 0);
  if (entry.address === anyLinkLocal) return linkLocal ? undefined : noLinkLocal(host, vantage, targets);
  return placeFault(host, entry, targets, linkLocal) ?? familyFault(host, entry, targets);
}

/** An address or a next hop that the vantage point cannot use. */
function placeFault(
  host: string,
  { vantage, address, via }: ReachEntry,
  targets: readonly Target[],
  linkLocal: boolean,
): EntryFault | undefined {
  const [wanted, hop] = [address, via].map((text) => parseAddress(text ?? "")?.text);
  const noAddress = (message: string, among: readonly Target[]): EntryFault => {
    const addresses = [...addressesOf(among), ...(linkLocal && hop === undefined ? [anyLinkLocal] : [])];
    return {
      ...{ key: "address", message, found: address ?? "" },
      told: (forward) => faultOf("entry-address", { forward, host, vantage, via: among !== targets, addresses }),
      expected: addresses.join(", "),
      todo: `name one of these addresses, or remove \`address\` for all that ${vantage} can use`,
    };
  };
  const has = (among: readonly Target[]) => wanted === undefined || among.some((target) => target.address === wanted);
  if (!has(targets)) return noAddress(`${host} has no such address that ${vantage} can use`, targets);
  if (hop === undefined) return undefined;
  const ofHop = targets.filter((target) => target.via === hop);
  const hops = [...new Set(targets.flatMap((target) => target.via ?? []))];
  if (ofHop.length === 0)
    return {
      key: "via",
      message: `${vantage} cannot use this address of ${host} as its next hop`,
      told: (forward) => faultOf("entry-next-hop", { forward, host, vantage, addresses: hops }),
      found: via ?? "",
      expected: hops.join(", ") || `no \`via\`: ${vantage} cannot use ${host} as its next hop`,
      todo: hops.length > 0 ? "name one of these addresses, or remove `via`" : "remove `via`",
    };
  return has(ofHop) ? undefined : noAddress(`${vantage} cannot reach this address of ${host} through that next hop`, ofHop);
}

function familyFault(host: string, { vantage, address, via, family, is }: ReachEntry, targets: readonly Target[]): EntryFault | undefined {
  const routed = targets.some((target) => target.routed && (family === undefined || target.family === family));
  if (address !== undefined || via !== undefined || routed || !wantsReach(is)) return undefined;
  return {
    ...(family === undefined ? {} : { key: "family" as const }),
    message: `no address of ${host}${family === undefined ? "" : ` of IPv${family}`} is routed to ${vantage}, so nothing there can be reachable`,
    told: (forward) => faultOf("entry-not-routed", { forward, host, vantage, family }),
    found: family === undefined ? vantage : `family: ${family}`,
    expected: "a vantage point and an address family that both ends have",
    todo: `remove the entry, or add the missing address under \`network\``,
  };
}

function noLinkLocal(host: string, vantage: string, targets: readonly Target[]): EntryFault {
  return {
    key: "address",
    message: `${vantage} shares no LAN with ${host} on which both have a link-local address`,
    told: (forward) => faultOf("entry-link-local", { forward, host, vantage, addresses: addressesOf(targets) }),
    found: anyLinkLocal,
    expected: addressesOf(targets).join(", "),
    todo: "name one of these addresses, or remove `address`",
  };
}

function addressesOf(targets: readonly Target[]): string[] {
  return [...new Set(targets.map(({ address }) => address))];
}
