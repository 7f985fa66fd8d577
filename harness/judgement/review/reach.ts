/** Who reaches a kind of listener, by classes of source addresses: made of what probes saw. Pure. */
import { formatTarget, parseAddress, toNumber } from "../../core/address.ts";
import { parseRange } from "../../core/address-range.ts";
import { type LabSpec, lansOf } from "../../core/lab-spec.ts";
import type { Observation } from "../../core/observation.ts";
import type { Cause, Reason } from "../../core/reason.ts";
import type { Sources } from "../../core/result.ts";
import type { Audience, ReviewFinding } from "../../core/review.ts";
import type { Admission } from "../../core/verdict.ts";
import { interpret } from "../interpret.ts";

type SourceClass = Sources["classes"][number];

/** What one class gets of a listener. */
export interface ClassReach {
  source: SourceClass;
  /** The service behind the forward answered at one of the server's addresses. */
  reached: boolean;
  verdicts: string[];
}

export interface ListenerReach {
  classes: ClassReach[];
  /** Processes of the server. */
  server: boolean;
  /** Rules that let visitors from elsewhere in. */
  admissions: Admission[];
  /** Rules and policies that kept visitors out. */
  blockers: Reason[];
  unproven: Cause[];
}

export function listenerReach(observations: readonly Observation[], sources: Sources, spec: LabSpec): ListenerReach {
  const seen = observations.map((observation) => ({ observation, ...interpret(observation, spec) }));
  const outside = seen.filter(({ observation }) => observation.cell.vantage !== server);
  const classes = sources.classes.map((source): ClassReach => {
    const own = outside.filter(({ observation }) => isFrom(observation, source));
    return {
      source,
      reached: own.some(({ verdict }) => verdict === "reached"),
      verdicts: [...new Set(own.map(({ verdict }) => verdict))].sort(),
    };
  });
  return {
    classes,
    server: seen.some(({ observation, verdict }) => observation.cell.vantage === server && verdict === "reached"),
    admissions: distinct(outside.flatMap(({ observation, verdict }) => (verdict === "reached" ? admissionOf(observation) : []))),
    blockers: distinct(outside.flatMap(({ verdict, reason }) => (verdict !== "reached" && reason ? [reason] : []))),
    unproven: seen.flatMap(({ observation, verdict, unproven, mayChange }) =>
      verdict === "inconclusive" || mayChange ? [ofCell(observation, unproven ?? mayChange)] : [],
    ),
  };
}

const server = "server";

/** The class that the vantage point stands for; or another vantage point with an address of the class. */
function isFrom({ cell, probe }: Observation, { vantage, family, prefixes }: SourceClass): boolean {
  if (cell.family !== family) return false;
  if (cell.vantage === vantage) return true;
  const address = parseAddress(probe.evidence.seenAs ?? "");
  if (!address) return false;
  const value = toNumber(address);
  return prefixes.some((text) => {
    const range = parseRange(text);
    return range?.family === address.family && range.first <= value && value <= range.last;
  });
}

function admissionOf({ probe }: Observation): Admission[] {
  return [probe.translation, probe.admission].filter((each) => each !== undefined);
}

function ofCell({ cell }: Observation, cause: Cause | undefined): Cause {
  const { code = "probe-missing", params = {}, ...place } = cause ?? {};
  return {
    code: "review-cell-unproven",
    params: { vantage: cell.vantage, target: formatTarget(cell.address, cell.port), why: code, ...params },
    ...place,
  };
}

/** Each once. */
export function distinct<T>(all: readonly T[]): T[] {
  return [...new Map(all.map((each) => [JSON.stringify(each), each])).values()];
}

/** The widest of those who reach it. */
export function audienceOf({ classes, server: local }: Pick<ListenerReach, "classes" | "server">, spec: LabSpec): Audience | undefined {
  const reached = classes.filter((each) => each.reached).map(({ source }) => source);
  const outside = reached.filter((source) => !isLan(source, spec));
  const rest = restOfInternet(
    classes.map(({ source }) => source),
    spec,
  );
  if (outside.some((source) => rest.includes(source))) return "internet";
  if (outside.length > 0) return "networks";
  if (reached.length > 0) return "lan";
  return local ? "server" : undefined;
}

/** Is it a neighbour of the server? */
export function isLan({ vantage }: SourceClass, spec: LabSpec): boolean {
  const lans = lansOf(spec, server);
  return lansOf(spec, vantage).some((lan) => lans.includes(lan));
}

/** Those that come over a router, told by what is left out where that is less. */
export function visitorsOf(classes: ListenerReach["classes"], spec: LabSpec): ReviewFinding["visitors"] {
  const outside = classes.filter(({ source }) => !isLan(source, spec));
  const rest = restOfInternet(
    classes.map(({ source }) => source),
    spec,
  );
  const prefixesOf = (all: readonly ClassReach[]) => all.flatMap(({ source }) => source.prefixes);
  const reached = outside.filter((each) => each.reached);
  if (reached.length === 0) return null;
  return {
    prefixes: prefixesOf(reached),
    families: ([4, 6] as const).flatMap((family) => {
      const own = outside.filter(({ source }) => source.family === family);
      const yes = own.filter((each) => each.reached);
      if (yes.length === 0) return [];
      const hasRest = yes.some(({ source }) => rest.includes(source));
      const no = own.filter((each) => !each.reached);
      return [{ family, rest: hasRest, except: hasRest ? prefixesOf(no) : [], only: hasRest ? [] : prefixesOf(yes) }];
    }),
  };
}

/** Of each family the class of all addresses that nothing names: the one of most addresses. */
function restOfInternet(all: readonly SourceClass[], spec: LabSpec): SourceClass[] {
  return ([4, 6] as const).flatMap((family) => {
    const own = all.filter((source) => source.family === family && !isLan(source, spec));
    const [largest] = own.toSorted((one, other) => compare(sizeOf(other), sizeOf(one)));
    return largest ? [largest] : [];
  });
}

function sizeOf({ prefixes }: SourceClass): bigint {
  return prefixes.reduce((sum, text) => {
    const range = parseRange(text);
    return range ? sum + range.last - range.first + 1n : sum;
  }, 0n);
}

function compare(one: bigint, other: bigint): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
