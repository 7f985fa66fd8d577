/** An explanation as plain text that teaches: a picture with arrows, the steps, a table. */

import { formatTarget } from "../../core/address.ts";
import { listensOnServer } from "../../core/forward-outcome.ts";
import { formatSocketMode } from "../../core/socket-file.ts";
import type { Verdict } from "../../core/verdict.ts";
import { spell } from "../sshd-keywords.ts";
import type { Explanation } from "./explanation.ts";
import { formatListener, type Prediction } from "./prediction.ts";
import type { ReachCell } from "./reach.ts";
import type { Language } from "./sentence.ts";
import type { IdleLine } from "./settings-of-config.ts";

/** A line that certainly does not apply. */
type DecidedLine = IdleLine & { because: Exclude<IdleLine["because"], "undecided"> };

interface Words {
  kinds: Record<Prediction["kind"], string>;
  model: string;
  steps: string;
  reachable: (server: boolean) => string;
  columns: [vantage: string, address: string, verdict: string, why: string];
  hints: string;
  assumed: string;
  idle: string;
  because: Record<DecidedLine["because"], string>;
  /** At the head: how much of the answer hangs on what is not known. */
  uncertain: (lines: number) => string;
  undecided: string;
  others: string;
  visitor: string;
  listensOn: string;
  nothing: string;
  dials: (by: string, what: string) => string;
  socks: string;
  dialsNothing: string;
  seenFrom: (host: string) => string;
  everybody: string;
  stop: string;
  verdicts: Record<Verdict, string>;
  defaults: string;
}

const words: Record<Language, Words> = {
  en: {
    kinds: {
      remote: "remote forward: sshd on the server listens, ssh on home connects",
      "remote-dynamic": "remote SOCKS: sshd on the server listens, ssh on home connects to what visitors request",
      local: "local forward: ssh on home listens, sshd on the server connects",
      dynamic: "dynamic forward (SOCKS): ssh on home listens, sshd on the server connects to what visitors request",
    },
    model: "A model's answer: nothing was run. `forwardlab verify` proves it in a lab.",
    steps: "Step by step",
    reachable: (server) => `Who could reach it (the default network, no firewall on ${server ? "the server" : "home"})`,
    columns: ["from", "to", "verdict", "because"],
    hints: "Watch out",
    assumed: "Assumed",
    idle: "Config lines that do not apply here",
    because: {
      "another-match": "its Match does not apply to this login",
      "first-wins": "another line came first (the first value wins; a Match goes before global lines)",
      "last-wins": "another line comes later (for this keyword the last value wins, up to OpenSSH 10.5; a Match goes before global lines)",
    },
    uncertain: (lines) =>
      `NOT CERTAIN: ${lines === 1 ? "1 setting stands" : `${lines} settings stand`} in Match blocks that cannot be decided here, treated as not matching (--groups states the account's groups, --from the client's address).`,
    undecided: "Match blocks that cannot be decided here (what they match on is not known)",
    others: "With other values of the server's GatewayPorts",
    visitor: "visitor",
    listensOn: "listens on",
    nothing: "nothing listens",
    dials: (by, what) => `${by} connects to ${what}`,
    socks: "what the visitor requests",
    dialsNothing: "connects to nothing",
    seenFrom: (host) => `as ${host === "server" ? "the server" : host} sees it`,
    everybody: "everyone, at every address",
    stop: ". ",
    verdicts: {
      reached: "reached",
      "wrong-service": "wrong-service",
      closed: "closed",
      refused: "refused",
      filtered: "filtered",
      unreachable: "unreachable",
      inconclusive: "inconclusive",
    },
    defaults: "no --sshd-config: sshd's defaults",
  },
  ja: {
    kinds: {
      remote: "リモート転送: サーバーの sshd が待ち受け、home の ssh が接続します",
      "remote-dynamic": "リモート SOCKS: サーバーの sshd が待ち受け、home の ssh がクライアントの要求する宛先に接続します",
      local: "ローカル転送: home の ssh が待ち受け、サーバーの sshd が接続します",
      dynamic: "動的転送(SOCKS): home の ssh が待ち受け、サーバーの sshd がクライアントの要求する宛先に接続します",
    },
    model: "モデルによる答えで、何も実行していません。ラボでの証明は `forwardlab verify` で得られます。",
    steps: "順を追って",
    reachable: (server) => `誰が到達できるか(既定のネットワーク、${server ? "サーバー" : "home "}にファイアウォールなし)`,
    columns: ["どこから", "宛先", "結果", "理由"],
    hints: "注意",
    assumed: "前提としたこと",
    idle: "この接続では効かない設定行",
    because: {
      "another-match": "その Match はこのログインに当てはまりません",
      "first-wins": "先に別の行があります(最初の値が有効で、Match は全体設定より優先)",
      "last-wins": "後に別の行があります(OpenSSH 10.5 まで、このキーワードは最後の値が有効で、Match は全体設定より優先)",
    },
    uncertain: (lines) =>
      `【不確実】ここでは判断できない Match ブロックに ${lines} 個の設定があり、当てはまらないものとしています(アカウントのグループは --groups、接続元のアドレスは --from で指定できます)。`,
    undecided: "ここでは判断できない Match ブロック(条件の値がわかりません)",
    others: "サーバーの GatewayPorts が別の値なら",
    visitor: "接続元",
    listensOn: "待ち受け",
    nothing: "待ち受けなし",
    dials: (by, what) => `${by} の接続先 ${what}`,
    socks: "クライアントの要求する宛先",
    dialsNothing: "どこにも接続しません",
    seenFrom: (host) => `${host} から見て`,
    everybody: "どこからも、どのアドレスでも",
    stop: "。",
    verdicts: {
      reached: "到達",
      "wrong-service": "別のサービス",
      closed: "直後に切断",
      refused: "拒否",
      filtered: "遮断",
      unreachable: "経路なし",
      inconclusive: "不明",
    },
    defaults: "--sshd-config なし: sshd の既定値",
  },
};

