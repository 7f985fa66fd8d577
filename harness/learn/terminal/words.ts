/** What a lesson says on a terminal, by language. */
import { enumerated, enumeratedJa } from "../../core/enumerated.ts";
import type { Language } from "../../report/sentences.ts";

interface Words {
  question: string;
  typed: string;
  predict: string;
  /** Asks for names out of these. */
  whoGetsIn(hosts: readonly string[]): string;
  unknownHost(name: string): string;
  starting: string;
  experiment: string;
  counterExample: string;
  server(file: string): string;
  noFile: string;
  noFirewall: string;
  listens(listeners: readonly string[], host: string): string;
  notGranted(why: string): string;
  nothingListens: string;
  getsIn: string;
  keptOut: string;
  sameCause: string;
  unproven: string;
  right(host: string): string;
  wrongIn(host: string): string;
  wrongOut(host: string): string;
  untried(hosts: readonly string[]): string;
  score(right: number, of: number): string;
  ended: string;
  change: Record<"cut" | "mended" | "set" | "written", string>;
  /** Several addresses. */
  several(items: readonly string[]): string;
  /** `claim`: an experiment's name, which is in English. */
  proves(claim: string): string;
  notHeld(claim: string): string;
  title: string;
  seen: string;
  why: string;
  tryIt: string;
  tryArticle: string;
  notAll: string;
  done(right: number, predicted: number, on: string): string;
  next: string;
  library: string;
  exercises: string;
}

export const words: Record<Language, Words> = {
  en: {
    question: "Question",
    typed: "As it is typed",
    predict: "Before you look",
    whoGetsIn: (hosts) => `Who gets in? Type names out of ${hosts.join(", ")}; Enter alone: nobody.`,
    unknownHost: (name) => `There is no host ${name} here. Once more:`,
    starting: "starting the lab",
    experiment: "Experiment",
    counterExample: "The counter-example",
    server: (file) => `the server's ${file}`,
    noFile: "(empty: the defaults)",
    noFirewall: "the server has no firewall",
    listens: (listeners, host) => `${host} listens on ${enumerated(listeners)}`,
    notGranted: (why) => `not granted${why === "" ? "" : `: ${why}`}`,
    nothingListens: "nothing listens",
    getsIn: "gets in",
    keptOut: "is kept out",
    sameCause: "for the same reason",
    unproven: "not proven either way",
    right: (host) => `${host}: as you predicted`,
    wrongIn: (host) => `${host} gets in: you predicted that it does not`,
    wrongOut: (host) => `${host} does not get in: you predicted that it does`,
    untried: (hosts) => `not tried: ${hosts.join(", ")}`,
    score: (right, of) => `${right} of ${of} right`,
    ended: "the forward is closed",
    change: { cut: "its link is cut", mended: "its link is mended", set: "set", written: "written" },
    several: enumerated,
    proves: (claim) => `It is so: ${claim}`,
    notHeld: (claim) => `It is not so: ${claim}`,
    title: "The claim",
    seen: "What the lab showed",
    why: "Why",
    tryIt: "Try it yourself, in a lab with this lesson's files (in the browser)",
    tryArticle: "Or by hand, in a lab where the port is open to other-lan",
    notAll: "not all of it was run",
    done: (right, predicted, on) => (predicted === 0 ? `done ${on}` : `done ${on}, ${right} of ${predicted} right`),
    next: "Next",
    library: "Library",
    exercises: "Exercises (in the browser: `forwardlab learn`)",
  },
  ja: {
    question: "問い",
    typed: "入力するコマンド",
    predict: "見る前に",
    whoGetsIn: (hosts) =>
      `接続できるのは誰ですか。${hosts.join("、")} から名前を入力してください。Enter だけなら「誰も接続できない」です。`,
    unknownHost: (name) => `${name} というホストはありません。もう一度:`,
    starting: "ラボを起動しています",
    experiment: "実験",
    counterExample: "反例",
    server: (file) => `サーバーの ${file}`,
    noFile: "（空: 既定値）",
    noFirewall: "サーバーにファイアウォールはありません",
    listens: (listeners, host) => `${host} が ${enumeratedJa(listeners)} で待ち受けます`,
    notGranted: (why) => `許可されませんでした${why === "" ? "" : `: ${why}`}`,
    nothingListens: "待ち受けはありません",
    getsIn: "接続できる",
    keptOut: "接続できない",
    sameCause: "同じ理由",
    unproven: "どちらとも証明できない",
    right: (host) => `${host}: 予想どおりです`,
    wrongIn: (host) => `${host} は接続できます。予想では、できないはずでした`,
    wrongOut: (host) => `${host} は接続できません。予想では、できるはずでした`,
    untried: (hosts) => `試していないホスト: ${hosts.join("、")}`,
    score: (right, of) => `${of} 件中 ${right} 件が正解`,
    ended: "転送は閉じられました",
    change: { cut: "回線を切断", mended: "回線を復旧", set: "設定", written: "書き込み" },
    several: enumeratedJa,
    proves: () => "この実験の結果は主張どおりです",
    notHeld: () => "この実験の結果は主張どおりではありません",
    title: "主張",
    seen: "ラボで起きたこと",
    why: "理由",
    tryIt: "このレッスンのファイルを使ったラボで試す（ブラウザー）",
    tryArticle: "other-lan にポートを開いたラボを手で操作する",
    notAll: "最後まで実行されませんでした",
    done: (right, predicted, on) => (predicted === 0 ? `${on} に終了` : `${on} に終了、${predicted} 件中 ${right} 件が正解`),
    next: "次",
    library: "ライブラリ",
    exercises: "演習（ブラウザーで: `forwardlab learn`）",
  },
};
