/** Who reaches a kind of listener, by classes of source addresses: made of what probes saw. Pure. */

import { type Family, formatTarget, parseAddress } from "../../core/address.ts";
import { type AddressRange, holdsAddress, parseRange, sizeOf } from "../../core/address-range.ts";
import type { Audience } from "../../core/audience.ts";
import { distinctValues } from "../../core/distinct.ts";
import { type LabSpec, lansOf } from "../../core/lab-spec.ts";
import type { Observation } from "../../core/observation.ts";
import type { Cause, Reason } from "../../core/reason.ts";
import type { Sources } from "../../core/result.ts";
import type { ReviewFinding } from "../../core/review.ts";
import type { SeenWay } from "../../core/stated-entries.ts";
import type { Admission } from "../../core/verdict.ts";
import { vantagesOf } from "../../policy/source-classes.ts";
import { interpret } from "../interpret.ts";

const server = "server";

type SourceClass = Sources["classes"][number];

/** What one class gets of a listener. */
export interface ClassReach {
  source: SourceClass;
  /** The service behind the forward answered at one of the server's addresses. */
  reached: boolean;
  /** Those addresses. */
  at: string[];
  /** Those that it can dial, and where it was kept out. */
  missed: string[];
  verdicts: string[];
}

export interface ListenerReach {
  classes: ClassReach[];
  /** What each class's vantage point saw at each address of the server. */
  ways: ClassWay[];
  /** Processes of the server. */
  server: boolean;
  /** Rules that let visitors from elsewhere in. */
  admissions: Admission[];
  /** Rules and policies that kept visitors out. */
  blockers: Reason[];
  unproven: Cause[];
}

export interface ClassWay extends SeenWay {
  family: Family;
  vantage: string;
}

/** What is known of the classes of sources: each is measured, and each address looked for, once. */
export class SourceIndex {
  readonly classes: readonly SourceClass[];
  /** Neighbours of the server. */
  readonly lan: ReadonlySet<SourceClass>;
  /** Of each family the class of all addresses that nothing names; where something names each, the one of most addresses. */
  readonly rest: ReadonlySet<SourceClass>;
  readonly #ranges: readonly AddressRange[][];
  readonly #interfaces: readonly { name: string; lan: string }[];
  readonly #spec: LabSpec;
  readonly #known = new Map<string, SourceClass | undefined>();

