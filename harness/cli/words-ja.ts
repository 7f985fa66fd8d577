/** Japanese. */
import type { CommandWords } from "./word-table.ts";

const outcomes = { pass: "合格", fail: "不合格", inconclusive: "判定不能" };

export const japanese: CommandWords = {
  interrupted: "中断しました。後始末をしています",
  bug: "forwardlab 自体が失敗しました。不具合なので報告してください",
  warning: (text) => `警告: ${text}`,
  keeps: (lab) => `ラボは \`${lab}\` という名前で動き続けます: forwardlab shell --lab ${lab} home、forwardlab down ${lab}`,
  init: {
    leftOut: ({ forward, because }) => `${forward} は一部を証明できなかったため、ポリシーに含めていません: ${because}`,
    done: ({ file, held, outcome, outside }) =>
      `${file}: ${outcome === "pass" ? `期待値 ${held} 件をすべて満たしています` : `期待値 ${held} 件を満たしていますが、検証結果は${outcomes[outcome]}です`}${
        outside ? "。サーバーのファイルがこのディレクトリの外にあるため、検証するときは --allow-outside を付けてください" : ""
      }`,
  },
  lab: {
    selfCheckFailed: (check, detail) => `ラボの自己診断に失敗しました: ${check}${detail ? `（${detail}）` : ""}`,
    up: (name) => `ラボ \`${name}\` が起動しました:`,
    try: "試してみるコマンド:",
    ifOpen: "（GatewayPorts とファイアウォールでポートが開いていれば応答します）",
    none: "ラボはありません",
    columns: ["名前", "状態", "ID", "ホスト"],
    states: { kept: "維持中", "in use": "使用中", "left over": "残存" },
    removed: (name) => `ラボ ${name} を削除しました`,
    removedLabs: (count) => `ラボを ${count} 個削除しました`,
    removedImages: "forwardlab が作成したイメージを削除しました",
  },
  engine: {
    running: (version, endpoint) => `組み込みエンジンが動いています: Docker ${version}（${endpoint}）`,
    stopped: (was) => (was ? "組み込みエンジンを停止しました" : "組み込みエンジンは動いていませんでした"),
    removed: (was) => (was ? "組み込みエンジンとそのファイルをすべて削除しました" : "組み込みエンジンはありませんでした"),
  },
  learn: {
    invitation: (url) => `このマシンのブラウザーで、次のページを開いてください（アドレスを知っていれば誰でも開けます）:

  ${url}

各レッスンでは、誰が到達できるかを予想してから、専用のラボで実際に動かし、何が起きたかを確かめます。
Ctrl-C でレッスンを終了し、ラボを削除します。
`,
    otherwise: (lesson) => `${lesson} は説明のとおりになりませんでした。ページを確認してください`,
  },
};
