/** What is violated or not known, each cause told once: over vantage points, addresses and forwards. */

import type { Result, ResultCell, ResultForward } from "../core/result.ts";
import { typedCommand } from "../core/typed-command.ts";
import { titleParts } from "./finding-titles.ts";
import type { ResultWords } from "./result-word-table.ts";
import { resultWords } from "./result-words.ts";
import type { Language } from "./sentences.ts";
import { type VisitorNames, visitorNames } from "./sources.ts";
import { clean, deciderLine, placeText, shortDecider, whyText } from "./words.ts";

export interface Finding {
  status: "violated" | "inconclusive";
  title: string;
  /** In natural order. */
  forwards: string[];
  expected: string;
  observed: string;
  /** One for each vantage point and target; of a finding about forwards their commands. */
  seen: { who: string; target: string; evidence: string }[];
  /** The same shorter, one for each vantage point; none of a finding about forwards. */
  visitors: { who: string; targets: string[]; from: string[] }[];
  /** Layer, file and line; the rule where the reasons do not tell it. Empty where nothing decided. */
  decider: string;
  /** Distinct sentences. */
  reasons: string[];
  /** What to change; was tried. */
  remedies: string[];
  /** Unified diffs, each once. */
  patches: string[];
  /** Where to look next. */
  next: string[];
  /** The forward stands, and it is about how long the server keeps it. */
  kept?: true;
  /** It is about a login that must fail. */
  login?: true;
  /** Those that it is about; none of a finding about forwards. */
  cells: ResultCell[];
  /** Set where the finding is about forwards themselves. */
  logs?: { forward: string; client: string; server: string }[];
}

/** Violations first, then what is not known; forwards before cells, in natural order. */
export function findings(result: Result, language: Language = "en"): Finding[] {
  // A failed self-check is told once, not for everything that it makes unknown.
  const broken = result.reasons.some(({ code }) => code.startsWith("self-check-"));
  const failing = result.forwards.filter(({ status }) => isOpen(status) && !(broken && status === "inconclusive"));
  const cells = result.cells.filter(
    (cell) => isOpen(cell.status) && !(broken && cell.status === "inconclusive") && !explained(cell, failing),
  );
  const words = resultWords[language];
  const found = [
    ...forwardFindings(
      failing.map((forward) => withWholeRemedy(forward, result.cells)),
      words,
    ),
    ...cellFindings(cells, visitorNames(result, language), words),
  ];
  return found.sort((one, other) => Number(one.status === "inconclusive") - Number(other.status === "inconclusive"));
}

function isOpen(status: ResultCell["status"]): status is Finding["status"] {
  return status === "violated" || status === "inconclusive";
}

/** Nobody reaches a forward that was refused: its refusal says it all. */
function explained(cell: ResultCell, failing: readonly ResultForward[]): boolean {
  const forward = failing.find(({ name, granted }) => name === cell.forward && granted === false);
  if (!forward || cell.status !== "violated") return false;
  const { code, params } = cell.decidedBy ?? {};
  if (code === "nat-target-not-listening" && Array.isArray(params?.listeners) && params.listeners.length === 0) return true;
  return code === (forward.decidedBy?.code ?? "not-granted");
}

/** Instead of a change that only makes the server grant the forward, the one that also lets in whom that leaves out, if there is one. */
function withWholeRemedy(forward: ResultForward, cells: readonly ResultCell[]): ResultForward {
  if (!forward.remedy?.stillKeptOut) return forward;
  const remedies = cells.flatMap((cell) => (cell.forward === forward.name && explained(cell, [forward]) ? [cell.remedy] : []));
  const [first] = remedies;
  const isWhole = first?.patch && remedies.every((remedy) => remedy?.patch === first.patch);
  return isWhole ? { ...forward, remedy: first } : forward;
}

function forwardFindings(forwards: readonly ResultForward[], words: ResultWords): Finding[] {
  const groups = Map.groupBy(forwards, ({ status, expected, granted, gone, login, decidedBy }) =>
    JSON.stringify([status, expected, granted, login, gone && [gone.within, gone.seconds], decidedBy?.code, deciderLine(decidedBy)]),
  );
  return [...groups.values()].map((group): Finding => {
    const [first] = group as [ResultForward, ...ResultForward[]];
    return {
      status: first.status as Finding["status"],
      title: words.forwardTitle({
        forwards: group.map(({ name }) => name),
        status: first.status,
        expected: first.expected,
        ...(first.granted && (first.gone || first.status === "inconclusive") ? { kept: true } : {}),
        ...(first.login ? { login: true } : {}),
      }),
      forwards: group.map(({ name }) => name),
      expected: words.expectedOfForward(first),
      observed: words.observedOfForward(first),
      seen: group.map(({ ssh, from, account }) => ({ who: words.login(from, account), target: clean(typedCommand(ssh)), evidence: "" })),
      visitors: [],
      ...(first.granted && first.gone ? { kept: true as const } : {}),
      ...(first.login ? { login: true as const } : {}),
      cells: [],
      decider: first.decidedBy ? shortDecider(first.decidedBy) : "",
      reasons: reasonsOf(group, words),
      ...adviceOf(group, words),
      logs: group.map(({ name, clientLog, serverLog }) => ({ forward: name, client: clientLog, server: serverLog })),
    };
  });
}

