/** Faults of documents, and of what is compared, merged, reviewed or captured, in Japanese. */
import type { DocumentFaults } from "../core/document-faults.ts";
import { type FaultWords, foundInstead } from "./fault-words.ts";
import { sideKinds, sidesText } from "./faults-ja-commands.ts";
import { sentenceFor } from "./sentences.ts";

type DocumentTable = { readonly [Code in keyof DocumentFaults]: (is: DocumentFaults[Code]) => FaultWords };

const checkPath = "パスを確認してください。";
const fileKinds = { sshd_config: "sshd_config", firewall: "ファイアウォール" };

const noSide = {
  missing: "ファイルがない",
  empty: "空のファイル",
  binary: "アーカイブなどのバイナリファイル",
  folder: "policy.yaml も sshd_config もないディレクトリ",
  other: "別の種類のファイル",
  unreadable: "読み込めないファイル",
};

const noResult = { missing: "ファイルがない", unreadable: "読み込めないファイル", empty: "空のファイル", invalid: "別の内容" };

const reviewable = "ポリシー、sshd_config、/etc/ssh と同じ構成のディレクトリ、またはサーバーの /etc かルートディレクトリのコピー";

const differing: Record<DocumentFaults["merge-other-run"]["differs"], string> = {
  forwardlab: "forwardlab のバージョン",
  policies: "ポリシー",
  file: "ファイル",
  OpenSSH: "OpenSSH のバージョン",
  ssh: "ssh のバージョン",
  forwards: "転送",
  "--only": "--only",
  network: "ネットワーク",
  parts: "分割数",
};

