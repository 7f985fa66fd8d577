/** Hints from what was observed, in both languages: who, then what decided and where, then a change that was tried. */
import { splitTarget } from "../core/cells.ts";
import type { Text } from "../core/lesson.ts";
import type { DecidedBy, Result, ResultCell, ResultForward } from "../core/result.ts";
import { type Finding, findings } from "../report/findings.ts";
import { type Language, sentenceFor } from "../report/sentences.ts";
import { placeText } from "../report/words.ts";
import { pageWords } from "../web/parts/words.ts";

const languages: readonly Language[] = ["en", "ja"];

/**
 * Each tells more than the one before; none where everything is as it should be.
 * @param files those that may be changed: of changes that were tried, only those of these files are told
 */
export function hintsOf(result: Result, files: readonly string[]): Text[] {
  const found = findings(result);
  const inJapanese = findings(result, "ja");
  return [
    found.map((finding, at) => titleOf(finding, { en: finding.title, ja: inJapanese[at]?.title ?? "" })),
    found.flatMap((finding) => decidersOf(finding, result)),
    remediesOf(result, files),
  ]
    .map(joined)
    .filter(({ en }) => en !== "");
}

/** Through a SOCKS proxy it is the target that counts. */
function titleOf({ cells }: Finding, title: Text): Text {
  const targets = [...new Set(cells.map(({ target }) => splitTarget(target).socks).filter((each) => each !== undefined))];
  const behind = targets.length === 0 ? "" : ` (→ ${targets.join(", ")})`;
  return inEach((language) => `${title[language]}${behind}`);
}

/** What a finding is about: its cells, or its forwards themselves. */
function subjectsOf({ cells, forwards }: Finding, result: Result): readonly (ResultCell | ResultForward)[] {
  return cells.length > 0 ? cells : result.forwards.filter(({ name }) => forwards.includes(name));
}

function decidersOf(finding: Finding, result: Result): Text[] {
  return subjectsOf(finding, result).flatMap((subject) => {
    const unproven = "unproven" in subject ? subject.unproven : undefined;
    const cause = subject.decidedBy ?? unproven;
    return cause ? [inEach((language) => `${layerOf(subject.decidedBy, language)}${sentenceFor(cause, language)}${placed(cause)}`)] : [];
  });
}

function layerOf(decidedBy: DecidedBy | null, language: Language): string {
  return decidedBy ? `${pageWords[language].layer[decidedBy.layer]}: ` : "";
}

/** The line; its text where the sentence does not tell it. */
function placed({ file, line }: { file?: string; line?: number }): string {
  const place = placeText({ file, line });
  return place === "" ? "" : ` (${place})`;
}

function remediesOf(result: Result, files: readonly string[]): Text[] {
  return [...result.forwards, ...result.cells].flatMap(({ remedy }) => {
    const changed = [...(remedy?.patch ?? "").matchAll(/^\+\+\+ b\/(.*)$/gm)].map(([, file = ""]) => file);
    if (!remedy || changed.length === 0 || !changed.every((file) => files.includes(file))) return [];
    return [remedy.summary, ...(remedy.further ?? [])].map((change) => inEach((language) => capitalized(sentenceFor(change, language))));
  });
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function inEach(say: (language: Language) => string): Text {
  const [en, ja] = languages.map(say) as [string, string];
  return { en, ja };
}

/** Each once, one a line. */
function joined(texts: readonly Text[]): Text {
  return inEach((language) => [...new Set(texts.map((text) => text[language]))].join("\n"));
}
