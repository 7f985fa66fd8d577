/** The words of a review, in each language; who a finding's visitors are, for a person. */
import type { Unworded } from "../core/result.ts";
import type { ReviewAnswer, ReviewFinding, TargetKind } from "../core/review.ts";
import type { ReviewWords } from "./review-word-table.ts";
import { reviewEnglish } from "./review-words-en.ts";
import { reviewJapanese } from "./review-words-ja.ts";
import type { Language } from "./sentences.ts";

export const reviewWords: Record<Language, ReviewWords> = { en: reviewEnglish, ja: reviewJapanese };

/** Prefixes told before they are only counted. */
const most = 4;
/** Ranges of ports. */
const mostRanges = 6;

type Told = Pick<
  Unworded<ReviewFinding>,
  "code" | "params" | "accounts" | "audience" | "ports" | "listeners" | "visitors" | "lan" | "lans" | "destinations"
>;

/** What the finding says, in one sentence. */
export function findingText(finding: Told, language: Language): string {
  const words = reviewWords[language];
  const who = accountsText(finding, language);
  switch (finding.code) {
    case "review-listener-outside":
      return words.listenerOutside(who, portsShown(finding, words), visitorsText(finding, language), destinationsText(finding, words));
    case "review-listener-local":
      return words.listenerLocal(who, portsShown(finding, words));
    case "review-target":
      return words.targets(who, kindsText(finding, words));
    case "review-settings-differ":
      return words.settingsDiffer(who, String(finding.params.setting), String(finding.params.shown));
    case "review-socket":
      return words.socket(who);
    case "review-tunnel":
      return words.tunnel(who);
    case "review-x11":
      return words.x11(who, finding.listeners, displayVisitors(finding, language));
    case "review-agent":
      return words.agent(who);
    default:
      throw new Error(`no words for \`${finding.code}\``);
  }
}

/** The same without who, for a table. */
export function findingWhat(finding: Told, language: Language): string {
  const words = reviewWords[language];
  switch (finding.code) {
    case "review-listener-outside":
      return words.what.outside(portsShown(finding, words), visitorsText(finding, language), destinationsText(finding, words));
    case "review-listener-local":
      return words.what.local(portsShown(finding, words));
    case "review-target":
      return words.what.targets(kindsText(finding, words));
    case "review-settings-differ":
      return words.what.settings(String(finding.params.setting), String(finding.params.shown));
    case "review-socket":
      return words.what.socket;
    case "review-tunnel":
      return words.what.tunnel;
    case "review-x11":
      return words.what.x11(finding.listeners, displayVisitors(finding, language));
    case "review-agent":
      return words.what.agent;
    default:
      return findingText(finding, language);
  }
}

/** Unset: nobody but the account. */
function displayVisitors(finding: Told, language: Language): string | undefined {
  return finding.audience === "account" ? undefined : visitorsText(finding, language);
}

export function accountsText({ accounts, params }: Pick<Told, "accounts" | "params">, language: Language): string {
  return reviewWords[language].accounts(accounts, params.everybody === true);
}

function kindsText({ params }: Pick<Told, "params">, words: Pick<ReviewWords, "and" | "target">): string {
  return words.and(((params.kinds ?? []) as readonly TargetKind[]).map((kind) => words.target[kind]));
}

function portsShown({ ports = "" }: Pick<Told, "ports">, { list }: Pick<ReviewWords, "list">): string {
  const ranges = ports.split(", ");
  return ranges.length > mostRanges ? list(ranges.slice(0, mostRanges - 1), ranges.length - mostRanges + 1) : ports;
}

/** What was asked for, ports shortened as in a finding. */
export function requestText(asked: ReviewAnswer["request"], words: ReviewWords): string {
  return words.request(asked.kind === "listener" ? { ...asked, ports: portsShown(asked, words) } : asked);
}

/** Exactly who reaches it from elsewhere, as short as it can be said. */
export function visitorsText({ visitors, lan, lans }: Pick<Told, "visitors" | "lan" | "lans">, language: Language): string {
  const words = reviewWords[language];
  const families = visitors?.families ?? [];
  const rest = families.filter((each) => each.rest);
  const whole = rest.length === 2 && rest.every(({ except }) => except.length === 0);
  const everybody = rest.map(({ family, except }) => {
    const all = words.everybodyOver(family);
    return except.length > 0 ? words.except(all, except.slice(0, most), Math.max(0, except.length - most)) : all;
  });
  const only = families.flatMap((each) => each.only);
  const parts = [
    ...(whole ? [words.everybody] : everybody),
    ...only.slice(0, most),
    ...(only.length > most ? [words.moreNetworks(only.length - most)] : []),
    ...(lan ? [words.lan(lans)] : []),
  ];
  return parts.length > 0 ? words.and(parts) : words.noVisitors;
}

type Destinations = Told["destinations"];

/** Of each family where somebody is kept out at some address all its addresses, with those who get in there. */
function partialDestinations({ destinations }: Pick<Told, "destinations">): { reached: Destinations; missed: Destinations } {
  const familyOf = ({ address }: Destinations[number]) => address.includes(":");
  const told = destinations.filter((each) => destinations.some((other) => !other.all && familyOf(other) === familyOf(each)));
  const isReached = ({ visitors, lan }: Destinations[number]) => visitors !== null || lan;
  return { reached: told.filter(isReached), missed: told.filter((each) => !isReached(each)) };
}

/** Empty where everybody gets in at each address. */
function destinationsText(finding: Told, words: ReviewWords): string {
  const { reached, missed } = partialDestinations(finding);
  if (reached.length + missed.length === 0) return "";
  const shown = (all: Destinations) =>
    words.list(
      all.slice(0, most).map(({ address }) => address),
      Math.max(0, all.length - most),
    );
  return words.destinations(
    shown(reached),
    shown(missed),
    reached.some(({ all }) => !all),
  );
}

/** Who gets in at which address, one line each; none where the sentence of the finding says it. */
export function destinationLines(finding: Pick<Told, "destinations">, language: Language): string[] {
  const { reached } = partialDestinations(finding);
  return reached.some(({ all }) => !all) ? reached.map((each) => `${each.address}: ${visitorsText(each, language)}`) : [];
}