/** No trailing newline. */
export function explanationText(explanation: Explanation, language: Language): string {
  const w = words[language];
  const { prediction, assumed, hints, idle, otherGatewayPorts } = explanation;
  const server = prediction.listensOn === "server";
  const decided = idle.filter((each): each is DecidedLine => each.because !== "undecided");
  const undecided = idle.filter((each) => each.because === "undecided");
  const blocks = [
    [
      `ssh ${explanation.ssh.replace(/^ssh\s+/, "")}`,
      `  ${w.kinds[prediction.kind]}`,
      `  ${w.model}`,
      ...(undecided.length > 0 ? [`  ${w.uncertain(undecided.length)}`] : []),
    ],
    picture(prediction, w),
    [w.steps, ...steps(explanation, language)],
    [w.reachable(server), ...table(explanation.reach, language)],
    otherGatewayPorts.length === 0
      ? []
      : [w.others, ...aligned(otherGatewayPorts.map(({ value, listeners }) => [`  ${value}`, listeners.join(" ") || w.nothing]))],
    undecided.length === 0 ? [] : [w.undecided, ...byMatch(undecided)],
    decided.length === 0
      ? []
      : [w.idle, ...decided.map((each) => `  ${each.file}:${each.line} ${spell(each.keyword)} ${each.value}: ${because(each, w)}`)],
    assumed.length === 0 ? [] : [w.assumed, ...assumed.map((text) => `  ${text[language]}`)],
    hints.length === 0 ? [] : [w.hints, ...hints.map(({ text }) => `  - ${text[language]}`)],
  ];
  return blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

/** Each block once, with what it would set. */
function byMatch(lines: readonly IdleLine[]): string[] {
  const blocks = Map.groupBy(lines, ({ match }) => (match ? `${match.text}, ${match.file}:${match.line}` : ""));
  return [...blocks].map(([match, own]) => `  ${match}: ${own.map(({ keyword, value }) => `${spell(keyword)} ${value}`).join("; ")}`);
}

function because({ because, match }: DecidedLine, w: Words): string {
  return `${w.because[because]}${match ? ` (${match.text}, ${match.file}:${match.line})` : ""}`;
}

/** Who connects -> who listens where == ssh ==> who dials what: three columns, the arrows between them. */
function picture({ kind, listensOn, listeners, socket, granted, dials, closedBy }: Prediction, w: Words): string[] {
  const remote = listensOnServer(kind);
  const listener = remote ? "sshd" : "ssh";
  const dialler = remote ? "ssh" : "sshd";
  const [here, there] = listensOn === "server" ? ["server", "home"] : ["home", "server"];
  if (!granted)
    return columns([
      ["", w.visitor],
      ["", "--x"],
      [here, `${listener}: ${w.nothing}`],
    ]);
  const end = closedBy
    ? [there, `${dialler} ${w.dialsNothing}`]
    : [there, w.dials(dialler, dialled(dials, w)), "socks" in dials ? "" : `(${w.seenFrom(there)})`];
  const sockets = socket ? [socket.path, formatSocketMode(socket.mode)] : listeners.map(formatListener);
  return columns([
    ["", w.visitor],
    ["", "-->"],
    [here, `${listener} ${w.listensOn}`, ...sockets.map((each) => `  ${each}`)],
    ["", closedBy ? "==ssh==x" : "==ssh==>"],
    end,
  ]);
}

function dialled(dials: Prediction["dials"], w: Words): string {
  if ("socks" in dials) return w.socks;
  return "path" in dials ? dials.path : formatTarget(dials.host, dials.port);
}

/** Columns side by side, top aligned. */
function columns(cells: readonly (readonly string[])[]): string[] {
  const height = Math.max(...cells.map((cell) => cell.length));
  return aligned(Array.from({ length: height }, (_, row) => cells.map((cell, at) => `${at === 0 ? "  " : ""}${cell[row] ?? ""}`)));
}

function steps({ prediction, hasConfig }: Explanation, language: Language): string[] {
  const lines = prediction.why.map(({ text }, at) => `  ${at + 1}. ${text[language]}`);
  return hasConfig ? lines : [...lines, `  (${words[language].defaults})`];
}

function table(cells: readonly ReachCell[], language: Language): string[] {
  const w = words[language];
  const [first] = cells;
  if (first && cells.every(({ verdict, why }) => verdict === first.verdict && why.en === first.why.en))
    return [`  ${w.everybody}: ${w.verdicts[first.verdict]}${w.stop}${first.why[language]}`];
  const rows = cells.map(({ vantage, target, verdict, why }) => [`  ${vantage}`, target, w.verdicts[verdict], why[language]]);
  const [from, ...rest] = w.columns;
  return aligned([[`  ${from}`, ...rest], ...rows]);
}

/** Columns as wide as their widest cell, two blanks between them. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, at) => Math.max(...rows.map((row) => displayWidth(row[at] ?? ""))));
  return rows.map((row) =>
    row
      .map((cell, at) => cell + " ".repeat((widths[at] ?? 0) - displayWidth(cell)))
      .join("  ")
      .trimEnd(),
  );
}

/** Cells of a terminal: East Asian wide characters take two (Unicode, UAX #11). */
function displayWidth(text: string): number {
  return [...text].reduce(
    (sum, char) =>
      sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/.test(char) ? 2 : 1),
    0,
  );
}
