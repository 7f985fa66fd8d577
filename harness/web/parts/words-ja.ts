/** Japanese. */
import { wantsReach } from "../../core/verdict.ts";
import { sourceWords } from "../../report/sources.ts";
import type { PageWords } from "./word-table.ts";

const unprobed = {
  private: "サーバーのどのネットワークからも届かないプライベートアドレス",
  taken: "ラボのマシン自身のアドレス",
  "link-local": "ラボのものとはルールの扱いが異なる、ほかの隣のホストのリンクローカルアドレス",
};

export const japanese: PageWords = {
  report: { verify: "検証", fleet: "複数サーバーの検証", review: "レビュー", diff: "比較" },
  skip: "結果へ移動",
  otherLanguage: "Show in English",
  outcome: { pass: "合格", fail: "不合格", inconclusive: "判定不能" },
  fleetCounts: ({ counts }) => {
    const parts = (["held", "violated", "waived", "inconclusive"] as const).flatMap((status) =>
      counts[status] > 0 ? [`${japanese.status[status]} ${counts[status]} 件`] : [],
    );
    return `期待値: ${parts.join("、")}`;
  },
  fleetRun: ({ servers, labs, durationMs }) => `サーバー ${servers.length} 台、ラボ ${labs} 個、${(durationMs / 1000).toFixed(1)} 秒`,
  fleetSentence: ({ servers }) => {
    const of = (outcome: string) => servers.filter(({ result }) => (result?.outcome ?? "inconclusive") === outcome).length;
    const [failed, unknown] = [of("fail"), of("inconclusive")];
    if (failed + unknown === 0) return `${servers.length} 台すべてがポリシーのとおりです。`;
    const parts = [
      ...(failed > 0 ? [`${failed} 台がポリシーに違反しています。`] : []),
      ...(unknown > 0 ? [`${unknown} 台は判定できませんでした。`] : []),
    ];
    return `${servers.length} 台のうち、${parts.join("")}`;
  },
  servers: "サーバー",
  allServers: (count) => `全 ${count} 台の一覧`,
  noServerResult: "結果がありません。",
  outcomeSentence: ({ counts, reasons, outcome }) => {
    const total = counts.held + counts.violated + counts.waived + counts.inconclusive;
    if (total === 0) return "期待値がないため、何も検証していません。";
    if (counts.violated > 0) return `期待値 ${total} 件のうち ${counts.violated} 件で違反が確認されました。`;
    if (outcome === "fail") return reasons[0]?.text ?? "";
    if (counts.inconclusive > 0)
      return `期待値 ${total} 件のうち ${counts.inconclusive} 件は、満たすとも満たさないとも証明できませんでした。`;
    if (outcome === "inconclusive") return reasons[0]?.text ?? "";
    if (counts.waived > 0) return `期待値 ${counts.held} 件を満たし、${counts.waived} 件は免除されています。`;
    return `期待値 ${total} 件をすべて満たしています。`;
  },
  status: { held: "期待どおり", violated: "違反", waived: "免除", inconclusive: "判定不能", optional: "期待値なし" },
  verdict: {
    reached: "転送先のサービス自身の応答が返ってきた",
    "wrong-service": "応答はあったが、転送先のサービスではない",
    closed: "接続は受け付けられたが、応答なしに閉じられた",
    refused: "パケットは届き、接続が拒否された",
    filtered: "パケットはファイアウォールか NAT に届き、そこで破棄または拒否された",
    unreachable: "経路がない、またはルーターがそう通知した",
    inconclusive: "どれも証明できなかった",
  },
  layer: {
    "bind-address": "バインドアドレス",
    "sshd-policy": "sshd の設定",
    "key-options": "鍵のオプション",
    "server-firewall": "ファイアウォール",
    "cloud-firewall": "クラウドのファイアウォール",
    router: "ルーター",
    nat: "NAT",
    service: "サービス",
    client: "ssh クライアント",
  },
  expectation: (expected) => expected ?? "なし",
  visitor: sourceWords.ja.visitor,
  family: (family) => (family === null ? "Unix ソケット" : `IPv${family}`),
  cellTitle: ({ forwards, visitors, families, status, observed, expected }) => {
    const who = `${named(forwards)}: ${named(visitors)} から`;
    const over = families.length === 0 ? "" : ` ${families.map((family) => `IPv${family}`).join(" または ")} で`;
    if (status === "inconclusive") return `${who}${over}到達できるかどうか不明です`;
    if (observed === "reached") return `${who}${over}到達できてしまいます`;
    if (expected !== null && wantsReach(expected as "reachable")) return `${who}${over}到達できるはずが、到達できません`;
    return `${who}${over} ${expected} となるはずが、${observed} でした`;
  },
  forwardTitle: ({ forwards, status, expected, kept, login }) => {
    if (kept && status === "inconclusive")
      return `${named(forwards)}: 応答しなくなったクライアントのポートをサーバーがいつ閉じるか不明です`;
    if (kept) return `${named(forwards)}: クライアントが応答しなくなった後、サーバーがポートを開いたままにする時間が長すぎます`;
    if (login)
      return `${named(forwards)}: ${status === "inconclusive" ? "このアカウントでログインできるか不明です" : "ログインできないはずのアカウントがログインできます"}`;
    if (status === "inconclusive") return `${named(forwards)}: サーバーが許可するかどうか不明です`;
    return `${named(forwards)}: ${expected === "refused" ? "拒否されるはずの転送をサーバーが許可します" : "許可されるはずの転送をサーバーが拒否します"}`;
  },
  gone: ({ within, seconds, how }) => {
    const told = seconds === null ? "閉じない" : `${seconds} 秒で閉じる`;
    return `クライアントの無応答後: ${told}（許容 ${within} 秒、${how === "measured" ? "実測" : "計算"}）`;
  },
  nearest: (opens, breaks) => {
    const harm = [
      ...(opens > 0 ? [`ほかの ${opens} 件も到達可能にします`] : []),
      ...(breaks > 0 ? [`ほかの期待値 ${breaks} 件に違反します`] : []),
    ];
    return `最も近い変更。ただし${harm.join("。また、")}:`;
  },
  problems: (violated, inconclusive) =>
    [...(violated > 0 ? [`違反 ${violated} 件`] : []), ...(inconclusive > 0 ? [`判定不能 ${inconclusive} 件`] : [])].join("、"),
  noProblems: "違反も判定不能もありません。",
  expected: "期待",
  observed: "結果",
  difference: "差異",
  error: { found: "実際", expected: "期待されるもの", todo: "対処" },
  decidedBy: "判定の根拠",
  because: "理由",
  remedy: "修正",
  patch: "パッチ",
  patchUse: "（`patch -p1` で適用）",
  copy: "コピー",
  copied: "コピーしました",
  next: "次の確認先",
  cells: "プローブ",
  more: (count) => `ほか ${count} 件`,
  waivers: "免除",
  waiverCovers: ({ id, forward, vantage, address, via, expires, reason, owner }, cells) =>
    `免除 ${id} は ${expires} まで違反 ${cells} 件（${vantage} から ${forward}${address === undefined ? "" : `、宛先 ${address}`}${via === undefined ? "" : `、${via} 経由`}）を対象とします: \`${reason}\`（${owner}）`,
  warnings: "警告",
  lab: "ラボ",
  labHint: "表のセルを選ぶと、パケットの経路が表示されます。",
  noTopology: "この結果にはラボのネットワークの情報がありません。",
  nodes: { host: "ホスト", router: "ルーター", lan: "LAN", core: "インターネット" },
  nat: (family) => (family === 6 ? "IPv4 NAT" : "NAT"),
  firewall: "ファイアウォール",
  inbound: "外からの接続を破棄",
  decidedHere: "ここで判定",
  matrix: "到達できる相手",
  listensOn: (host) => `${host} の待ち受け`,
  from: "接続元",
  show: "表示",
  search: "検索",
  searchHint: "転送、接続元、アドレス、ルールなど",
  searchFindingsHint: "アカウント、ポート、アドレス、ルールなど",
  filter: "状態で絞り込む",
  found: (shown, all) => (shown === all ? `${all} セル` : `${all} セルのうち ${shown} セル`),
  nothingFound: "該当するセルはありません。",
  reset: "すべて表示",
  cellLabel: ({ who, target, forward, family, expected, observed, status }) =>
    `${observed} 期待: ${expected}、${status}: ${forward}、${who} から ${target}、${family === null ? "Unix ソケット" : `IPv${family}`}`,
  legend: "判定の種類",
  close: "閉じる",
  path: "パケットの経路",
  leg: {
    visit: (from, to) => `${from} が ${to} の待ち受けに接続`,
    tunnel: (from, to) => `ssh が ${from} から ${to} へ転送`,
    dial: (from, to) => `${from} が${to === "" ? "サービス" : ` ${to} `}に接続`,
  },
  legKind: {
    clear: "TCP。この区間は ssh では暗号化されません",
    ssh: "ssh 接続の中。暗号化されます",
    local: "ホストの外に出ません",
  },
  legKindShort: { clear: "ssh による暗号化なし", ssh: "ssh による暗号化あり", local: "ホスト内" },
  legState: { passed: "通過", stopped: "停止", untried: "未到達", unknown: "証明なし" },
  stoppedAt: (node) => `${node} で停止`,
  proof: "証拠",
  evidence: {
    command: "コマンド",
    login: "ログイン",
    requested: "要求",
    listeners: "待ち受け",
    source: "送信元",
    seenAs: "サーバーから見た送信元",
    arrived: "SYN の到着",
    connect: "connect の結果",
    nonce: "ノンス",
    received: "受信した内容",
    peer: "サービスから見た接続元",
    time: "所要時間",
    note: "備考",
    target: "宛先",
    via: "ネクストホップ",
    keyOptions: "鍵のオプション",
  },
  nonce: { match: "一致（転送先のサービスが応答）", mismatch: "別のサービスのもの", none: "返ってこなかった" },
  yes: "あり",
  no: "なし",
  trace: "パケットのトレース",
  traceColumns: ["場所", "内容", "判定"],
  settings: "このログインに適用される sshd の設定",
  settingColumns: ["キーワード", "値", "設定箇所"],
  byDefault: "既定値",
  clientLog: "ssh のログ",
  serverLog: "sshd のログ",
  emptyLog: "空",
  sources: "すべての送信元アドレス",
  sourcesHint: "サーバーのファイアウォールのどのルールでも区別されないアドレスは、同じ結果になります。",
  sourceColumns: ["送信元アドレス", "プローブの送信元"],
  restOf: (example) => `その他すべてのアドレス（例: ${example}）`,
  addressQuestion: "このアドレスから到達できますか",
  addressHint: "例: 45.13.7.9",
  membership: { in: "はい、到達できます", out: "いいえ", invalid: "IPv4 または IPv6 のアドレスではありません" },
  getsIn: (address, forwards, unknown) =>
    [
      forwards.length > 0 || unknown.length === 0
        ? `${address} は${forwards.length > 0 ? ` ${forwards.join("、")} に到達できます` : "どの転送にも到達できません"}。`
        : "",
      unknown.length > 0 ? `${address} が ${unknown.join("、")} に到達できるかは不明です。` : "",
    ].join(""),
  inClass: (prefix, vantage) => `${prefix} に含まれ、代表の ${vantage} からプローブしました。`,
  notProbed: (because, prefixes) =>
    `プローブしていないアドレス: ${prefixes.slice(0, 3).join("、")}${prefixes.length > 3 ? ` ほか ${prefixes.length - 3} 件` : ""}（${unprobed[because]}）`,
  inNoClass: (address) => `${address} はどのクラスにも含まれません。プローブしていません。`,
  allPrefixes: (count) => `プレフィックス ${count} 件`,
  forwards: "転送",
  granted: (granted) => {
    if (granted === null) return "許可されたか不明";
    return granted ? "許可" : "拒否";
  },
  run: "この実行について",
  files: "使用したファイル",
  adaptations: "ラボが追加した設定",
  selfCheck: (passed, of) => `ラボの自己診断: ${of} 件のうち ${passed} 件が成功`,
  images: "イメージ",
  natKinds: "実測した NAT",
  made: ({ tool, started, duration }) =>
    [tool, ...(started ? [started] : []), ...(duration === undefined ? [] : [`所要 ${duration.toFixed(1)} 秒`])].join("、"),
  findings: "検出",
  findingsWidest: "公開先の広い順",
  audienceFilter: "公開先で絞り込む",
  coverage: "読み取った行",
  whatIf: "各行の効果",
  whatIfHint: "影響しうる行を 1 行ずつラボで変更して試しました。ルールも設定もない行は省略しています。",
  worth: {
    alone: "この行だけで防御",
    exposes: "公開の原因",
    "backed-up": "別の層でも防御",
    none: "影響なし",
    refused: "変更不可",
    untried: "未試行",
    unmet: "該当なし",
    unrelated: "転送とは無関係",
  },
  changesTried: (count) => `${count} 件の変更を試行`,
  worthLegend: "表示の意味",
  worthMeaning: {
    alone: "この行だけが防いでいます。削除したり緩めたりすると、公開範囲が広がります。",
    exposes: "この行によって公開されているものがあります。この行がなければ、公開範囲は狭まります。",
    "backed-up": "別の行や層でも同じように防いでいるため、この行だけを変更しても公開範囲は広がりません。",
    none: "この行を変更しても、結果は変わりませんでした。",
    refused: "変更したファイルは、sshd またはファイアウォールのツールに拒否されます。",
    untried: "この行の変更は試していません。",
    unmet: "このレビューの要求もパケットもこの行に達しなかったため、効果は不明です。",
    unrelated: "この行は転送とは関係ありません。",
  },
  effect: {
    opens: "公開範囲が広がる",
    moves: "広がる部分と狭まる部分がある",
    closes: "狭まるだけ",
    "backed-up": "別の層が同じ働きをする",
    none: "影響なし",
    refused: "sshd またはファイアウォールのツールが拒否",
  },
  line: "行",
  gap: (lines) => `${lines} 行`,
  instead: (text) => (text === "" ? "削除" : `→ ${text}`),
  noticed: (noticed) => (noticed ? "ポリシーで検出される" : "ポリシーでは検出されない"),
  closes: (count) => `${count} 件が閉じる`,
  before: "変更前",
  after: "変更後",
  changes: "変化",
  change: {
    opened: "到達可能に",
    unknown: "不明",
    closed: "到達不能に",
    weaker: "防御が減少",
    replaced: "別の層",
    stronger: "防御が増加",
    other: "別の結果",
    decider: "別のルール",
    added: "追加（遮断）",
    removed: "削除（遮断）",
  },
  rest: "その他",
  versionUnknown: (version) =>
    `このページはバージョン ${version} の文書を表示できません。新しい forwardlab でレポートを作り直してください。`,
};

/** Names before the rest is only counted. */
const mostNames = 5;

function named(names: readonly string[]): string {
  return names.length > mostNames ? `${names.slice(0, mostNames).join("、")} ほか ${names.length - mostNames} 件` : names.join("、");
}
