/** Which addresses of the lab are taken, and which are free to choose. */
import {
  type Address,
  bits,
  contains,
  fromNumber,
  type Interface,
  isHostAddress,
  networkOf,
  overlaps,
  parseAddress,
  parseInterface,
  privateNetworks,
  range,
  toNumber,
} from "../core/address.ts";

/** A network or single address that somebody has. */
export interface Claim {
  network: Interface;
  /** For messages, e.g. `network.server` or `other-lan's public address`. */
  owner: string;
  /** Claims with the same group may overlap: private networks behind NATs, as real homes have. */
  group?: string;
}

/** Networks and single addresses of the whole lab. No two may overlap, save within a group. */
export class AddressSpace {
  readonly #claims: Claim[] = [];

  /** The claim in the way, if any. */
  conflict(network: Interface, group?: string): Claim | undefined {
    return this.#claims.find((claim) => overlaps(claim.network, network) && (group === undefined || claim.group !== group));
  }

  /** Takes it. Returns the claim in the way instead, if there is one. */
  claim(claim: Claim): Claim | undefined {
    const other = this.conflict(claim.network, claim.group);
    if (!other) this.#claims.push(claim);
    return other;
  }

  /** Takes the first of the candidates that nothing is in the way of; undefined when all are taken. */
  choose(candidates: Iterable<string>, owner: string, group?: string): Interface | undefined {
    for (const candidate of candidates) {
      const network = parseInterface(candidate);
      if (network && !this.claim({ network, owner, group })) return network;
    }
    return undefined;
  }
}

/** Addresses of one LAN. */
export class LanAddresses {
  readonly #taken = new Map<string, string>();

  /** Takes an address for a host; returns who has it already. */
  take(address: Address, host: string): string | undefined {
    const holder = this.#taken.get(address.text);
    if (holder === undefined) this.#taken.set(address.text, host);
    return holder;
  }

  /** How many hosts have room. */
  free(network: Interface): bigint {
    const taken = [...this.#taken.keys()].flatMap((text) => parseAddress(text) ?? []).filter((address) => contains(network, address));
    return capacity(network) - BigInt(taken.length);
  }

  /** Takes the address with the preferred host part, or else the first free one; undefined when the network is full. */
  choose(network: Interface, preferred: number, host: string): Interface | undefined {
    const { first, last } = range(network);
    const fits = (value: bigint) => isHostAddress(network, value) && !this.#taken.has(fromNumber(value, network.family).text);
    // As people number hosts: .20 and ::20.
    let value = first + BigInt(network.family === 4 ? preferred : `0x${preferred}`);
    if (!fits(value)) for (value = first; value <= last && !fits(value) && value < first + 70_000n; ) value++;
    if (!fits(value)) return undefined;
    const address = fromNumber(value, network.family);
    this.#taken.set(address.text, host);
    return { ...address, prefix: network.prefix };
  }
}

/** The network that an address belongs to, among those of its LAN. An alias (/32, /128) belongs to the network that contains it. */
export function homeNetwork(address: Interface, networks: readonly Interface[]): Interface | undefined {
  return networks.find(
    (network) =>
      network.family === address.family &&
      (networkOf(network) === networkOf(address) || (address.prefix === bits(address.family) && contains(network, address))),
  );
}

/** The networks that a list of interface addresses spans, each once; aliases (/32, /128) inside them left out. */
export function networksOf(addresses: readonly Interface[]): Interface[] {
  const all = [
    ...new Map(
      addresses.map((address) => [networkOf(address), { ...fromNumber(range(address).first, address.family), prefix: address.prefix }]),
    ).values(),
  ];
  return all.filter(
    (network) => !(network.prefix === bits(network.family) && all.some((other) => other !== network && contains(other, network))),
  );
}

/** How many hosts a network can hold. */
export function capacity(network: Interface): bigint {
  const { first, last } = range(network);
  if (first === last) return 1n;
  return network.family === 4 ? last - first - 1n : last - first;
}

/** The smallest networks around an address in which it can stand beside a gateway and a neighbour, smallest first. */
export function networksAround(address: Address): string[] {
  return prefixLengths(address)
    .map((prefix) => ({ ...address, prefix }))
    .filter((network) => isHostAddress(network, toNumber(address)))
    .map(networkOf);
}

/** A VPN gives each of its peers a single address, and they may be far apart in one of the private ranges. */
function prefixLengths(address: Address): number[] {
  if (address.family === 6) return [64];
  const range = privateNetworks.flatMap((text) => parseInterface(text) ?? []).find((each) => contains(each, address));
  const shortest = range?.prefix ?? 24;
  return Array.from({ length: 29 - shortest + 1 }, (_, at) => 29 - at);
}
