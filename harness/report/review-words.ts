/** The words of a review, in each language; who a finding's visitors are, for a person. */
import type { Unworded } from "../core/result.ts";
import type { ReviewFinding, TargetKind } from "../core/review.ts";
import type { ReviewWords } from "./review-word-table.ts";
import { reviewEnglish } from "./review-words-en.ts";
import { reviewJapanese } from "./review-words-ja.ts";
import type { Language } from "./sentences.ts";

export const reviewWords: Record<Language, ReviewWords> = { en: reviewEnglish, ja: reviewJapanese };

/** Prefixes told before they are only counted. */
const most = 4;

/** What the finding says, in one sentence. */
export function findingText(finding: Omit<Unworded<ReviewFinding>, "decidedBy" | "remedy">, language: Language): string {
  const words = reviewWords[language];
  const who = words.accounts(finding.accounts, finding.params.everybody === true);
  switch (finding.code) {
    case "review-listener-outside":
      return words.listenerOutside(who, finding.ports ?? "", visitorsText(finding, language));
    case "review-listener-local":
      return words.listenerLocal(who, finding.ports ?? "");
    case "review-target": {
      const kinds = (finding.params.kinds ?? []) as readonly TargetKind[];
      return words.targets(who, words.and(kinds.map((kind) => words.target[kind])));
    }
    case "review-settings-differ":
      return words.settingsDiffer(who, String(finding.params.setting), String(finding.params.shown));
    case "review-socket":
      return words.socket(who);
    case "review-tunnel":
      return words.tunnel(who);
    case "review-x11":
      return words.x11(who, finding.listeners, finding.audience === "account" ? undefined : visitorsText(finding, language));
    case "review-agent":
      return words.agent(who);
    default:
      throw new Error(`no words for \`${finding.code}\``);
  }
}

/** Exactly who reaches it from elsewhere, as short as it can be said. */
export function visitorsText({ visitors, lan }: Pick<Unworded<ReviewFinding>, "visitors" | "lan">, language: Language): string {
  const words = reviewWords[language];
  const families = visitors?.families ?? [];
  const shown = (list: readonly string[]): [readonly string[], number] => [list.slice(0, most), Math.max(0, list.length - most)];
  const rest = families.filter((each) => each.rest);
  const whole = rest.length === 2 && rest.every(({ except }) => except.length === 0);
  const parts = whole
    ? [words.everybody]
    : families.map((each) => {
        if (!each.rest) return words.addresses(...shown(each.only));
        const everybody = words.everybodyOver(each.family);
        return each.except.length > 0 ? words.except(everybody, ...shown(each.except)) : everybody;
      });
  const all = [...parts, ...(lan ? [words.lan] : [])];
  return all.length > 0 ? words.and(all) : words.noVisitors;
}
