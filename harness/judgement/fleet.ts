/** What the results of several servers come to together. Pure. */

import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Fleet, FleetServer, ServerError } from "../core/fleet.ts";
import { fleetVersion } from "../core/fleet.ts";
import { type Outcome, type Result, type Status, statuses } from "../core/result.ts";
import { PolicyErrors } from "../policy/policy-errors.ts";

export type FleetRun = Pick<Fleet, "tool" | "startedAt" | "durationMs" | "labs" | "policies" | "shard">;

export function fleetOf(servers: readonly FleetServer[], run: FleetRun): Fleet {
  return {
    schemaVersion: fleetVersion,
    kind: "fleet",
    outcome: outcomeOf(servers),
    counts: countsOf(servers.flatMap(({ result }) => result ?? [])),
    ...run,
    servers: [...servers],
  };
}

/** A proven violation is one, whatever else could not be found out. */
function outcomeOf(servers: readonly FleetServer[]): Outcome {
  if (servers.some(({ result }) => result?.outcome === "fail")) return "fail";
  return servers.length > 0 && servers.every(({ result }) => result?.outcome === "pass") ? "pass" : "inconclusive";
}

function countsOf(results: readonly Result[]): Record<Status, number> {
  const sum = (status: Status) => results.reduce((all, { counts }) => all + counts[status], 0);
  return Object.fromEntries(statuses.map((status) => [status, sum(status)])) as Record<Status, number>;
}

/** What each policy is called: its folder where it is that folder's `policy.yaml`, else its file. */
export function serverNames(policies: readonly string[]): string[] {
  const short = policies.map((file) => file.replace(/\/policy\.ya?ml$/, ""));
  return short.map((name, at) => (short.indexOf(name) === short.lastIndexOf(name) ? name : (policies[at] as string)));
}

export function serverError(error: UserError): ServerError {
  const { code, message, place, found, expected, todo, log, fault } = error;
  const errors = error instanceof PolicyErrors && error.errors.length > 1 ? error.errors.map(serverError) : undefined;
  const all = { code, message, place, found, expected, todo, log, fault, errors };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as ServerError;
}

export interface FleetPart {
  /** The file that a person knows it by. */
  name: string;
  fleet: Fleet;
}

/** The parts of one fleet (`--shard`), as the one that an undivided run would have given. @throws UserError `merge-part`, `merge-foreign` */
export function mergeFleets(parts: readonly FleetPart[]): Fleet {
  const [first] = parts as [FleetPart, ...FleetPart[]];
  for (const { name, fleet } of parts) {
    const foreign =
      fleet.tool.version !== first.fleet.tool.version
        ? (["forwardlab", fleet.tool.version, first.fleet.tool.version] as const)
        : fleet.policies.join(", ") !== first.fleet.policies.join(", ") &&
          (["policies", fleet.policies.join(", "), first.fleet.policies.join(", ")] as const);
    if (foreign) {
      const [what, found, expected] = foreign;
      throw new UserError("merge-foreign", `${name} is of another run than ${first.name}`, {
        fault: faultOf("merge-other-run", { name, first: first.name, differs: what, found, expected }),
        place: { file: name },
        found: `${what} ${found}`,
        expected: `${what} ${expected}, as in ${first.name}`,
        todo: "verify all parts with the same policies and the same forwardlab",
      });
    }
  }
  const servers = parts.flatMap(({ fleet }) => fleet.servers);
  const { policies } = first.fleet;
  const missing = policies.filter((policy) => !servers.some(({ name }) => name === policy));
  const twice = servers.map(({ name }) => name).filter((name, at, all) => all.indexOf(name) !== at);
  if (missing.length + twice.length > 0) {
    throw new UserError("merge-part", "the parts do not make the fleet together", {
      fault: faultOf("merge-incomplete", { names: [], missing, twice }),
      found: [...missing.map((name) => `no ${name}`), ...twice.map((name) => `${name} more than once`)].join(", "),
      expected: "each server once",
      todo: "give the result of each part once; one that ended with an error has none",
    });
  }
  const { shard: _, ...run } = first.fleet;
  return fleetOf(
    policies.flatMap((policy) => servers.find(({ name }) => name === policy) ?? []),
    {
      tool: run.tool,
      policies,
      startedAt: parts.map(({ fleet }) => fleet.startedAt).sort()[0] as string,
      durationMs: parts.reduce((sum, { fleet }) => sum + fleet.durationMs, 0),
      labs: parts.reduce((sum, { fleet }) => sum + fleet.labs, 0),
    },
  );
}
