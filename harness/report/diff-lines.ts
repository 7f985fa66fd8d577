/** Lines of a comparison that several formats share, as plain text. */

import type { ChangedForward, Diff } from "../core/diff.ts";
import type { DecidedBy } from "../core/result.ts";
import { typedCommand } from "../core/typed-command.ts";
import type { DiffGroup } from "./diff-groups.ts";
import type { DiffWords } from "./diff-word-table.ts";
import { familiesToTell } from "./finding-titles.ts";
import { type Language, sentenceFor } from "./sentences.ts";
import { cleanLine, deciderLine, placeText } from "./words.ts";

export function groupTitle({ change, forwards, visitors, cells, before, after, lost, gained }: DiffGroup, words: DiffWords): string {
  // Where not every visitor is concerned over the same family, the targets tell.
  const families = familiesToTell(cells);
  const title = words.titles[change]({
    forwards,
    visitors: visitors.map(({ who }) => who),
    families: families.length === 1 ? families : [],
    before: before?.observed,
    after: after?.observed,
    lost,
    gained,
  });
  return cleanLine(title);
}

/**
 * One side: verdict and deciding rule, or why it proves nothing; the reason as a sentence where the rule alone does not distinguish the sides; of the
 * side after what the policy expects, where that is violated.
 */
export function sideLines(
  group: Pick<DiffGroup, "before" | "after">,
  which: "before" | "after",
  words: DiffWords,
  language: Language,
): string[] {
  const side = group[which];
  if (!side) return [words.absent];
  const { observed, decidedBy, expected, status } = side;
  const sentence = sentenceOf(side, language);
  const other = group[which === "before" ? "after" : "before"];
  const told = decidedBy?.rule !== undefined && (!sameRule(decidedBy, other?.decidedBy) || sentence === sentenceOf(other, language));
  return [
    decidedBy ? `${observed}  ${cleanLine(deciderLine(decidedBy))}` : observed,
    ...(told || sentence === "" ? [] : [sentence]),
    ...(which === "after" && status === "violated" && expected !== null ? [words.expects(expected)] : []),
  ];
}

function sentenceOf(side: DiffGroup["before"] | undefined, language: Language): string {
  const because = side?.decidedBy ?? side?.unproven;
  return because ? cleanLine(language === "en" ? because.text : sentenceFor(because, language)) : "";
}

function sameRule(one: DecidedBy, other: DecidedBy | null | undefined): boolean {
  return one.layer === other?.layer && one.rule === other.rule;
}

/** A mark and what it stands for: `+` new, `-` removed, `~` changed, `?` not known. */
export interface MarkedLine {
  mark: "+" | "-" | "~" | "?";
  /** Forwards, or files. */
  name: string;
  text: string;
}

/** The outcome as a verdict and all counts. */
export function headline({ outcome, counts, forwards }: Diff, words: DiffWords): { verdict: string; summary: string } {
  return { verdict: words.outcomes[outcome], summary: words.summary(counts, forwards.length) };
}

/** What changed besides cells, in the order in which every format tells it; a section without lines is left out. */
export function sections(diff: Diff, words: DiffWords): { title: string; lines: MarkedLine[] }[] {
  return [
    { title: words.forwards, lines: forwardLines(diff, words) },
    { title: words.settings, lines: settingLines(diff, words) },
    { title: words.software, lines: softwareLines(diff) },
    { title: words.files, lines: fileLines(diff, words) },
  ].filter(({ lines }) => lines.length > 0);
}

function forwardLines({ forwards }: Diff, words: DiffWords): MarkedLine[] {
  return forwards.flatMap((forward) => linesOf(forward, words).map((line) => ({ ...line, name: cleanLine(forward.name) })));
}

function linesOf({ before, after, change }: ChangedForward, words: DiffWords): Omit<MarkedLine, "name">[] {
  if (change === "not-verified") return [{ mark: "?", text: words.notVerified }];
  if (change === "unknown") return [{ mark: "?", text: words.grantUnknown }];
  if (before && after) {
    const mark = before.granted === null || after.granted === null ? "?" : "~";
    return differences(before, after, words).map((text) => ({ mark, text }));
  }
  if (after) return [{ mark: "+", text: `${words.newForward}: ${stateOf(after, words)}; ${cleanLine(typedCommand(after.ssh))}` }];
  return before ? [{ mark: "-", text: `${words.removedForward}: ${stateOf(before, words)}; ${cleanLine(typedCommand(before.ssh))}` }] : [];
}

