/** Faults of commands in Japanese: options, reports, labs that are kept, scenarios and lessons. */
import type { CommandFaults, OptionUnfit, SideKind, UsageValue, Written } from "../core/command-faults.ts";
import { type FaultWords, meantOr } from "./fault-words.ts";

type CommandTable = { readonly [Code in keyof CommandFaults]: (is: CommandFaults[Code]) => FaultWords };

export const sideKinds: Record<SideKind, string> = {
  result: "検証結果",
  review: "レビュー結果",
  fleet: "複数サーバーの検証結果",
  policies: "複数のポリシー",
  policy: "ポリシー",
  config: "設定ファイル",
};

/** `a.json（検証結果）、b.yaml（ポリシー）`. */
export function sidesText(names: readonly string[], kinds: readonly SideKind[]): string {
  return names.map((name, at) => `${name}（${sideKinds[kinds[at] as SideKind]}）`).join("、");
}

const unfit: Record<OptionUnfit, (option: string) => { message: string; todo: string }> = {
  one: (option) => ({
    message: `${option} は、複数のポリシーを検証するときのオプションです。`,
    todo: `${option} を外してください。ポリシーが 1 つならラボも 1 つです。`,
  }),
  several: (option) => ({
    message: `${option} を使えるのは、ポリシーが 1 つのときだけです。`,
    todo: `そのサーバーだけを検証するか、${option} を外してください。`,
  }),
  watch: (option) => ({ message: `${option} は --watch と同時に指定できません。`, todo: `${option} を外してください。` }),
  "not-kept": (option) => ({
    message: `${option} には --keep が必要です。`,
    todo: `--keep を付けるか、${option} を外してください。`,
  }),
  "watch-several": (option) => ({
    message: `複数のポリシーを --watch で監視するとき、${option} は指定できません。`,
    todo: `${option} を外してください。`,
  }),
};

const written: Record<Written, string> = {
  report: "レポート",
  patch: "パッチ",
  policy: "ポリシー",
  page: "ページ",
  lessons: "レッスン",
};

const hostKinds = { host: "ホスト", router: "ルーター", either: "ホストまたはルーター" };

const usageValues: Record<UsageValue, string> = {
  shard: "I/N（1 ≦ I ≦ N）。例: 2/4",
  count: "1 以上の整数",
  port: "65535 以下の番号",
};

function seeHelp(help: string): string {
  return `\`${help}\` を参照してください。`;
}

