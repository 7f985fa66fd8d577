/** Japanese. */
import type { ReviewWords } from "./review-word-table.ts";

const states = {
  decided: "判定に使われた",
  met: "通過したが判定していない",
  unmet: "一度も該当しなかった",
  unrelated: "フォワードとは無関係",
};

export const reviewJapanese: ReviewWords = {
  audience: {
    internet: "インターネット",
    networks: "特定のネットワーク",
    lan: "サーバーの LAN",
    server: "他のアカウント",
    account: "アカウント本人",
  },
  target: {
    loopback: "サーバーのループバックで待ち受けるサービス",
    socket: "アカウントが開ける Unix ソケット",
    own: "サーバー自身のアドレス",
    lan: "サーバーの LAN にあるホスト",
    metadata: "クラウドのメタデータサービス (169.254.169.254)",
    internet: "インターネット (サーバーのアドレスから)",
    listed: "PermitOpen に書かれた接続先",
  },
  state: states,
  head: ({ outcome, findings }) => {
    if (outcome === "inconclusive") return "判定不能  証明できないものがあります";
    return findings.length === 0 ? "公開できるものはありません  すべての要求が拒否されました" : `検出 ${findings.length} 件`;
  },
  counts: ({ principals, answers, reach }) =>
    `プリンシパル ${principals.length} (アカウント ${new Set(principals.map(({ account }) => account)).size})、要求 ${answers.length} 種類、到達性を調べた待ち受け ${reach.length} 種類`,
  everybody: "インターネット上の誰でも",
  everybodyOver: (family) => `IPv${family} でインターネット上の誰でも`,
  except: (who, list, more) => `${who} (${joined(list, more)} を除く)`,
  addresses: joined,
  lan: "サーバーの LAN のホスト",
  noVisitors: "なし",
  and: (parts) => parts.join("、"),
  accounts: (names, everybody) =>
    everybody && names.length > 1 ? "すべてのアカウント" : joined(names.slice(0, 4), Math.max(0, names.length - 4)),
  listenerOutside: (who, ports, visitors) => `${who} はポート ${ports} を公開できます。到達できるのは: ${visitors}。`,
  listenerLocal: (who, ports) => `${who} はポート ${ports} を、サーバー上のすべてのプロセスに公開できます。`,
  targets: (who, targets) => `${who} はサーバー経由で次に到達できます: ${targets}。`,
  settingsDiffer: (who, setting, shown) => `\`sshd -T\` の表示は \`${shown}\` ですが、${who} に実際に適用されるのは \`${setting}\` です。`,
  socket: (who) => `${who} は、サーバーのどのアカウントからも接続できる Unix ソケットを開けます。`,
  tunnel: (who) => `${who} はトンネルデバイスでネットワーク同士を接続できます。`,
  x11: (who, listeners, visitors) =>
    `${who} は X11 を転送できます。ディスプレイは ${joined(listeners, 0)} で待ち受けます${visitors === undefined ? "" : `。接続できるのは: ${visitors}`}。`,
  agent: (who) => `${who} はエージェントを転送できます。セッション中、サーバーの root はその鍵を使えます。`,
  letBy: "許可した設定",
  example: "例",
  fix: "修正",
  noFix: "これだけを取り除く単独の変更はありません",
  alsoCloses: (number) => `他の検出 ${number} 件も解消されます`,
  references: "参照する基準",
  refusals: "拒否されたもの",
  noReason: "理由の表示なし",
  coverage: "カバレッジ",
  covered: (lines) =>
    `${lines.length} 行のうち ${lines.filter(({ state }) => state === "unmet").length} 行は何も判定していません (${states.unmet})`,
  cannotLogIn: "ログインできません",
  principals: "プリンシパル",
  warning: "警告",
  agreement: ({ agreement }) =>
    `抽出した要求 ${agreement.asked} 件のうち ${agreement.asked - agreement.differing.length} 件が、単独の ssh による結果と一致`,
};

function joined(list: readonly string[], more: number): string {
  return more > 0 ? `${list.join("、")} ほか ${more} 件` : list.join("、");
}