  constructor({ classes }: Sources, spec: LabSpec) {
    this.classes = classes;
    this.#ranges = classes.map(({ prefixes }) => prefixes.flatMap((text) => parseRange(text) ?? []));
    const lans = lansOf(spec, server);
    this.lan = new Set(classes.filter(({ vantage }) => lansOf(spec, vantage).some((lan) => lans.includes(lan))));
    this.#interfaces = (spec.hosts[server]?.interfaces ?? []).flatMap(({ name, link }) => ("lan" in link ? [{ name, lan: link.lan }] : []));
    this.#spec = spec;
    this.rest = new Set(
      ([4, 6] as const).flatMap((family) => classes.find((each) => each.family === family && each.rest) ?? this.#largest(family) ?? []),
    );
  }

  /** The server's interfaces to the LANs of these classes; none where it has but one. */
  lansOf(sources: readonly SourceClass[]): string[] {
    if (this.#interfaces.length < 2) return [];
    const lans = new Set(sources.filter((each) => this.lan.has(each)).flatMap(({ vantage }) => lansOf(this.#spec, vantage)));
    return this.#interfaces.flatMap(({ name, lan }) => (lans.has(lan) ? [name] : []));
  }

  /** Hosts that a policy has, too, and those that it needs for a class: by family, the class that each belongs to. */
  members(): Map<string, SourceClass[]> {
    const found = new Map<string, SourceClass[]>();
    const add = (vantage: string, source: SourceClass | undefined) =>
      source && found.set(vantage, [...(found.get(vantage) ?? []).filter(({ family }) => family !== source.family), source]);
    for (const family of [4, 6] as const) {
      for (const { vantage, address } of vantagesOf(this.#spec, family)) {
        const source = this.classes.find((_, at) => holdsAddress(this.#ranges[at] ?? [], address));
        add(vantage, source);
        // Whoever is given one address by hand has one of the other family that nothing names.
        const other = this.classes.find((each) => each.family !== family && this.#alikeElsewhere(each, vantage));
        if (this.#spec.hosts[vantage]?.standIn) add(vantage, other);
      }
    }
    return found;
  }

  /** Of the other family: the class of addresses that nothing names, on the same LAN or on none. */
  #alikeElsewhere(other: SourceClass, standIn: string): boolean {
    const [lan] = lansOf(this.#spec, standIn);
    return lan === undefined ? this.rest.has(other) : this.lan.has(other) && lansOf(this.#spec, other.vantage).includes(lan);
  }

  #largest(family: Family): SourceClass | undefined {
    const own = this.classes.filter((source) => source.family === family && !this.lan.has(source));
    const sizes = own.map((source) => sizeOf(this.#ranges[this.classes.indexOf(source)] ?? []));
    return own[sizes.findIndex((size) => sizes.every((other) => size >= other))];
  }

  classOf(text: string): SourceClass | undefined {
    if (!this.#known.has(text)) this.#known.set(text, this.#find(text));
    return this.#known.get(text);
  }

  #find(text: string): SourceClass | undefined {
    const address = parseAddress(text);
    if (!address) return undefined;
    return this.classes.find((_, at) => holdsAddress(this.#ranges[at] ?? [], address));
  }
}

export function listenerReach(observations: readonly Observation[], sources: SourceIndex, spec: LabSpec): ListenerReach {
  const seen = observations.map((observation) => ({ observation, ...interpret(observation, spec) }));
  const outside = seen.filter(({ observation }) => observation.cell.vantage !== server);
  const classes = sources.classes.map((source): ClassReach => {
    const own = outside.filter(({ observation }) => isFrom(observation, source, sources));
    const addresses = (which: (verdict: string) => boolean) => [
      ...new Set(own.flatMap(({ verdict, observation: { cell } }) => (cell.routed && which(verdict) ? [cell.address] : []))),
    ];
    const at = addresses((verdict) => verdict === "reached");
    const unknown = addresses((verdict) => verdict === "inconclusive");
    return {
      source,
      reached: own.some(({ verdict }) => verdict === "reached"),
      at,
      missed: addresses((verdict) => verdict !== "reached").filter((each) => !at.includes(each) && !unknown.includes(each)),
      verdicts: [...new Set(own.map(({ verdict }) => verdict))].sort(),
    };
  });
  const standing = new Set(sources.classes.map(({ vantage, family }) => `${vantage} ${family}`));
  return {
    classes,
    ways: outside.flatMap(({ observation: { cell }, verdict }): ClassWay[] => {
      const { vantage, family, target, via } = cell;
      if (family === null || !standing.has(`${vantage} ${family}`)) return [];
      return [{ vantage, family, target, ...(via === undefined ? {} : { via }), seen: verdict }];
    }),
    server: seen.some(({ observation, verdict }) => observation.cell.vantage === server && verdict === "reached"),
    admissions: distinctValues(outside.flatMap(({ observation, verdict }) => (verdict === "reached" ? admissionOf(observation) : []))),
    blockers: distinctValues(outside.flatMap(({ verdict, reason }) => (verdict !== "reached" && reason ? [reason] : []))),
    unproven: seen.flatMap(({ observation, verdict, unproven, mayChange }) =>
      verdict === "inconclusive" || mayChange ? [ofCell(observation, unproven ?? mayChange)] : [],
    ),
  };
}

/** The class that the vantage point stands for; or another vantage point with an address of the class. */
function isFrom({ cell, probe }: Observation, source: SourceClass, sources: SourceIndex): boolean {
  if (cell.family !== source.family) return false;
  return cell.vantage === source.vantage || sources.classOf(probe.evidence.seenAs ?? "") === source;
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

/** The widest of those who reach it. */
export function audienceOf(
  { classes, server: local }: Pick<ListenerReach, "classes" | "server">,
  { lan, rest }: SourceIndex,
): Audience | undefined {
  const reached = classes.filter((each) => each.reached).map(({ source }) => source);
  if (reached.some((source) => rest.has(source))) return "internet";
  if (reached.some((source) => !lan.has(source))) return "networks";
  if (reached.length > 0) return "lan";
  return local ? "server" : undefined;
}

/** Those that come over a router, told by what is left out where that is less. */
export function visitorsOf(classes: ListenerReach["classes"], { lan, rest }: SourceIndex): ReviewFinding["visitors"] {
  const outside = classes.filter(({ source }) => !lan.has(source));
  const prefixesOf = (all: readonly ClassReach[]) => all.flatMap(({ source }) => source.prefixes);
  const reached = outside.filter((each) => each.reached);
  if (reached.length === 0) return null;
  return {
    prefixes: prefixesOf(reached),
    families: ([4, 6] as const).flatMap((family) => {
      const own = outside.filter(({ source }) => source.family === family);
      const yes = own.filter((each) => each.reached);
      if (yes.length === 0) return [];
      const hasRest = yes.some(({ source }) => rest.has(source));
      const no = own.filter((each) => !each.reached);
      return [{ family, rest: hasRest, except: hasRest ? prefixesOf(no) : [], only: hasRest ? [] : prefixesOf(yes) }];
    }),
  };
}

/** Who of those that reach it does so at which of the server's addresses. An address where nothing is proven keeps nobody out. */
export function destinationsOf(classes: readonly ClassReach[], index: SourceIndex): ReviewFinding["destinations"] {
  const reaching = classes.filter((each) => each.reached);
  const addresses = new Set(reaching.flatMap(({ at, missed }) => [...at, ...missed]));
  return [...addresses].map((address) => {
    const here = classes.map((each) => ({ ...each, reached: each.at.includes(address) }));
    return {
      address,
      all: !reaching.some(({ missed }) => missed.includes(address)),
      visitors: visitorsOf(here, index),
      ...lanOf(here, index),
    };
  });
}

/** Neighbours among those that reach it. */
export function lanOf(classes: readonly ClassReach[], index: SourceIndex): Pick<ReviewFinding, "lan" | "lans"> {
  const reached = classes.flatMap((each) => (each.reached ? [each.source] : []));
  return { lan: reached.some((source) => index.lan.has(source)), lans: index.lansOf(reached) };
}
