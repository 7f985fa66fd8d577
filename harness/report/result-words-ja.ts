/** Japanese. */
import { formatDurationJa } from "../core/duration.ts";
import { enumeratedJa } from "../core/enumerated.ts";
import type { Remedy, ResultCell, ResultForward } from "../core/result.ts";
import { wantsReach } from "../core/verdict.ts";
import type { ResultWords } from "./result-word-table.ts";
import { changesText } from "./sentences.ts";
import { clean, deciderLine, placeText } from "./words.ts";

const status: ResultWords["status"] = {
  held: "期待どおり",
  violated: "違反",
  waived: "免除",
  inconclusive: "判定不能",
  optional: "期待値なし",
};

const counted = ["held", "violated", "waived", "inconclusive"] as const;

export const japanese: ResultWords = {
  outcome: { pass: "合格", fail: "不合格", inconclusive: "判定不能" },
  outcomeSentence: ({ counts, reasons, outcome }) => {
    const total = counts.held + counts.violated + counts.waived + counts.inconclusive;
    if (total === 0) return "期待値がないため、何も検証していません";
    if (counts.violated > 0) return `期待値 ${total} 件のうち ${counts.violated} 件で違反が確認されました`;
    if (outcome === "fail") return withoutStop(reasons[0]?.text ?? "");
    if (counts.inconclusive > 0)
      return `期待値 ${total} 件のうち ${counts.inconclusive} 件は、満たすとも満たさないとも証明できませんでした`;
    if (outcome === "inconclusive") return withoutStop(reasons[0]?.text ?? "");
    if (counts.waived > 0) return `期待値 ${counts.held} 件を満たし、${counts.waived} 件は免除されています`;
    return `期待値 ${total} 件をすべて満たしています`;
  },
  counts: (counts) =>
    `${counted.map((each) => `${status[each]} ${counts[each]} 件`).join("、")}（ほかに${status.optional} ${counts.optional} 件）`,
  status,
  family: (family) => (family === null ? "Unix" : `IPv${family}`),
  target,
  cellTitle: ({ forwards, visitors, families, status: was, observed, expected }) => {
    const who = `${named(forwards)}: ${named(visitors)} から`;
    const over = families.length === 0 ? "" : ` ${families.map((family) => `IPv${family}`).join(" または ")} で`;
    if (was === "inconclusive") return `${who}${over}到達できるかどうか不明です`;
    if (observed === "reached") return `${who}${over}到達できてしまいます`;
    if (expected !== null && wantsReach(expected)) return `${who}${over}到達できるはずが、到達できません`;
    return `${who}${over} ${expected} となるはずが、${observed} でした`;
  },
  forwardTitle: ({ forwards, status: was, expected, kept, login }) => {
    const names = named(forwards);
    if (kept && was === "inconclusive") return `${names}: 応答しなくなったクライアントのポートをサーバーがいつ閉じるか不明です`;
    if (kept) return `${names}: クライアントが応答しなくなった後、サーバーがポートを開いたままにする時間が長すぎます`;
    if (login)
      return `${names}: ${was === "inconclusive" ? "このアカウントでログインできるか不明です" : "ログインできないはずのアカウントがログインできます"}`;
    if (was === "inconclusive") return `${names}: サーバーが許可するかどうか不明です`;
    return `${names}: ${expected === "refused" ? "拒否されるはずの転送をサーバーが許可します" : "許可されるはずの転送をサーバーが拒否します"}`;
  },
  expectedOfForward: ({ expected, gone, login }) => {
    if (login) return "ログインの拒否";
    if (gone) return `許可。クライアントが応答しなくなってから${spaced(formatDurationJa(gone.within))}以内に閉じる`;
    return expected === null ? "" : grants[expected];
  },
  observedOfForward: ({ granted, gone, login, status: was }) => {
    if (login && granted !== null) return was === "held" ? "ログインを拒否" : "ログインを許可";
    return [grantWord(granted), ...(gone ? [goneText(gone)] : [])].join("。");
  },
  forwardLine: (forward) => {
    const { granted, decidedBy, listeners, listensOn, gone } = forward;
    if (granted === null)
      return decidedBy?.layer === "client" ? `開けませんでした: ${withoutStop(decidedBy.text)}` : "サーバーが許可するかどうか不明";
    const by = decidedBy ? [decidedBy.layer, placeText(decidedBy)].filter((part) => part).join("、") : "";
    if (!granted) return `拒否${by === "" ? "" : `（${by}）`}`;
    if (listeners.length === 0) return "許可、ただし待ち受けなし";
    return [`許可、${listensOn} の ${enumeratedJa(listeners)} で待ち受け`, ...(gone ? [goneText(gone)] : [])].join("。");
  },
  remedy: ({ summary, further = [], stillKeptOut = [], nearest }) => {
    if (!nearest) {
      const changes = changesText(
        [summary, ...further].map(({ text }) => text),
        "ja",
      );
      return clean(stillKeptOut.length > 0 ? `${withoutStop(changes)}。それでも ${affectedOf(stillKeptOut)} は到達できません` : changes);
    }
    const harm = [
      nearest.opens.length > 0 ? `ほかの相手も到達できるようになります（${affected(nearest.opens)}）` : "",
      nearest.breaks.length > 0 ? `別の期待値に違反します（${affected(nearest.breaks)}）` : "",
    ].filter((part) => part !== "");
    return clean(`${withoutStop(summary.text)}。最も近いのは次の変更ですが、${harm.join("。また、")}: ${nearest.change.text}`);
  },
  likewise: (others) => `${named(others)} も同様です。`,
  evidence,
  decider: (decidedBy) => (decidedBy ? deciderLine(decidedBy) : "不明"),
  login: (from, account) => `${from} から ${account} でログイン`,
  waiver: ({ id, forward, vantage, address, via, expires, reason, owner }, covered) =>
    clean(
      `免除 ${id} は ${expires} まで違反 ${covered} 件（${vantage} から ${forward}${address === undefined ? "" : `、宛先 ${address}`}${via === undefined ? "" : `、${via} 経由`}）を対象とします: ${reason}（${owner}）`,
    ),
  provenance: ({ openssh, engine, selfCheck, adaptations, durationMs }) =>
    [
      openssh?.server,
      engine ? [engine.name, engine.version].filter((part) => part).join(" ") : undefined,
      `自己診断 ${selfCheck.length} 件のうち ${selfCheck.filter(({ ok }) => ok).length} 件が成功`,
      `ラボが追加した設定 ${adaptations.length} 件`,
      durationMs === undefined ? undefined : `${(durationMs / 1000).toFixed(1)} 秒`,
    ]
      .filter((part) => part !== undefined)
      .join(" · "),
  labels: { expected: "期待", observed: "結果", decidedBy: "判定の根拠", because: "理由", remedy: "修正", next: "次の確認先" },
  warning: (text) => `警告: ${text}`,
  forwards: "転送",
  matrix: (host) => (host === undefined ? "到達できる相手" : `到達できる相手（${host} の待ち受け）`),
  sources: { title: "すべての送信元アドレス", addresses: "送信元アドレス", from: "プローブの送信元" },
  seenAs: (addresses) => `サーバーから見た送信元 ${addresses.join("、")}`,
  targets: (count) => `${count} 個の宛先`,
  more: (count) => `… ほか ${count} 件`,
  merged: (what, count, all) => {
    const noun = what === "address" ? "アドレス" : "アカウント";
    return all ? `すべての${noun}` : `${count} 個の${noun}`;
  },
  markdown: {
    head: (verdict, sentence) => `${verdict}: ${sentence}`,
    policy: (file, counts) => `ポリシー: ${file}。${counts}。`,
    from: "接続元",
    instead: (expected) => `（期待: ${expected}）`,
    at: (address) => `（宛先 ${address}）`,
    logs: "ssh と sshd のログ",
    probes: (count) => `プローブ ${count} 件とその証拠`,
    probeColumns: ["接続元", "宛先", "証拠"],
    forwardColumns: ["転送", "コマンド", "結果"],
    provenance: "この実行について",
    server: "サーバー",
  },
  fleet: {
    sentence: ({ servers }) => {
      const of = (outcome: string) => servers.filter(({ result }) => (result?.outcome ?? "inconclusive") === outcome).length;
      const [failed, unknown] = [of("fail"), of("inconclusive")];
      if (failed + unknown === 0) return `${servers.length} 台すべてがポリシーのとおりです`;
      const parts = [
        ...(failed > 0 ? [`${failed} 台がポリシーに違反しています`] : []),
        ...(unknown > 0 ? [`${unknown} 台は判定できませんでした`] : []),
      ];
      return `${servers.length} 台のうち、${parts.join("。")}`;
    },
    noResult: (because) => `結果なし: ${because}`,
    run: ({ servers, labs, durationMs }) => `サーバー ${servers.length} 台、ラボ ${labs} 個、${(durationMs / 1000).toFixed(1)} 秒`,
  },
};

