/**
 * Two reviews compared by what they come down to: who can expose which port to which address. Their classes of ports and addresses may differ: both are
 * cut anew, so that each piece is in one finding or not. Pure.
 */
import type { Family } from "../../core/address.ts";
import { classesOf, parseRange } from "../../core/address-range.ts";
import { audiences } from "../../core/audience.ts";
import { holds } from "../../core/interval.ts";
import { type PortRange, portClassesOf, portsFrom } from "../../core/port-range.ts";
import type { Review, ReviewFinding } from "../../core/review.ts";
import { type ReviewDiff, reviewDiffVersion } from "../../core/review-diff.ts";
import { settingText } from "../../openssh/sshd-keywords.ts";

export interface ReviewComparison {
  before: Review;
  after: Review;
  names: { before: string; after: string };
  tool: { name: string; version: string };
}

export function compareReviews({ before, after, names, tool }: ReviewComparison): ReviewDiff {
  const pieces = new Pieces([before, after]);
  const [was, is] = [before, after].map((review) => pieces.of(review)) as [PiecesOf, PiecesOf];
  const allBefore = union(was);
  const opened = after.findings.filter(({ id }) => has(is.get(id), (piece) => !allBefore.has(piece)));
  // What narrower circles still get is told by findings of their own.
  const remains = ({ id, audience }: ReviewFinding) =>
    after.findings.some(
      (each) =>
        audiences.indexOf(each.audience) <= audiences.indexOf(audience) &&
        has(is.get(each.id), (piece) => was.get(id)?.has(piece) === true),
    );
  const gone = before.findings.filter((finding) => (was.get(finding.id)?.size ?? 0) > 0 && !remains(finding));
  // Whoever reaches less of the same may be told under another name.
  const renamed = before.findings.filter(({ id }) => !after.findings.some((each) => each.id === id));
  const formerly = (finding: ReviewFinding) =>
    before.findings.find(({ id }) => id === finding.id) ??
    renamed.find(
      ({ id, kind, audience }) =>
        kind === finding.kind && audience === finding.audience && has(was.get(id), (piece) => is.get(finding.id)?.has(piece) === true),
    );
  const others = after.findings.filter((finding) => !opened.includes(finding));
  const changed = others.flatMap((finding) => {
    const old = formerly(finding);
    return old && !sameSet(was.get(old.id), is.get(finding.id)) ? [{ before: old, after: finding }] : [];
  });
  const unproven = before.outcome === "inconclusive" || after.outcome === "inconclusive";
  return {
    schemaVersion: reviewDiffVersion,
    kind: "review-diff",
    tool,
    outcome: outcomeOf(opened.length > 0, unproven),
    before: sideOf(before, names.before),
    after: sideOf(after, names.after),
    opened,
    gone: gone.filter(({ id }) => !opened.some((each) => each.id === id)),
    changed,
    settings: changedSettings(before, after),
    principals: {
      added: missing(after, before),
      removed: missing(before, after),
    },
    rest: others.length - changed.length,
  };
}

/** What is newly open is so whatever else could not be proven. */
function outcomeOf(exposed: boolean, unproven: boolean): ReviewDiff["outcome"] {
  if (exposed) return "exposure-added";
  return unproven ? "inconclusive" : "no-exposure-added";
}

function sideOf({ subject, provenance }: Review, name: string): ReviewDiff["before"] {
  return { name, subject, files: provenance.configs.map(({ file }) => file), openssh: provenance.openssh?.server ?? null };
}

/** By id of the finding. */
type PiecesOf = ReadonlyMap<string, ReadonlySet<string>>;

/** The pieces that the ports and addresses of all reviews are cut into. */
class Pieces {
  readonly #ports: readonly { ranges: PortRange[] }[];
  readonly #addresses: readonly { family: Family; ranges: { first: bigint; last: bigint }[] }[];

