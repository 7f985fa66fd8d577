/** Japanese. */
import { anybody } from "../core/anybody.ts";
import type { ReviewWords } from "./review-word-table.ts";

export const reviewJapanese: ReviewWords = {
  audience: {
    internet: "インターネット",
    networks: "特定のネットワーク",
    lan: "サーバーの LAN",
    server: "ほかのアカウント",
    account: "アカウント本人",
  },
  target: {
    loopback: "サーバーのループバックで待ち受けるサービス",
    socket: "アカウントが開ける Unix ソケット",
    own: "サーバー自身のアドレス",
    lan: "サーバーの LAN のホスト",
    metadata: "クラウドのメタデータサービス（169.254.169.254）",
    internet: "インターネット（送信元はサーバーのアドレス）",
    listed: "PermitOpen に列挙された宛先",
  },
  state: {
    decided: "判定に使用",
    met: "通過したが判定には未使用",
    unmet: "該当なし",
    unrelated: "転送とは無関係",
  },
  head: ({ outcome, findings }) => {
    const found = `検出 ${findings.length} 件`;
    const but = findings.length === 0 ? "" : `${found}、ただし`;
    if (outcome === "inconclusive") return { verdict: "判定不能", summary: `${but}証明できなかったものがあります` };
    if (findings.length > 0) return { verdict: found, summary: "" };
    return { verdict: "公開できるものはありません", summary: "どの要求でも、誰にも何も開かれません" };
  },
  fleetHead: (findings, servers, unknown) => {
    const found = `サーバー ${servers} 台で検出 ${findings} 件`;
    if (unknown > 0) return { verdict: "判定不能", summary: `${found}、うち ${unknown} 台はレビューを完了できていません` };
    if (findings > 0) return { verdict: found, summary: "" };
    return { verdict: "公開できるものはありません", summary: `サーバー ${servers} 台とも、どの要求でも誰にも何も開かれません` };
  },
  noReview: "レビューできませんでした",
  counts: ({ principals, answers, reach }) =>
    `ログイン ${principals.length} 通り（アカウント ${new Set(principals.map(({ account }) => account)).size} 件）、要求 ${answers.length} 種類、到達性を確認した待ち受け ${reach.length} 種類`,
  everybody: "インターネット上の誰でも",
  everybodyOver: (family) => `IPv${family} のインターネット上の誰でも`,
  except: (who, list, more) => `${who}（${spaced(joined(list, more))}を除く）`,
  list: joined,
  more: (number) => `… ほか ${number} 件`,
  moreNetworks: (number) => `ほか ${number} 件`,
  lan: (interfaces) => (interfaces.length === 0 ? "サーバーの LAN のホスト" : `サーバーの LAN（${interfaces.join("、")}）のホスト`),
  destinations: (reached, missed, mixed) => {
    const except = [missed && `${missed} では到達できません`, mixed && "一部の相手は一部のアドレスにだけ到達します"].filter(Boolean);
    return `到達先は ${reached}${except.length === 0 ? "" : `（${except.join("。")}）`}`;
  },
  reachedAt: "到達先",
  noVisitors: "サーバー上のプロセスのみ",
  and: (parts) => joined(parts, 0),
  accounts: (names, everybody) =>
    everybody && names.length > 1 ? "すべてのアカウント" : joined(names.slice(0, 4), Math.max(0, names.length - 4)),
  listenerOutside: (who, ports, visitors, at) =>
    `${spaced(who)}は、ポート ${spaced(ports)}を次の相手に公開できます: ${visitors}。${at === "" ? "" : `${at}。`}`,
  listenerLocal: (who, ports) => `${spaced(who)}は、ポート ${spaced(ports)}をサーバー上のすべてのプロセスに公開できます。`,
  targets: (who, targets) => `${spaced(who)}は、サーバーを経由して次の宛先に到達できます: ${targets}。`,
  settingsDiffer: (who, setting, shown) =>
    `\`sshd -T\` の表示は \`${shown}\` ですが、${spaced(who)}に実際に適用されるのは \`${setting}\` です。`,
  socket: (who) => `${spaced(who)}は、サーバーのどのアカウントからも接続できる Unix ソケットを開けます。`,
  tunnel: (who) => `${spaced(who)}は、トンネルデバイスでネットワーク同士を接続できます。`,
  x11: (who, listeners, visitors) =>
    `${spaced(who)}は、X11 を転送できます。ディスプレイは ${spaced(joined(listeners, 0))}で待ち受けます${visitors === undefined ? "" : `。接続できるのは: ${visitors}`}。`,
  agent: (who) => `${spaced(who)}は、ssh エージェントを転送できます。セッション中、サーバーの root はその鍵を使えます。`,
  what: {
    outside: (ports, visitors, at) => `ポート ${ports}。公開先: ${visitors}${at === "" ? "" : `。${at}`}`,
    local: (ports) => `ポート ${ports}。公開先: サーバー上のすべてのプロセス`,
    targets: (targets) => `サーバーを経由して到達できる宛先: ${targets}`,
    socket: "Unix ソケット。公開先: サーバーのすべてのアカウント",
    tunnel: "トンネルデバイスを経由したネットワーク全体",
    x11: (listeners, visitors) => `X11 ディスプレイ（${joined(listeners, 0)}）${visitors === undefined ? "" : `。公開先: ${visitors}`}`,
    agent: "転送された ssh エージェントの鍵",
    settings: (setting, shown) => `\`${setting}\`（\`sshd -T\` の表示は \`${shown}\`）`,
  },
  columns: {
    audience: "公開先",
    who: "アカウント",
    what: "内容",
    ports: "ポート",
    request: "要求",
    login: "ログイン",
    place: "場所",
    rule: "ルールまたは設定",
    state: "状態",
  },
  letBy: "許可の根拠",
  example: "例",
  fix: "修正",
  noFix: "1 か所の変更でこれだけを解消することはできません",
  alsoCloses: (number) => `（ほかの検出 ${number} 件も解消されます）`,
  references: "参照する基準",
  diff: {
    opened: "新規",
    gone: "解消",
    changed: "変化",
    summary: (opened, gone, changed) =>
      opened + gone + changed === 0 ? "変化なし" : `新たに公開されるもの ${opened} 件、解消 ${gone} 件、変化 ${changed} 件`,
    rest: (number) => (number === 0 ? "ほかにはありません。" : `ほかの検出 ${number} 件に変化はありません。`),
  },
  whatIf: {
    title: (changes) => `各行の効果: ${changes} 件の変更を試行`,
    counts: ({ opens, closes, without, refused }) =>
      `公開範囲が広がる変更 ${opens} 件、狭まるだけの変更 ${closes} 件、影響のない変更 ${without} 件${refused > 0 ? `、sshd またはファイアウォールのツールが拒否した変更 ${refused} 件` : ""}`,
    alone: "この行だけが防いでいるもの",
    backedUp: "別の層でも防がれているもの",
    without: "公開範囲に影響しない行",
    removed: "削除",
    score: (noticed, of) => `何かが公開される変更 ${of} 件のうち、ポリシーが検出するのは ${noticed} 件`,
    unnoticed: "ポリシーが検出しない変更",
    proposals: "ポリシーに追加すべき転送",
    notTried: "試していない変更",
  },
  refusals: "拒否されたもの",
  requests: (number, principals) => `要求 ${number} 種類、ログイン ${principals} 通り`,
  request: (asked) => {
    if (asked.kind === "target") return `${asked.target} への -L`;
    return asked.kind === "listener" ? `-R ${asked.bind}PORT、ポート ${asked.ports}` : channels[asked.kind];
  },
  noReason: "理由の記録なし",
  cannotLogIn: (names, more) =>
    `${spaced(
      joined(
        names.map((name) => (name === anybody ? "ほかのすべてのアカウント" : name)),
        more,
      ),
    )}はログインできません`,
  byDefault: "（既定値）",
  coverage: "カバレッジ",
  covered: (lines) => {
    const unmet = lines.filter(({ state }) => state === "unmet").length;
    return unmet === 0 ? `${lines.length} 行すべてに該当がありました` : `${lines.length} 行のうち ${unmet} 行は一度も該当しませんでした`;
  },
  principals: "ログイン",
  listeners: "待ち受け",
  targetsAsked: "到達した宛先",
  addresses: "送信元アドレス",
  passed: "通過した層",
  noKeyOptions: "鍵のオプションなし",
  provenance: "根拠となる環境",
  notProbed: (because, prefixes) => `未確認: ${prefixes}（${unprobed[because]}）`,
  warning: "警告",
  agreement: ({ agreement: { asked, differing } }) =>
    asked === 0 ? "" : `個別の ssh で再確認した要求 ${asked} 件のうち ${asked - differing.length} 件が一致`,
};

const channels = {
  socket: "Unix ソケットの待ち受け",
  tunnel: "トンネルデバイス",
  x11: "X11 の転送",
  agent: "ssh エージェントの転送",
};

const unprobed = {
  private: "プライベートアドレス。サーバーのどのネットワークからも届きません",
  taken: "ラボ自身のマシンのアドレス",
  "link-local": "ほかの隣のホストのリンクローカルアドレス。ラボのものとはルールの扱いが異なります",
};

/** Only Latin letters and digits stand apart from what follows. */
function spaced(text: string): string {
  return /[!-~]$/.test(text) ? `${text} ` : text;
}

function joined(list: readonly string[], more: number): string {
  return more > 0 ? `${list.join("、")} ほか ${more} 件` : list.join("、");
}
