/** What a policy says about its network, before addresses are chosen: LANs with their members and routers, single hosts. */
import type { Address, Interface } from "../core/address.ts";
import type { UserError } from "../core/errors.ts";
import type { Fault } from "../core/fault.ts";
import type { KeyPath } from "./yaml-source.ts";

/** A host on a LAN. */
export interface Member {
  host: string;
  /** The policy does not place it: it is there so that somebody is. */
  added?: true;
  interface: string;
  /** The policy does not name it. */
  assumed?: true;
  /** The policy gives it no address either. */
  assumedAddresses?: true;
  given: { address: Interface; path: KeyPath }[];
  /** Families for which an address is chosen when none is given. */
  derive: readonly (4 | 6)[];
  /** Host part of a chosen address. */
  preferred: number;
  path: KeyPath;
}

/** A LAN, its router and its members. The first member owns it: the networks it names are the LAN's. */
export interface LanPlan {
  name: string;
  router: string;
  members: Member[];
  /** Networks to choose from when no member names one. */
  candidates: Record<4 | 6, string[]>;
  /** LANs of one group may share their IPv4 network. */
  group?: string;
  behind?: BehindPlan;
  /** Its owner is a server, which the internet must reach at its addresses here. */
  serves?: true;
}

/** The router between a LAN and the internet core. */
export interface BehindPlan {
  nat: "none" | "nat" | "cgnat";
  publicAddress: Address;
  /** The policy leaves it open: one of these. */
  choices?: readonly Address[];
  publicPath: KeyPath;
  /** Name of the provider's router, and the CG-NAT address of the home router. */
  isp: string;
  cgnatHost: number;
  /** What becomes of connections from outside that no port forward takes, over both families. */
  inbound: "drop" | "accept";
  portForwards: PublishedPort[];
  /** Every other port of the public address leads to the LAN's owner. */
  exposesAll: boolean;
}

export interface PublishedPort {
  port: number;
  to: number;
  /** Left out: the LAN's owner. */
  host?: string;
}

/** A host straight on the internet. */
export interface SinglePlan {
  host: string;
  given: { address: Address; path: KeyPath }[];
  derive6: string[];
}

export interface NetworkPlan {
  lans: LanPlan[];
  singles: SinglePlan[];
  /** By server whose interfaces the policy states: their names, in order. */
  interfaces: Record<string, string[]>;
  errors: UserError[];
}

/** Notes a fault of the policy. */
export type Fail = (path: KeyPath, message: string, details: { fault: Fault; found?: string; expected: string; todo: string }) => void;