  constructor(reviews: readonly Review[]) {
    const findings = reviews.flatMap((review) => review.findings);
    this.#ports = portClassesOf(findings.map((finding) => portsOf(finding)));
    const prefixes = findings.flatMap(({ visitors, destinations }) =>
      [visitors, ...destinations.map((each) => each.visitors)].flatMap((each) =>
        (each?.prefixes ?? []).flatMap((text) => parseRange(text) ?? []),
      ),
    );
    this.#addresses = ([4, 6] as const).flatMap((family) =>
      classesOf(
        family,
        prefixes.map((range) => [range]),
      ).map(({ ranges }) => ({ family, ranges })),
    );
  }

  of(review: Review): PiecesOf {
    const whoOf = new Map(
      review.principals.map(({ id, account, login, from, to }) => [id, JSON.stringify([account, login.options, from, to])]),
    );
    return new Map(
      review.findings.map((finding) => {
        const who = [...new Set(finding.principals.map((id) => whoOf.get(id) ?? id))];
        const what = this.#whatOf(finding);
        return [finding.id, new Set(who.flatMap((principal) => what.map((each) => `${principal} ${each}`)))];
      }),
    );
  }

  #whatOf(finding: ReviewFinding): string[] {
    const { kind, destinations, server, targets, audience } = finding;
    if (kind === "settings") return [];
    if (kind === "target") return targets.map((target) => `dial ${target}`);
    const to = [
      ...(kind === "listener" && destinations.length > 0
        ? destinations.flatMap((each) => this.#visitorsOf(each).map((who) => `${who} at ${each.address}`))
        : this.#visitorsOf(finding)),
      ...(server ? ["to server"] : []),
      ...(audience === "account" ? ["to account"] : []),
    ];
    if (kind !== "listener") return to.map((each) => `${kind} ${each}`);
    const own = portsOf(finding);
    const ports = this.#ports.flatMap(({ ranges: [first] }, at) => (first && holds(own, first.first) ? [at] : []));
    return ports.flatMap((port) => to.map((each) => `listen ${port} ${each}`));
  }

  #visitorsOf({ visitors, lan, lans }: Pick<ReviewFinding, "visitors" | "lan" | "lans">): string[] {
    const prefixes = (visitors?.prefixes ?? []).flatMap((text) => parseRange(text) ?? []);
    const addresses = this.#addresses.flatMap(({ family, ranges: [first] }, at) =>
      first &&
      holds(
        prefixes.filter((range) => range.family === family),
        first.first,
      )
        ? [`to ${at}`]
        : [],
    );
    if (!lan) return addresses;
    return [...addresses, ...(lans.length > 0 ? lans.map((each) => `to lan ${each}`) : ["to lan"])];
  }
}

function portsOf({ ports = "" }: ReviewFinding): PortRange[] {
  return portsFrom(ports);
}

function union(pieces: PiecesOf): ReadonlySet<string> {
  return new Set([...pieces.values()].flatMap((each) => [...each]));
}

function has(pieces: ReadonlySet<string> | undefined, which: (piece: string) => boolean): boolean {
  return [...(pieces ?? [])].some(which);
}

function sameSet(one: ReadonlySet<string> | undefined, other: ReadonlySet<string> | undefined): boolean {
  return one?.size === other?.size && !has(one, (piece) => !other?.has(piece));
}

/** Ids of principals that only the first has. */
function missing(one: Review, other: Review): string[] {
  const known = new Set(other.principals.map(({ id }) => id));
  return one.principals.flatMap(({ id }) => (known.has(id) ? [] : [id]));
}

function changedSettings(before: Review, after: Review): ReviewDiff["settings"] {
  return after.principals.flatMap(({ id, settings }) => {
    const old = before.principals.find((each) => each.id === id)?.settings;
    if (!old) return [];
    const valueIn = (list: Review["principals"][number]["settings"], keyword: string) =>
      list.find((each) => each.keyword === keyword)?.value ?? null;
    const keywords = [...new Set([...old, ...settings].map(({ keyword }) => keyword))];
    return keywords.flatMap((keyword) => {
      const [was, is] = [valueIn(old, keyword), valueIn(settings, keyword)];
      const text = (value: string | null) => (value === null ? null : settingText({ keyword, value }));
      return was === is ? [] : [{ principal: id, keyword, before: text(was), after: text(is) }];
    });
  });
}