type Side = NonNullable<ChangedForward["before"]>;

function differences(before: Side, after: Side, words: DiffWords): string[] {
  const told = (one: string, other: string) => (one === other ? [] : [`${one} → ${other}`]);
  const login = ({ account, from }: Side) => cleanLine(words.account(account, from));
  return [
    ...told(cleanLine(typedCommand(before.ssh)), cleanLine(typedCommand(after.ssh))),
    ...told(login(before), login(after)),
    ...told(stateOf(before, words), stateOf(after, words)),
    ...told(optionsOf(before, words), optionsOf(after, words)),
  ];
}

function optionsOf({ keyOptions }: Side, words: DiffWords): string {
  return `${words.keyOptions}: ${keyOptions === "" ? words.noOptions : cleanLine(keyOptions)}`;
}

function stateOf({ granted, decidedBy, listeners, listensOn }: Side, words: DiffWords): string {
  if (granted === null) return words.notKnown;
  if (!granted) return words.refused(decidedBy ? cleanLine(deciderLine(decidedBy)) : "");
  return `${words.granted}${words.comma}${listeners.length === 0 ? words.nothingListens : words.listens(listeners.map(cleanLine), cleanLine(listensOn ?? ""))}`;
}

/** Each setting that changed, once for the forwards whose login it changed for. */
function settingLines({ forwards }: Diff, words: DiffWords): MarkedLine[] {
  const all = forwards.flatMap((forward) => forward.settings.map((setting) => ({ forward, setting })));
  const same = Map.groupBy(all, ({ setting, forward: { after } }) =>
    JSON.stringify([settingText(setting.before, words), settingText(setting.after, words), after?.account]),
  );
  return [...same.values()].map((group): MarkedLine => {
    const [{ forward, setting }] = group as [(typeof group)[number]];
    const [one, other] = [settingText(setting.before, words), settingText(setting.after, words)];
    return {
      mark: "~",
      name: cleanLine(words.names(group.map((each) => each.forward.name))),
      text: `${cleanLine(setting.keyword)} ${one} → ${other}${words.comma}${cleanLine(words.account(forward.after?.account ?? "", forward.after?.from ?? ""))}`,
    };
  });
}

function settingText(setting: ChangedForward["settings"][number]["before"], words: DiffWords): string {
  if (!setting) return words.unset;
  return `${cleanLine(setting.value)} (${placeText(setting) === "" ? words.byDefault : cleanLine(placeText(setting))})`;
}

function fileLines({ files }: Diff, words: DiffWords): MarkedLine[] {
  const marks = { added: "+", removed: "-", changed: "~" } as const;
  return files.map(({ file, change }) => ({ mark: marks[change], name: cleanLine(file), text: words.fileChanges[change] }));
}

/** Another OpenSSH changes verdicts as a file does; another forwardlab may read them otherwise. */
function softwareLines({ before, after }: Diff): MarkedLine[] {
  const told = (one: string | null, other: string | null): MarkedLine[] =>
    one === other || one === null || other === null ? [] : [{ mark: "~", name: cleanLine(one), text: `→ ${cleanLine(other)}` }];
  return [...told(before.openssh, after.openssh), ...told(`forwardlab ${before.tool}`, `forwardlab ${after.tool}`)];
}

/** The last line: what stayed as it was; empty where nothing did. */
export function restLine({ counts, cells, forwards }: Diff, words: DiffWords): string {
  const same = counts.same ?? 0;
  if (cells.length === 0 && forwards.length === 0) return words.nothing(same);
  return same === 0 ? "" : words.nothingElse(same);
}

/** `main → HEAD`. */
export function sidesText({ before, after }: Diff): string {
  return cleanLine(`${before.name} → ${after.name}`);
}
