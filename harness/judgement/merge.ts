/** The results of `--shard I/N` runs of one policy, as the one result that an undivided run would have had. Pure. */

import { compareCells } from "../core/cells.ts";
import { distinctValues } from "../core/distinct.ts";
import { UserError } from "../core/errors.ts";
import { type FaultParams, faultOf } from "../core/fault.ts";
import type { Provenance, Result, Unworded } from "../core/result.ts";
import { distinctWarnings, type Warning, warning } from "../core/warning.ts";
import { overallOutcome } from "./verdict-of-run.ts";

/** A result, and the name of its file for people. */
export interface Part {
  name: string;
  result: Result;
}

interface Shard extends Part {
  index: number;
  count: number;
}

/** @throws UserError `merge-part` for parts that are missing, duplicate or no parts; `merge-foreign` for a part of another run */
export function joinParts(parts: readonly Part[]): Unworded<Result> {
  const shards = parts.map(shardOf).sort((one, other) => one.index - other.index);
  const [first, ...others] = shards;
  if (!first)
    throw new UserError("merge-part", "there is nothing to merge", {
      fault: faultOf("merge-nothing", {}),
      expected: "the results of all parts of one policy",
    });
  for (const other of others) requireSameRun(first, other);
  const names = first.result.provenance.only ?? first.result.provenance.forwards ?? [];
  requireAllParts(shards, names);
  const results = shards.map(({ result }) => result);
  const byName = new Map(results.flatMap((result) => result.forwards.map((forward) => [forward.name, forward] as const)));
  const order = (first.result.provenance.forwards ?? names).filter((name) => byName.has(name));
  const forwards = order.flatMap((name) => byName.get(name) ?? []);
  const cells = results.flatMap((result) => result.cells).sort(compareCells);
  const reasons = distinctValues(results.flatMap((result) => result.reasons));
  const violations = reasons.filter(({ status }) => status === "violated");
  const unproven = reasons.filter(({ status, code }) => status === "inconclusive" && code !== "nothing-expected");
  const { outcome, counts } = overallOutcome(cells, forwards, violations, unproven);
  const remedied = [...cells, ...forwards].some(({ remedy }) => remedy !== undefined);
  return {
    ...first.result,
    outcome,
    counts,
    // A part without expectations is no fault of the whole.
    reasons: reasons.filter(
      ({ code }) => code !== "nothing-expected" || counts.held + counts.violated + counts.waived + counts.inconclusive === 0,
    ),
    provenance: mergedProvenance(results.map(({ provenance }) => provenance)),
    forwards: forwards.map(withoutRemedy),
    cells: cells.map(withoutRemedy),
    waivers: order.flatMap((name) => results.flatMap(({ waivers }) => waivers.filter(({ forward }) => forward === name))),
    warningDetails: distinctWarnings([
      // All parts are of this version, so every code is one of its own.
      ...results.flatMap(({ warningDetails = [] }) => warningDetails.map(({ text: _, ...each }) => each as Warning)),
      ...(remedied ? [warning("remedies-left-out", {})] : []),
    ]),
  };
}

function shardOf({ name, result }: Part): Shard {
  const { shard, forwards } = result.provenance;
  if (shard && forwards) return { name, result, ...shard };
  throw new UserError("merge-part", `${name} is not a part of a run`, {
    fault: faultOf("merge-not-a-part", { name, undivided: !shard }),
    place: { file: name },
    found: shard ? "a result that does not tell all forwards of its policy" : "a result of an undivided run",
    expected: "results of `forwardlab verify --shard I/N`",
    todo: "leave it out, or verify with --shard",
  });
}

type Differs = FaultParams<"merge-other-run">["differs"];

