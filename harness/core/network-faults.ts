/** What can be wrong with a policy's `network:`, by code: what the words of each need. */

export interface NetworkFaults {
  "ports-without-router": { host: string; lan?: string | undefined };
  "port-published-twice": { port: number; address: string; hosts: readonly string[] };
  "lan-name-twice": { name: string; hosts: readonly string[] };
  "network-key-misplaced": { key: string; instead: string };
  /** `move`: the addresses go under `network.servers`; otherwise the first place is to be removed. */
  "host-placed-twice": { places: readonly string[]; move: boolean };
  "home-lan-elsewhere": { lan?: string | undefined };
  "host-without-address": { host: string; networks: readonly string[] };
  "address-twice": { lan: string; address: string; hosts: readonly string[] };
  "address-not-of-host": { address: string; network: string };
  "address-off-lan": { host: string; lan: string; address: string; networks: readonly string[]; family: number };
  "address-not-public": { host: string; address: string; public: string };
  "network-full": { network: string; host: string; router: boolean };
  "network-too-small": { network: string; prefix: number; bits: number };
  "networks-overlap": { networks: readonly string[] };
  "network-none-free": { owner: string; family: number };
  "network-none-around": { address: string };
  "server-only-private": { host: string; address: string };
  "name-of-router": { name: string };
  "name-of-neighbour": { name: string; host: string; interface: string };
  "router-of-its-own": { key: string; value: string; host: string; lan: string };
  "public-without-router": { host: string; placed: boolean };
  "router-key-without-nat": { key: string; host: string; behind?: string | undefined };
  "router-key-twice": { key: string; places: readonly string[] };
  "nat-not-first": { host: string; interface: string };
  "nat-without-public": Record<never, never>;
  "interface-twice": { name: string };
  "interface-loopback": Record<never, never>;
  "interface-without-ipv6": { host: string; interface: string; addresses: readonly string[] };
  "interface-with-ipv6": { host: string; interface: string; address: string; off: "key" | "sysctl" };
  "address-public-behind-nat": { address: string };
}
