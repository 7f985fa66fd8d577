/** What a policy expects of a cell. */
import { parseAddress } from "../core/address.ts";
import type { Cell } from "../core/cells.ts";
import { type Expectation, wantsReach } from "../core/verdict.ts";
import { type Policy, type ReachEntry, reachEntries } from "../policy/policy.ts";

/** Undefined: whatever is seen is fine. */
export function expectationOf(policy: Policy, cell: Cell): Expectation | undefined {
  const forward = policy.forwards[cell.forward];
  if (!forward) return undefined;
  const entries = reachEntries(forward);
  const is = cell.scope === "socket" ? socketExpectation(entries, cell) : portExpectation(entries, cell);
  // Who may use a SOCKS proxy need not get to what its own lists turn down.
  return cell.socks?.refusedBy && is !== undefined && wantsReach(is) ? undefined : is;
}

/** `reachable` is meant for the account that listens, `blocked` for every other: nothing keeps the owner of a file out. */
function socketExpectation(entries: readonly ReachEntry[], { vantage, owner = false }: Cell): Expectation | undefined {
  const is = entries.find((entry) => entry.vantage === vantage)?.is;
  if (is === undefined) return owner || vantage === "server" ? undefined : "blocked";
  return wantsReach(is) === owner ? is : undefined;
}

/**
 * What must be seen. An entry that names the address outranks one that names the family, which outranks one that names only the vantage.
 * The listening host itself, named as reachable, must reach its loopback; its other addresses are then free.
 * The server is free when it is not named. An address that the network leads nowhere from the vantage point is only meant where it is named, or its family.
 */
function portExpectation(entries: readonly ReachEntry[], cell: Cell): Expectation | undefined {
  const entry = entries
    .filter((one) => one.vantage === cell.vantage)
    .filter((one) => one.family === undefined || one.family === cell.family)
    .filter((one) => one.address === undefined || parseAddress(one.address)?.text === cell.address)
    .sort((one, other) => specificity(other) - specificity(one))[0];
  const local = cell.vantage === cell.listensOn;
  if (entry && !cell.routed && wantsReach(entry.is) && specificity(entry) === 0) return undefined;
  if (!entry) {
    if (local && cell.vantage === "server") return undefined;
    const named = entries.some((one) => one.vantage === cell.vantage && wantsReach(one.is) && one.address === undefined);
    return local && named && cell.scope === "own" ? undefined : "blocked";
  }
  return local && cell.scope === "own" && entry.address === undefined && wantsReach(entry.is) ? undefined : entry.is;
}

function specificity(entry: ReachEntry): number {
  return (entry.address === undefined ? 0 : 2) + (entry.family === undefined ? 0 : 1);
}