/** Verdicts of different servers, policies or tools make no result together. */
function requireSameRun(first: Shard, other: Shard): void {
  const foreign = (differs: Differs, what: string, one: string, another: string, file?: string): never => {
    throw new UserError("merge-foreign", `${other.name} is of another run than ${first.name}`, {
      place: { file: other.name },
      fault: faultOf("merge-other-run", { name: other.name, first: first.name, differs, file, found: another, expected: one }),
      found: `${what} ${another}`,
      expected: `${what} ${one}, as in ${first.name}`,
      todo: "verify all parts with the same policy, files, OpenSSH and forwardlab",
    });
  };
  const compare = (what: Differs, read: (result: Result) => string) => {
    const [one, another] = [read(first.result), read(other.result)];
    if (one !== another) foreign(what, what, one, another);
  };
  compare("forwardlab", ({ tool }) => tool.version);
  const [hashes, otherHashes] = [hashesOf(first.result), hashesOf(other.result)];
  for (const file of new Set([...hashes.keys(), ...otherHashes.keys()])) {
    if (hashes.get(file) !== otherHashes.get(file))
      foreign(
        "file",
        `${file} with SHA-256`,
        hashes.get(file) ?? "none: the file was not read",
        otherHashes.get(file) ?? "none: the file was not read",
        file,
      );
  }
  compare("OpenSSH", ({ provenance }) => provenance.openssh?.server ?? "unknown");
  compare("ssh", ({ provenance }) => provenance.openssh?.client ?? "unknown");
  compare("forwards", ({ provenance }) => (provenance.forwards ?? []).join(", "));
  compare("--only", ({ provenance }) => (provenance.only ?? ["left out"]).join(", "));
  if (JSON.stringify(first.result.topology) !== JSON.stringify(other.result.topology))
    foreign("network", "a network", "with the same hosts", "of its own");
  if (first.count !== other.count) foreign("parts", "a number of parts of", String(first.count), String(other.count));
}

function hashesOf({ provenance }: Result): Map<string, string> {
  return new Map(provenance.configs.map(({ file, sha256 }) => [file, sha256]));
}

function requireAllParts(shards: readonly Shard[], names: readonly string[]): void {
  const count = shards[0]?.count ?? 0;
  const given = Map.groupBy(shards, ({ index }) => index);
  const [twice] = [...given.values()].filter((same) => same.length > 1);
  const expected = `each of 1/${count} to ${count}/${count} once`;
  if (twice) {
    throw new UserError("merge-part", `part ${twice[0]?.index}/${count} is given ${twice.length} times`, {
      fault: faultOf("merge-part-twice", { part: `${twice[0]?.index}/${count}`, times: twice.length }),
      found: twice.map(({ name }) => name).join(", "),
      expected,
      todo: "leave all but one of them out",
    });
  }
  const missing = Array.from({ length: count }, (_, at) => at + 1).filter((index) => !given.has(index));
  if (missing.length > 0) {
    throw new UserError(
      "merge-part",
      `${missing.length === 1 ? "part" : "parts"} ${missing.map((index) => `${index}/${count}`).join(", ")} missing`,
      {
        fault: faultOf("merge-parts-missing", { parts: missing.map((index) => `${index}/${count}`), count }),
        found: shards.map(({ name, index }) => `${index}/${count} (${name})`).join(", "),
        expected,
        todo: "add the result of each part; one that failed with an error has no result",
      },
    );
  }
  const seen = shards.flatMap(({ result }) => result.forwards.map(({ name }) => name));
  const lost = names.filter((name) => !seen.includes(name));
  const doubled = seen.filter((name, at) => seen.indexOf(name) !== at || !names.includes(name));
  if (lost.length + doubled.length > 0) {
    throw new UserError("merge-part", "the parts do not make the policy's forwards together", {
      fault: faultOf("merge-incomplete", { names, missing: lost, twice: doubled }),
      found: [...lost.map((name) => `no ${name}`), ...doubled.map((name) => `${name} more than once`)].join(", "),
      expected: `each of ${names.join(", ")} once`,
      todo: "verify each part again",
    });
  }
}

function mergedProvenance(all: readonly Provenance[]): Unworded<Provenance> {
  const [first] = all as [Provenance];
  const { shard: _, startedAt: __, durationMs: ___, adaptations: ____, ...rest } = first;
  const [startedAt] = all.flatMap((each) => each.startedAt ?? []).sort();
  const durations = all.flatMap((each) => each.durationMs ?? []);
  const kernels = distinctValues(all.flatMap(({ kernel }) => kernel ?? []));
  const checks = Map.groupBy(
    all.flatMap(({ selfCheck }) => selfCheck),
    ({ name }) => name,
  );
  return {
    ...rest,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(durations.length === 0 ? {} : { durationMs: durations.reduce((sum, each) => sum + each, 0) }),
    ...(kernels.length === 0 ? {} : { kernel: kernels.join(", ") }),
    images: distinctValues(all.flatMap(({ images }) => images)),
    adaptationDetails: distinctValues(
      all.flatMap(({ adaptationDetails = [] }) => adaptationDetails.map(({ text: _text, ...each }) => each)),
    ),
    nat: distinctValues(all.flatMap(({ nat }) => nat)),
    selfCheck: [...checks.values()].flatMap((same) => same.find(({ ok }) => !ok) ?? same[0] ?? []),
  };
}

/** That it opens nothing else was seen of its own part's forwards only. */
function withoutRemedy<One extends { remedy?: unknown }>({ remedy: _, ...rest }: One): Omit<One, "remedy"> {
  return rest;
}
