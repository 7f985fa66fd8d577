/** What a policy expects of a cell. */
import { type Family, parseAddress, parseTarget } from "../core/address.ts";
import { type Cell, splitTarget } from "../core/cells.ts";
import { serverOf } from "../core/forward-outcome.ts";
import { anyLinkLocal, isLinkLocal } from "../core/link-local.ts";
import { type Expectation, wantsReach } from "../core/verdict.ts";
import { anyone, defaultFrom, ownerOf, type Policy, type ReachEntry, reachEntries, statedTargets } from "../policy/policy.ts";

/** Undefined: whatever is seen is fine. */
export function expectationOf(policy: Policy, cell: Cell): Expectation | undefined {
  const forward = policy.forwards[cell.forward];
  if (!forward) return undefined;
  // A host that was made for a class of sources is named by its address.
  const owner = ownerOf(policy, cell.vantage);
  const entries = reachEntries(forward).map((entry) => (entry.vantage === owner ? { ...entry, vantage: cell.vantage } : entry));
  const ends = [serverOf(forward), forward.from ?? defaultFrom];
  const is = cell.scope === "socket" ? socketExpectation(entries, cell, serverOf(forward)) : portExpectation(entries, cell, ends);
  const { socks } = cell;
  const stated = socks && statedTargets(forward).find(({ host, port }) => host === socks.host && port === socks.port);
  if (stated) return stated.is === "blocked" ? "blocked" : is;
  // Who may use a SOCKS proxy need not get to what its own lists turn down.
  return socks?.refusedBy && is !== undefined && wantsReach(is) ? undefined : is;
}

/** `reachable` is meant for the account that listens, `blocked` for every other: nothing keeps the owner of a file out. An entry that names an account means it. */
function socketExpectation(entries: readonly ReachEntry[], { vantage, owner = false, as }: Cell, server: string): Expectation | undefined {
  const ofVantage = entries.filter((entry) => entry.vantage === vantage);
  const named = ofVantage.find((entry) => entry.as !== undefined && entry.as === as);
  if (named) return named.is;
  const is = ofVantage.find((entry) => entry.as === undefined)?.is;
  if (is === undefined) return owner || vantage === server ? undefined : "blocked";
  return wantsReach(is) === owner ? is : undefined;
}

/**
 * What must be seen. An entry that names the vantage point outranks `anyone`; one that names the next hop outranks one that names the address, which outranks
 * one that names the family, which outranks one that names none of them.
 * - Both ends of the tunnel are free where they are not named: the server's own processes, and the machine that runs ssh.
 * - The listening host, named as reachable, must reach its loopback; its other addresses are then free. `anyone` does not name the ends.
 * - An address that the network leads nowhere from the vantage point must be reached only where the entry names that address.
 * - A neighbour that may reach the forward at all may also use the server as its next hop, or its link-local address; any other neighbour must be blocked
 *   there, too.
 */
function portExpectation(entries: readonly ReachEntry[], cell: Cell, ends: readonly string[]): Expectation | undefined {
  const entry = entryFor(entries, cell);
  const isEnd = ends.includes(cell.vantage);
  if (!entry) return isEnd ? undefined : "blocked";
  if (entry.vantage === anyone && isEnd) return undefined;
  if (entry.address !== undefined || entry.via !== undefined || !wantsReach(entry.is)) return entry.is;
  return mayBeMissed(cell) ? undefined : entry.is;
}

/**
 * May whoever reaches the forward fail to reach it this way? Over an own address of the listening host beside its loopback, over one that the network
 * leads nowhere, and over the listening host as next hop. Its own processes' packets meet no rule that leads a port to another one as it comes in.
 */
export function mayBeMissed({ routed, scope, vantage, listensOn, moved }: Cell): boolean {
  return !routed || scope === "neighbour" || (vantage === listensOn && (scope === "own" || moved === true));
}

function entryFor(entries: readonly ReachEntry[], cell: Cell): ReachEntry | undefined {
  return entries
    .filter(({ vantage, as }) => (vantage === cell.vantage || vantage === anyone) && as === cell.as)
    .filter((one) => namesWay(one, cell))
    .sort((one, other) => specificity(other) - specificity(one))[0];
}

/** Whether the family, the address and the next hop that an entry or a waiver states, if any, are the cell's. */
export function namesWay(
  { family, address, via }: Pick<ReachEntry, "family" | "address" | "via">,
  cell: { family: Family | null; target: string; via?: string | undefined },
): boolean {
  if (family !== undefined && family !== cell.family) return false;
  if (via !== undefined && parseAddress(via)?.text !== cell.via) return false;
  if (address === undefined) return true;
  const dialled = parseTarget(splitTarget(cell.target).listener)?.address ?? "";
  return address === anyLinkLocal ? isLinkLocal(dialled) : parseAddress(address)?.text === dialled;
}

function specificity({ vantage, via, address, family }: ReachEntry): number {
  return (vantage === anyone ? 0 : 8) + (via === undefined ? 0 : 4) + (address === undefined ? 0 : 2) + (family === undefined ? 0 : 1);
}
