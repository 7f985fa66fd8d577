/** A host for each target that a list permits and no host of the lab has: sshd lets connections through to it, so somebody must answer there. Pure. */
import { type Address, parseAddress } from "../../core/address.ts";
import { type LabSpec, mainServer } from "../../core/lab-spec.ts";
import type { DialAsk } from "../../core/review-facts.ts";
import { dialledNumber } from "../../openssh/model/resolve.ts";
import { targetHost } from "../forward-target.ts";
import { wireAt } from "../source-classes.ts";

export interface TargetHosts {
  spec: LabSpec;
  /** Names whose addresses are not known, with those that the lab gives them. */
  assumed: { name: string; address: string }[];
  /** Targets that no host of the lab can have. */
  impossible: DialAsk[];
}

export function withTargetHosts(own: LabSpec, dials: readonly DialAsk[]): TargetHosts {
  const found: TargetHosts = { spec: own, assumed: [], impossible: [] };
  for (const ask of dials.filter(({ kind }) => kind === "listed")) {
    const { spec } = found;
    if (targetHost(spec, mainServer, ask.host) !== undefined) continue;
    const known = parseAddress(dialledNumber(ask.host) ?? addressNamed(spec, ask.host) ?? "");
    const address = known ?? freeAddress(spec);
    const wire = address && wireAt(spec, address);
    if (!wire) {
      found.impossible.push(ask);
      continue;
    }
    if (!known) found.assumed.push({ name: ask.host, address: address.text });
    found.spec = {
      ...spec,
      hosts: {
        ...spec.hosts,
        [address.text]: { kind: "namespace", families: [], interfaces: [{ name: "eth0", ...wire }] },
      },
      ...(known ? {} : { names: { ...spec.names, [ask.host]: [address.text] } }),
    };
  }
  return found;
}

function addressNamed({ names = {} }: LabSpec, host: string): string | undefined {
  return Object.entries(names).find(([name]) => name.toLowerCase() === host.toLowerCase())?.[1][0];
}

/** Of the networks for benchmarks, which no server has and hardly any rule names. Source: RFC 2544, RFC 5180. */
function freeAddress(spec: LabSpec): Address | undefined {
  const isV4 = (spec.hosts[mainServer]?.interfaces ?? []).some(({ addresses }) => addresses.some((each) => !each.includes(":")));
  return Array.from({ length: 254 }, (_, at) => (isV4 ? `198.18.0.${at + 1}` : `2001:2::${(at + 1).toString(16)}`))
    .flatMap((text) => parseAddress(text) ?? [])
    .find((address) => wireAt(spec, address));
}