export const commandFaults: CommandTable = {
  "option-not-with": ({ options }) => ({
    message: `${options.join(" と ")} は同時に指定できません。`,
    expected: "どれか 1 つだけ",
  }),
  "option-unfit": ({ option, in: doing }) => unfit[doing](option),
  "option-unused": ({ option, names, kinds }) => ({
    message: `ここでは ${option} に意味がありません。`,
    found: sidesText(names, kinds),
    todo:
      option === "--policy"
        ? "外してください。--policy は、sshd_config やファイアウォールを比較するときに使います。"
        : "外してください。結果同士はそのまま比較されます。",
  }),
  "option-with-policy": ({ option, path }) => ({
    message: `${option} は、ポリシーとは同時に指定できません。`,
    found: `${path}（ポリシー）`,
    todo: "ポリシーに書くか、ポリシーの代わりに sshd_config を指定してください。",
  }),
  "option-of-policy": ({ option }) => ({
    message: `${option} を使えるのは、ポリシーを指定したときだけです。`,
    todo: "外してください。サーバーは 1 つしかありません。",
  }),
  "option-one-server": ({ option }) => ({
    message: `${option} を使えるのは、サーバーが 1 つのときだけです。`,
    todo: "--server でサーバーを選んでください。各サーバーの検出ごとのパッチは、レポートに含まれます。",
  }),
  "option-server-unknown": ({ name, known }) => ({
    message: `--server ${name}: ポリシーにそのサーバーはありません。`,
    expected: known.join("、"),
  }),
  "option-file": ({ option, file, what, said }) => ({
    message: `${option}: ${file} を読み込めません。`,
    found: said === undefined ? "ファイルがない" : `\`${said}\``,
    expected:
      what === "firewall"
        ? "nft のルールセット、iptables-save のダンプ、または /etc/ufw か /etc/firewalld のコピー"
        : "authorized_keys のファイル",
  }),
  "option-unknown": ({ option, known }) => ({
    message: `${option} というオプションはありません。`,
    expected: `${known.join(", ")}（ほかはすべて ssh の引数とみなします）`,
  }),
  "option-value-missing": ({ option }) => ({
    message: `オプション ${option} には値が必要です。`,
    todo: "`forwardlab explain --help` を参照してください。",
  }),
  "option-value": ({ option, is: what, known = [] }) =>
    ({
      address: {
        message: `${option} の値が IP アドレスではありません。`,
        expected: "サーバーから見たクライアントのアドレス",
      },
      version: { message: `${option} の値がバージョンではありません。`, expected: "9.2 や 10.0 のようなバージョン" },
      language: { message: `${option} の言語には対応していません。`, expected: known.join("、") },
      audience: { message: `${option} の公開先はありません。`, expected: known.join("、") },
    })[what],
  "usage-option": ({ option, command, known, meant, help }) => ({
    message: `${command} に ${option} というオプションはありません。`,
    expected: known.join(", "),
    todo: meantOr(meant, seeHelp(help ?? "forwardlab --help")),
  }),
  "usage-misplaced": ({ option, program }) => ({
    message: `${option} がコマンドより前にあります。`,
    expected: `\`${program} COMMAND ${option} …\``,
  }),
  "usage-value-missing": ({ option, help }) => ({ message: `オプション \`${option}\` には値が必要です。`, todo: seeHelp(help) }),
  "usage-argument-missing": ({ command, argument, usage }) => ({
    message: `${command} には引数 ${argument} が必要です。`,
    expected: `\`${usage}\``,
    todo: seeHelp(`${command} --help`),
  }),
  "usage-value": ({ argument, value, is: what, choices = [] }) => ({
    message: `${value} は ${argument} の値として使えません。`,
    expected: what === undefined ? choices.join("、") : usageValues[what],
  }),
  "usage-command": ({ name, known, meant, help }) => ({
    message: `${name} というコマンドはありません。`,
    expected: known.join(", "),
    todo: meantOr(meant, seeHelp(help ?? "forwardlab --help")),
  }),
  "usage-other": ({ said, help }) => ({ message: `コマンドの指定が正しくありません: \`${said}\``, todo: seeHelp(help) }),
  "argument-missing": ({ command }) => ({
    message: `\`${command}\` にはファイル名が必要です。`,
    expected: `\`forwardlab ${command} FILE\``,
  }),
  "sides-two": ({ words }) => ({
    message: "比較できるのは 2 つだけです。",
    found: `パスが ${words} 個`,
    expected: "`BEFORE AFTER`（それぞれパス、または引用符で囲んだパターン）、または `REVISION..REVISION -- POLICY…`",
    todo: "パターンを引用符で囲むか、ポリシーのあるディレクトリを指定してください。",
  }),
  "ssh-arguments-missing": () => ({
    message: "ssh の引数が指定されていません。",
    expected: "ssh の引数（例: `forwardlab explain -R :43234:localhost:3389`）",
  }),
  "ssh-host-missing": ({ config }) => ({
    message: `ホストが指定されていないため、${config} のどの部分も適用されません。`,
    expected: "そこで定義されているホスト（例: `forwardlab explain --ssh-config ~/.ssh/config myserver`）",
  }),

  "report-format": ({ known }) => ({
    message: "そのレポート形式はありません。",
    expected: `${known.join("、")} のどれか`,
  }),
  "report-spec": () => ({
    message: "--report の値が FORMAT=PATH の形ではありません。",
    expected: "`FORMAT=PATH`（例: `junit=report.xml`）。`-` は標準出力を表します。",
  }),
  "reports-to-output": () => ({
    message: "標準出力に書き出せるレポートは 1 つだけです。",
    todo: "どちらかにファイルのパスを指定してください。",
  }),
  "cannot-write": ({ what, format, path, why }) => ({
    message: `${format === undefined ? "" : `${format} の`}${written[what]}を ${path} に書き込めません: ${whyNot(why)}`,
    expected: "書き込めるパス",
  }),
  "file-exists": ({ file }) => ({
    message: `${file} はすでに存在します。`,
    expected: "新しいファイル",
    todo: "--out で別の名前を指定するか、--force で上書きしてください。",
  }),
  "page-not-built": ({ said }) => ({
    message: `ページを作成できません: \`${said}\``,
    todo: "node_modules を削除してください。次の実行時に依存パッケージがインストールし直されます。",
  }),
  "page-template-missing": () => ({
    message: "html のレポートにはページのテンプレートが必要です。",
    todo: 'オプション `page` で渡してください: `renderReport("html", result, { page: await reportPage() })`',
  }),

  "host-unknown": ({ name, is: what, known, lab, meant }) => ({
    message: `ラボ${lab === undefined ? "" : ` ${lab} `}に ${name} という${hostKinds[what]}はありません。`,
    expected: known.join("、"),
    ...(meant === undefined ? {} : { todo: meantOr(meant, "") }),
  }),
  "no-link-to-cut": ({ name, known }) => ({
    message: `${name} には、切断できるリンクがありません。`,
    expected: known.join("、"),
  }),
  "lab-name": () => ({
    message: "ラボの名前として使えません。",
    expected: "英数字、ピリオド、ハイフン、アンダースコアからなる名前（先頭は英数字）",
  }),
  "lab-name-taken": ({ name }) => ({
    message: `\`${name}\` という名前のラボがすでにあります。`,
    todo: `\`forwardlab down ${name}\` で削除するか、別の名前にしてください。`,
  }),
  "lab-not-kept": ({ name, names, meant }) => ({
    message: name === undefined ? "残してあるラボはありません。" : `\`${name}\` という名前で残してあるラボはありません。`,
    found: names.join("、") || "なし",
    todo: meantOr(meant, "`forwardlab up` で起動してください。"),
  }),
  "labs-several": () => ({ message: "残してあるラボが複数あります。", todo: "`--lab NAME` または `down NAME` で指定してください。" }),
  "labs-no-engine": () => ({
    message: "コンテナエンジンが応答しないため、残してあるラボもありません。",
    todo: "どのコンテナエンジンを試したかは、`forwardlab doctor` でわかります。",
  }),

  "scenarios-missing": ({ folder, command }) => ({
    message: "ここにシナリオはありません。シナリオはリポジトリにあり、パッケージには含まれません。",
    found: `${folder} がない`,
    todo: `リポジトリを clone し、その中で \`npm run -s forwardlab -- ${command}\` を実行してください。`,
  }),
  "scenario-unknown": ({ word, topics, meant }) => ({
    message: `${word} というシナリオはありません。`,
    expected: `ファイル、名前（\`forwardlab run --list\` で表示できます）、またはトピック: ${topics.join("、")}`,
    ...(meant === undefined ? {} : { todo: meantOr(meant, "") }),
  }),
  "scenario-topic": ({ topic, known }) => ({ message: `${topic} というトピックはありません。`, expected: known.join("、") }),
  "scenario-none": () => ({ message: "このファイルはシナリオを定義していません。", expected: "`scenario({ topic, title, … })`" }),
  "vitest-missing": () => ({
    message: "シナリオの実行に必要な Vitest がインストールされていません。",
    todo: "`npm ci` で開発用の依存パッケージをインストールしてください。",
  }),
  "lessons-several": () => ({ message: "複数のレッスンを指定できるのは --export だけです。", expected: "レッスンを 1 つ" }),
  "export-folder": ({ folder }) => ({
    message: `${folder} に、書き出したレッスンではないファイルがあります。`,
    expected: "空のディレクトリ、または以前に書き出したディレクトリ",
    todo: "別のディレクトリを指定してください。",
  }),
  "exercise-unusable": ({ said }) => ({ message: `この実習は使えません: \`${said}\`` }),
  "port-unavailable": ({ address, why }) => ({
    message: `${address} で待ち受けられません: ${why}`,
    todo: "別のポートを指定するか、--port を外してください。",
  }),
};

/** By the code of the system. */
function whyNot(code: string): string {
  const known: Record<string, string> = {
    EACCES: "権限がありません（EACCES）",
    EISDIR: "ディレクトリです",
    ENOTDIR: "パスの途中にファイルがあります（ENOTDIR）",
    EROFS: "ファイルシステムが読み取り専用です（EROFS）",
  };
  return known[code] ?? code;
}
