/** The lab's self-check and its NATs in words. English is what documents have; the other languages are made from the codes. */
import type { Cause } from "../core/reason.ts";
import type { Provenance } from "../core/result.ts";
import type { CheckCode, NatParams, ParamsOfCheck } from "../core/self-check.ts";
import type { Language } from "./sentences.ts";

type SelfCheck = Provenance["selfCheck"][number];
type Nat = Provenance["nat"][number];

/** `found`: what was found instead, where the check failed. */
export interface CheckWords {
  name: string;
  found?: string | undefined;
}

type CheckTable = { readonly [Code in CheckCode]: (is: ParamsOfCheck<Code>) => CheckWords };

export const japaneseChecks: CheckTable = {
  "ingress-reached": ({ vantage, server, address, seen }) => ({
    name: `${vantage} から ${server}（${address}）の入口に届く`,
    found: seen && `SYN が観測された場所: ${seen.join(", ") || "なし"}`,
  }),
  "cannot-leave": ({ vantage, address, connect }) => ({
    name: `${vantage} からラボの外（${address}）に出られない`,
    found: connect && `connect の結果: ${connect}`,
  }),
  "no-side-path": ({ vantage, other, address }) => ({ name: `${vantage} から ${other}（${address}）への抜け道がない` }),
  "own-interfaces": ({ host, found, expected }) => ({
    name: `${host ?? "fabric"} にはラボのインターフェースだけがある`,
    found: found === undefined ? undefined : `実際: ${found || "なし"}、期待: ${expected}`,
  }),
  "host-settings": ({ host, wrong }) => ({ name: `${host} のカーネル設定は通常のホストと同じ`, found: wrong?.join("; ") }),
};

export function checkIn(check: SelfCheck, language: Language): CheckWords {
  const { name, detail, code, params } = check;
  if (language === "en" || code === undefined || !Object.hasOwn(japaneseChecks, code)) return { name, found: detail };
  return (japaneseChecks[code as CheckCode] as (is: unknown) => CheckWords)(params);
}

/** A sentence may name checks that failed: they get their names in the language. */
export function withChecksIn<One extends Pick<Cause, "params">>(
  cause: One,
  { selfCheck }: Pick<Provenance, "selfCheck">,
  language: Language,
): One {
  const { checks } = cause.params;
  if (language === "en" || typeof checks !== "object") return cause;
  const names = new Map(selfCheck.map((check) => [checkName(checkIn(check, "en")), checkName(checkIn(check, language))]));
  return { ...cause, params: { ...cause.params, checks: checks.map((each) => names.get(each) ?? each) } };
}

function checkName({ name, found }: CheckWords): string {
  return found === undefined ? name : `${name} (${found})`;
}

export function natIn({ router, kind, measured, params }: Nat, language: Language): string {
  return language === "en" || params === undefined
    ? `${router}: ${kind}; ${measured}`
    : `${router}: ${japaneseNat(params as unknown as NatParams)}`;
}

function japaneseNat({ behindNat, vantage, port, seenAs = [], outside, droppedAt, connect }: NatParams): string {
  const kind = `マスカレード${behindNat ? "（別の NAT の内側）" : ""}`;
  if (vantage === undefined) return `${kind}。内側にホストはありません。`;
  const mapping = seenAs.length === 1 ? "どの宛先でも同じ" : "宛先によって異なる";
  const callback = droppedAt === undefined ? connect : `${droppedAt} で破棄`;
  return `${kind}。${vantage} のポート ${port} は外から ${seenAs.join(" と ")} に見えます（${mapping}）。外から ${outside} への接続: ${callback}`;
}