const grants = { granted: "許可", refused: "拒否" };

function grantWord(granted: boolean | null): string {
  if (granted === null) return "不明";
  return granted ? grants.granted : grants.refused;
}

function goneText({ within, seconds, how }: NonNullable<ResultForward["gone"]>): string {
  if (how === "measured")
    return seconds === null
      ? `クライアントが応答しなくなってから${spaced(formatDurationJa(within))}たっても開いたまま`
      : `クライアントが応答しなくなってから${spaced(formatDurationJa(seconds))}で閉じた`;
  const told =
    seconds === null
      ? "クライアントが応答しなくなっても閉じない"
      : `クライアントが応答しなくなってから${spaced(formatDurationJa(seconds))}で閉じる`;
  return `${told}（実測ではなく計算）`;
}

/** A number stands apart from the word before it. */
function spaced(duration: string): string {
  return /^\d/.test(duration) ? ` ${duration}` : duration;
}

function target({ target: to, via }: Pick<ResultCell, "target" | "via">): string {
  return via === undefined ? to : `${to}（${via} 経由）`;
}

const connects: Record<string, string> = { pending: "接続は未完了", impossible: "接続先のアドレスがない" };

function evidence({ observed, evidence: is }: ResultCell): string {
  const parts = [
    is.from === undefined ? undefined : `送信元 ${is.from}`,
    is.seenAs === undefined || is.seenAs === is.from ? undefined : `サーバーから見た送信元 ${is.seenAs}`,
    observed === "reached" && is.received === undefined ? "サービスのノンスが返ってきた" : undefined,
    is.arrived === true && observed !== "reached" ? "パケットは到着" : undefined,
    is.connect === undefined || is.connect === "connected" ? undefined : (connects[is.connect] ?? is.connect),
    is.received === undefined ? undefined : `応答 ${JSON.stringify(clean(is.received).slice(0, 60))}`,
    is.note === undefined ? undefined : clean(is.note),
  ];
  return parts.filter((part) => part !== undefined).join("、");
}

type Affected = NonNullable<Remedy["nearest"]>["opens"];

/** `rdp: campus、home-lan（IPv4）; web: internet`. */
function affected(all: Affected): string {
  return [...Map.groupBy(all, ({ forward }) => forward)].map(([forward, of]) => `${forward}: ${affectedOf(of)}`).join("; ");
}

function affectedOf(of: Affected): string {
  const families = [...new Set(of.flatMap(({ family }) => (family === null ? [] : [`IPv${family}`])))].sort();
  return `${named([...new Set(of.map(({ vantage }) => vantage))])}${families.length === 1 ? `（${families[0]}）` : ""}`;
}

function withoutStop(sentence: string): string {
  return sentence.replace(/。$/, "");
}

/** Names before the rest is only counted. */
const mostNames = 5;

function named(names: readonly string[]): string {
  return names.length > mostNames ? `${names.slice(0, mostNames).join("、")} ほか ${names.length - mostNames} 件` : names.join("、");
}