export const documentFaults: DocumentTable = {
  "result-version": ({ path, version, own, command }) => ({
    message: `${path} は、別のバージョンの forwardlab が書き出したものです。`,
    found: `schemaVersion ${version}`,
    expected: `schemaVersion ${own}`,
    todo: `もう一度 \`${command}\` を実行するか、書き出したバージョンで読み込んでください。`,
  }),
  "result-not-one": ({ path, command, found, ...why }) => ({
    message: `${path} は forwardlab の結果ではありません。`,
    found: found === "missing" || found === "empty" ? noResult[found] : `${noResult[found]}（${foundInstead(why)}）`,
    expected: `\`forwardlab ${command} --report json=PATH\` が書き出したファイル`,
    todo: checkPath,
  }),

  "merge-nothing": () => ({ message: "まとめる結果がありません。", expected: "1 つの実行を分割した、すべての結果" }),
  "merge-not-a-part": ({ name, undivided }) => ({
    message: `${name} は、分割した実行の結果ではありません。`,
    found: undivided ? "分割していない実行の結果" : "ポリシーのすべての転送の名前がない結果",
    expected: "`forwardlab verify --shard I/N` の結果",
    todo: "除外するか、--shard を付けて検証してください。",
  }),
  "merge-other-run": ({ name, first, differs, file, found, expected }) => ({
    message: `${name} は、${first} とは別の実行の結果です。${file ?? differing[differs]}が異なります。`.replace(/([!-~])が異/, "$1 が異"),
    found: differs === "network" ? "ほかとは異なるホスト" : found,
    expected: differs === "network" ? `${first} と同じホスト` : `${expected}（${first} と同じもの）`,
    todo: "分割したすべての実行で、同じポリシー、ファイル、OpenSSH、forwardlab を使ってください。",
  }),
  "merge-part-twice": ({ part, times }) => ({
    message: `--shard ${part} の結果が ${times} 個あります。`,
    expected: "それぞれの結果を 1 つずつ",
    todo: "1 つだけ残して、ほかを除いてください。",
  }),
  "merge-parts-missing": ({ parts, count }) => ({
    message: `--shard ${parts.join("、")} の結果がありません。`,
    expected: `1/${count} から ${count}/${count} までを 1 つずつ`,
    todo: "分割したすべての結果を指定してください。エラーで終わった実行には結果がありません。",
  }),
  "merge-incomplete": ({ names, missing, twice }) => ({
    message:
      names.length > 0 ? "すべての結果を合わせても、ポリシーの転送が揃いません。" : "すべての結果を合わせても、サーバーが揃いません。",
    found: [...missing.map((name) => `${name} がない`), ...twice.map((name) => `${name} が重複`)].join("、"),
    expected: names.length > 0 ? `${names.join("、")} が 1 つずつ` : "各サーバーが 1 つずつ",
    todo:
      names.length > 0
        ? "分割したすべての実行をやり直してください。"
        : "それぞれの結果を 1 つずつ指定してください。エラーで終わった実行には結果がありません。",
  }),
  "merge-both-kinds": ({ result, fleet }) => ({
    message: `${result} は 1 つのポリシーの結果ですが、${fleet} は複数サーバーの結果です。`,
    found: "両方の種類の結果",
    expected: "1 回の実行を分割した結果",
    todo: "別々にまとめてください。",
  }),

  "sides-without-policy": ({ before, after }) => ({
    message: "比較するポリシーがありません。",
    found: `${before} にも ${after} にもない`,
    expected: "ポリシーのあるディレクトリ、ポリシーに一致するパターン、または複数サーバーの検証結果",
    todo: checkPath,
  }),
  "side-none": ({ name, found, ...why }) => ({
    message: `${name} は比較できません。`,
    found: found === "unreadable" ? foundInstead(why) : noSide[found],
    expected:
      "検証結果（`verify --report json=PATH`）、レビュー結果（`review --report json=PATH`）、ポリシー、policy.yaml のあるディレクトリ、複数のポリシー（ディレクトリまたはパターン）、sshd_config、/etc/ssh と同じ構成のディレクトリ、またはファイアウォール（ファイル、または /etc/ufw か /etc/firewalld のコピー）",
    todo: "パスを確認してください。git のリビジョンなら `forwardlab diff REVISION..REVISION -- POLICY` と書きます。",
  }),
  "side-reviews": ({ name }) => ({
    message: `${name} は、複数サーバーのレビュー結果です。`,
    expected: "どちらもサーバー 1 台の結果",
    todo: "サーバーごとにレビューしてください: `forwardlab review POLICY --server NAME --report json=FILE`",
  }),
  "side-several": ({ name, results, names, kinds }) => ({
    message: `${name} は、複数サーバーの${results ? "結果" : "ポリシー"}です。`,
    found: sidesText(names, kinds),
    expected: "両方とも複数サーバー、または両方とも 1 台のサーバー",
    todo: "もう一方にも、ポリシーのディレクトリ、パターン、または複数サーバーの検証結果を指定してください。1 台だけを比較するなら、そのポリシーを指定してください。",
  }),
  "side-not-policy": ({ name, kind, file }) => ({
    message: `${name} はポリシーではありません。`,
    found: file === undefined ? sideKinds[kind] : fileKinds[file],
    expected:
      file === undefined
        ? "ポリシー、ポリシーのあるディレクトリ、またはパターン"
        : "ポリシー（そのファイルも同じリビジョンから取り出します）",
    todo: "ポリシーを -- の後に書いてください。",
  }),
  "side-review": ({ names, kinds }) => ({
    message: "レビュー結果は、レビュー結果としか比較できません。",
    found: sidesText(names, kinds),
    expected: "`review` の結果 2 つ、またはそれ以外のもの 2 つ",
    todo: "もう一方もレビューしてください: `forwardlab review PATH --report json=FILE`",
  }),
  "side-needs-policy": ({ name, file, other, kind }) => ({
    message: `${name} を使うサーバーに誰が接続するのか、ポリシーがないためわかりません。`,
    found: `${name}（${fileKinds[file]}）と ${other}（${sideKinds[kind]}）`,
    expected: "もう一方にポリシー、または --policy",
    todo: "このファイルを置き換えて使うポリシーを指定してください: `--policy policy.yaml`",
  }),
  "git-no-ancestor": ({ one, other }) => ({
    message: `${one} と ${other} には共通の祖先がありません。`,
    expected: "同じ履歴にあるリビジョン",
    todo: `直接比較してください: \`${one}..${other}\``,
  }),
  "git-path": ({ path, revision, inside }) => ({
    message: `${revision} に ${path} はありません。`,
    found: `そのリビジョンに ${inside} がない`,
    expected: "両方のリビジョンにあるパス",
    todo: `\`git ls-tree -r --name-only ${revision}\` で、あるものを表示できます。`,
  }),
  "git-revision": ({ revision }) => ({
    message: `git に ${revision} というリビジョンはありません。`,
    expected: "このリポジトリのブランチ、タグ、またはコミット",
    todo: "CI なら、先に fetch してください。shallow clone にはコミットが 1 つしかありません（actions/checkout なら `fetch-depth: 0`）。",
  }),
  "git-missing": () => ({
    message: "git がインストールされていません。",
    found: "`git` がない",
    expected: "git のリポジトリの中のパス",
    todo: "代わりに 2 つのファイルまたは結果を比較してください: `forwardlab diff BEFORE AFTER`",
  }),
  "git-no-repository": ({ path }) => ({
    message: `${path} に、git が読み取れるリポジトリはありません。`,
    expected: "git のリポジトリの中のパス",
    todo: "代わりに 2 つのファイルまたは結果を比較してください: `forwardlab diff BEFORE AFTER`",
  }),

  "review-subject": ({ path, kind, found }) => ({
    message: `${path} はレビューできません。`,
    ...(kind === undefined ? {} : { found: kind === "config" ? "ファイアウォール" : sideKinds[kind] }),
    ...(found === undefined ? {} : { found: noSide[found] }),
    expected: reviewable,
    todo: subjectTodo(kind),
  }),
  "init-unproven": ({ unproven, cells, cell, because }) => {
    const reason = because === undefined ? "" : sentenceFor(because, "ja");
    return {
      message:
        unproven > 0
          ? `${cells} セルのうち ${unproven} セルを証明できなかったため、ポリシーを作成できません。`
          : `証明できないことがあるため、ポリシーを作成できません（${cells} セル）。`,
      found:
        cell === undefined
          ? reason
          : `${cell.forward}: ${cell.vantage} から ${cell.target}${reason === "" ? "" : `（${reason.replace(/。$/, "")}）`}`,
      expected: "少なくとも 1 つの転送について、すべてのセルの証明",
      todo: "もう一度実行してください。結果が変わらなければ、これらのセルを除いたポリシーを手で書いてください。",
    };
  },
  "nothing-selected": ({ what, part, count, of }) => ({
    message: `対象の${what === "forwards" ? "転送" : "ポリシー"}がないため、何も検証されません。`,
    found:
      part === undefined || count === undefined
        ? `${what === "forwards" ? "転送" : "ポリシー"}が ${of} 個`
        : `${of} 個の${what === "forwards" ? "転送" : "ポリシー"}を ${count} 分割した ${part} 番目`,
    expected: `1 つ以上の${what === "forwards" ? "転送" : "ポリシー"}`,
    todo: count === undefined ? "`forwards:` に転送を追加してください。" : `分割数を ${of} 以下にしてください。`,
  }),
  "world-shared": ({ servers }) => ({
    message: "2 台のサーバーが同じアドレスを使っているため、--world は使えません。",
    found: servers.join(" と "),
    expected: "サーバーごとに別のネットワーク、または共通のネットワーク",
    todo: "--world を外すか、サーバーごとに別のポリシーで検証してください。",
  }),
};

function subjectTodo(kind: DocumentFaults["review-subject"]["kind"]): string {
  if (kind === undefined) return "パスを確認してください。アーカイブなら展開して、その etc を指定してください。";
  if (kind === "config") return "sshd_config を指定し、ファイアウォールは --firewall で指定してください。";
  if (kind === "fleet") return "サーバー 1 台のポリシーを指定してください。";
  if (kind === "policies") return "サーバーごとにポリシーを指定して、レビューしてください。";
  if (kind === "result") return "その結果を出したポリシーを指定してください。";
  return "レビューの対象にしたポリシーまたは設定を指定してください。レビュー結果同士は `forwardlab diff` で比較できます。";
}
