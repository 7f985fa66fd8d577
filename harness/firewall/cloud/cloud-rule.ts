/** Rules of a cloud's firewall in one form, whatever file they come from. Types, and what goes wrong with them. */
import { type Place, UserError } from "../../core/errors.ts";
import type { Fault } from "../../core/fault.ts";

/** JSON, and where each value stands in its file. */
export interface PlacedJson {
  value: unknown;
  place(path: readonly (string | number)[]): Place;
}

/** A range with the line that names it: each is a rule of its own. */
export interface CloudPeer {
  /** CIDR. Left out: members of a group. */
  range?: string;
  /** That group, as the rule names it. Left out: the file does not say. */
  group?: string;
  place: Place;
}

export interface CloudRule {
  direction: "in" | "out";
  /** As the cloud writes it: `tcp`, `6`, `-1` (everything). */
  protocol: string;
  /** Ports, or type and code of ICMP; -1 or left out: all. */
  from?: number;
  to?: number;
  peers: CloudPeer[];
  place: Place;
}

/** A set of rules that is attached to servers as a whole. */
export interface CloudGroup {
  /** By which a policy can name it: id, name, address in Terraform. */
  names: string[];
  rules: CloudRule[];
  place: Place;
}

export function cloudError(
  message: string,
  details: { place: Place; fault: Fault; found?: string; expected?: string; todo: string },
): UserError {
  return new UserError("front-firewall", message, details);
}
