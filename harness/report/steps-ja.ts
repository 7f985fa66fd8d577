/** Japanese. */
import { formatDurationJa } from "../core/duration.ts";
import type { Outcome } from "../core/result.ts";
import type { StepTable } from "../core/step.ts";

const outcomes: Record<Outcome, string> = { pass: "合格", fail: "不合格", inconclusive: "判定不能" };

export const japanese: StepTable = {
  "waiting-for-engine": ({ endpoint, source, said }) => `${endpoint}（${source}）のコンテナエンジンの応答を待っています: ${said}`,
  "waiting-for-lock": () => "このマシンで動いている別の forwardlab の準備が終わるのを待っています",
  "starting-embedded": () => "このマシンで動いているコンテナエンジンがないため、forwardlab の組み込みエンジンを起動します",
  "embedded-is": ({ folder }) =>
    `  （Debian の dockerd を ${folder} の下に展開します。システムには何もインストールしません。\`forwardlab engine rm\` ですべて削除できます）`,
  "waiting-for-embedded": () => "組み込みエンジンの応答を待っています",
  "stopping-embedded": () => "組み込みエンジンを停止しています",
  "downloading-debian": ({ packages, folder }) => `Debian のパッケージ（${packages.join("、")}）を ${folder} にダウンロードしています`,
  "reading-package-lists": () => "Debian のパッケージリストを読み込んでいます",
  "downloading-npm": ({ image }) => `イメージ ${image} に必要な npm パッケージをダウンロードしています`,
  "building-base": ({ suite }) => `レジストリが応答しないため、Debian ${suite} のベースイメージを Debian のパッケージから作成しています`,
  "building-image": ({ image, suite }) => `イメージ ${image}（Debian ${suite}）を作成しています`,
  "image-ready": ({ image, suite, seconds }) => `イメージ ${image}（Debian ${suite}）ができました（${seconds} 秒）`,
  pulling: ({ image }) => `${image} をプルしています`,
  "asking-firewalld": () => "firewalld からルールを取得しています",

  "starting-containers": ({ count }) => `コンテナを ${count} 個起動しています`,
  "wiring-hosts": () => "ホストをネットワークに接続しています",
  "starting-sshd": () => "sshd を起動し、ラボを点検しています",
  "client-silent": ({ forward, from, seconds }) => `${forward}: ${from} の応答を止め、最長 ${formatDurationJa(seconds)}待っています`,
  "principals-asked": ({ done, of }) => `ログイン ${of} 通りのうち ${done} 通りを確認しました`,

  "opening-forwards": ({ forwards }) =>
    forwards.length === 1 ? `転送 ${forwards[0]} を開いています` : `転送 ${forwards.length} 件を開いています`,
  "probes-done": ({ count }) => `プローブ ${count} 件が終わりました`,

  "verifying-side": ({ name }) => `${name} を検証しています`,
  "server-done": ({ name, outcome, done, of }) =>
    `${done === undefined ? "" : `サーバー ${done}/${of}: `}${name}: ${outcome === null ? "結果なし" : outcomes[outcome]}`,
  "trying-remedies": ({ forward }) => (forward === undefined ? "修正案を試しています" : `${forward} の修正案を試しています`),
  "trying-together": () => "すべての修正案を合わせて試しています",
  "lines-changed": ({ done, of }) => `${of} 行のうち ${done} 行の変更を試しました`,
  "files-changed": ({ servers }) => (servers === 1 ? "ファイルが変更されました" : `サーバー ${servers} 台のファイルが変更されました`),
  "waiting-for-change": ({ seconds, servers, all }) => {
    const which = servers === undefined ? `全 ${all} 台を判定` : `${servers.length === 0 ? "判定なし" : `${servers.join("、")} を判定`}`;
    return `${all === undefined ? "" : `${which}、`}${seconds.toFixed(1)} 秒。ファイルの変更を待っています`;
  },

  scenarios: ({ count }) => `シナリオ ${count} 件`,
  "scenario-done": ({ name, done, of }) => `シナリオ ${done}/${of}: ${name}`,
  "lesson-done": ({ name, done, of }) => `レッスン ${done}/${of}: ${name}`,
  "preparing-page": () => "ページを準備しています",
  "lessons-open": () => "レッスンを開きました。Ctrl-C で終了します",
};
