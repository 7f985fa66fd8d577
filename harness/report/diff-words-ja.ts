/** Japanese. */
import { enumeratedJa } from "../core/enumerated.ts";
import type { DiffWords, TitleParts } from "./diff-word-table.ts";

export const japanese: DiffWords = {
  outcomes: { "exposure-added": "公開範囲が拡大", "no-exposure-added": "公開範囲の拡大なし", inconclusive: "判定不能" },
  summary(counts, forwards) {
    const otherwise = counts.replaced + counts.stronger + counts.other + counts.decider + counts.added + counts.removed;
    const parts = [
      counts.opened > 0 && `新たに到達可能 ${counts.opened} セル`,
      counts.unknown > 0 && `不明 ${counts.unknown} セル`,
      counts.closed > 0 && `新たに到達不能 ${counts.closed} セル`,
      counts.weaker > 0 && `遮断する層の減少 ${counts.weaker} セル`,
      otherwise > 0 && `その他の変化 ${otherwise} セル`,
      forwards > 0 && `転送の変化 ${forwards} 件`,
    ].filter((part) => part !== false);
    return parts.length === 0 ? "変化はありません" : parts.join("、");
  },
  titles: {
    opened: (is) => `${start(is)}${who(is)} から${over(is)}到達できるようになりました`,
    closed: (is) => `${start(is)}${who(is)} から${over(is)}到達できなくなりました`,
    unknown: (is) => `${start(is)}${who(is)} から${over(is)}の変化は不明です`,
    weaker: (is) => `${start(is)}${who(is)} からは${over(is)}遮断されたままですが、${enumeratedJa(is.lost)} は遮断しなくなりました`,
    stronger: (is) => `${start(is)}${who(is)} からは${over(is)}遮断されたままで、${enumeratedJa(is.gained)} も遮断するようになりました`,
    replaced: (is) =>
      `${start(is)}${who(is)} からは${over(is)}遮断されたままですが、遮断する層が ${enumeratedJa(is.lost)} から ${enumeratedJa(is.gained)} に変わりました`,
    other: (is) =>
      is.before === is.after
        ? `${start(is)}${who(is)} からは${over(is)} ${is.after} のままですが、判定した層が変わりました`
        : `${start(is)}${who(is)} からの結果が${over(is)} ${is.before} から ${is.after} に変わりました`,
    decider: (is) => `${start(is)}${who(is)} からは${over(is)} ${is.after} のままですが、判定したルールが変わりました`,
    added: (is) => `${start(is)}${who(is)} からは${over(is)}遮断されています（変更前の結果にはありません）`,
    removed: (is) => `${start(is)}${who(is)} からは${over(is)}遮断されていました（変更後の結果にはありません）`,
  },
  before: "変更前",
  after: "変更後",
  at: "宛先",
  addresses: "宛先の一覧",
  absent: "この結果にはありません",
  expects: (expected) => `ポリシーに違反（期待値は ${expected}）`,
  comma: "、",
  names: named,
  targets: (count) => `${count} 個の宛先`,
  forwards: "転送",
  settings: "sshd の有効な設定",
  files: "ファイル",
  software: "ソフトウェア",
  newForward: "追加",
  removedForward: "削除",
  notVerified: "両方のポリシーにありますが、片方でしか検証されていません（--only、--shard）",
  grantUnknown: "サーバーが許可したかどうか不明です",
  granted: "許可",
  refused: (by) => (by === "" ? "拒否" : `${by} が拒否`),
  notKnown: "許可されたか不明",
  listens: (listeners, host) => `${host} の ${enumeratedJa(listeners)} で待ち受け`,
  nothingListens: "待ち受けなし",
  account: (name, from) => `${from} から ${name}`,
  keyOptions: "鍵のオプション",
  noOptions: "なし",
  byDefault: "既定値",
  unset: "設定なし",
  fileChanges: { added: "追加", removed: "削除", changed: "変更" },
  otherChanges: (count) => `その他の変化: ${count} セル`,
  warning: "警告",
  fleet: {
    server: "サーバー",
    added: "新しいポリシー",
    removed: "ポリシーがなくなりました",
    noResult: (because) => `比較できません: ${because}`,
    summary({ servers, opened, unknown, changed }) {
      const parts = [
        opened > 0 && `新たに到達可能 ${opened} 台`,
        unknown > 0 && `不明 ${unknown} 台`,
        changed > 0 && `その他の変化 ${changed} 台`,
      ].filter((part) => part !== false);
      return parts.length === 0 ? `${servers} 台に変化はありません` : `${servers} 台のうち、${parts.join("、")}`;
    },
  },
  nothingElse: (count) => `ほかに変化はありません（${count} セルは変更前と同じ）。`,
  nothing: (count) => `変化はありません（${count} セルは変更前と同じ）。`,
};

/** Names before the rest is only counted. */
const mostNames = 5;

function start({ forwards }: TitleParts): string {
  return `${named(forwards)}: `;
}

function who({ visitors }: TitleParts): string {
  return named(visitors);
}

function named(names: readonly string[]): string {
  return names.length > mostNames ? `${names.slice(0, mostNames).join("、")} ほか ${names.length - mostNames} 件` : names.join("、");
}

function over({ families }: TitleParts): string {
  return families.length === 0 ? "" : ` ${families.map((family) => `IPv${family}`).join(" と ")} で`;
}