/** Of one forward by cause; then forwards together whose cells failed alike. */
function cellFindings(cells: readonly ResultCell[], names: VisitorNames, words: ResultWords): Finding[] {
  const ofForward = Map.groupBy(cells, (cell) => JSON.stringify([cell.forward, causeOf(cell)]));
  const alike = Map.groupBy(ofForward.values(), (group) =>
    JSON.stringify([causeOf(group[0] as ResultCell), group.map(({ vantage, as, via, family }) => [vantage, as, via, family])]),
  );
  const whoOf = (cell: ResultCell) => names([cell])[0] ?? cell.vantage;
  return [...alike.values()].map((groups): Finding => {
    const group = groups.flat();
    const [first] = group as [ResultCell, ...ResultCell[]];
    return {
      status: first.status as Finding["status"],
      title: words.cellTitle(titleParts(group, names(group))),
      forwards: [...new Set(group.map(({ forward }) => forward))],
      expected: first.expected ?? "",
      observed: first.observed,
      seen: group.map((cell) => ({ who: whoOf(cell), target: words.target(cell), evidence: words.evidence(cell) })),
      visitors: visitorsOf(group, whoOf, words),
      cells: group,
      decider: first.decidedBy ? shortDecider(first.decidedBy) : deciderOf(first),
      reasons: reasonsOf(group, words),
      ...adviceOf(group, words),
    };
  });
}

function visitorsOf(group: readonly ResultCell[], whoOf: (cell: ResultCell) => string, words: ResultWords): Finding["visitors"] {
  return [...Map.groupBy(group, whoOf)].map(([who, cells]) => ({
    who,
    targets: distinct(cells.map(words.target)),
    from: distinct(cells.map(({ evidence }) => evidence.seenAs ?? evidence.from ?? "")),
  }));
}

/** Of forwards with one cause the first one's sentence, with the names of the others. */
function reasonsOf(group: readonly (ResultCell | ResultForward)[], words: ResultWords): string[] {
  const nameOf = (one: ResultCell | ResultForward) => ("forward" in one ? one.forward : one.name);
  const [first, ...others] = [...new Set(group.map(nameOf))];
  const reasons = distinctReasons(group.filter((one) => nameOf(one) === first));
  const all = distinctReasons(group);
  return others.length > 0 && all.length > reasons.length ? [...reasons, words.likewise(others)] : reasons;
}

/** What is said of one target holds for the others, which are named beside who was seen. */
function distinctReasons(group: readonly (ResultCell | ResultForward)[]): string[] {
  const byCause = new Map<string, string>();
  for (const one of group) {
    const { code, params, rule, file, line } = one.decidedBy ?? (("unproven" in one && one.unproven) || { code: whyText(one), params: {} });
    const key = JSON.stringify([code, { ...params, target: "" }, rule, file, line]);
    if (!byCause.has(key)) byCause.set(key, whyText(one));
  }
  return distinct([...byCause.values()]);
}

function causeOf(cell: ResultCell): unknown[] {
  return [cell.status, cell.expected, cell.observed, cell.decidedBy?.code ?? cell.unproven?.code, deciderOf(cell)];
}

function deciderOf({ decidedBy, unproven }: ResultCell): string {
  if (decidedBy) return deciderLine(decidedBy);
  return placeText(unproven);
}

function adviceOf(
  group: readonly Pick<ResultCell, "remedy" | "next">[],
  words: ResultWords,
): Pick<Finding, "remedies" | "patches" | "next"> {
  return {
    remedies: distinct(group.map(({ remedy }) => (remedy ? words.remedy(remedy) : ""))),
    patches: distinct(group.map(({ remedy }) => clean(remedy?.patch ?? ""))),
    next: distinct(group.map(({ next }) => clean(next?.text ?? ""))),
  };
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts.filter((text) => text !== ""))];
}
