/** Rules and config lines that the review met, shown like a test's coverage. Pure. */
import type { CoveredLine } from "../../core/review.ts";
import type { PrincipalFacts } from "../../core/review-facts.ts";
import type { MetRule } from "../../core/verdict.ts";
import { reviewedKeywords } from "../../openssh/forwarding-settings.ts";
import { matchHolds, type Principal } from "../../openssh/match-criteria.ts";
import type { ConfigLine } from "../../openssh/sshd-config.ts";
import { sshdKeywords } from "../../openssh/sshd-keywords.ts";

interface Rule {
  file: string;
  /** 1-based. */
  line: number;
  text: string;
}

/**
 * One entry for each line: of the rules that it stands for (an element of firewalld's stands for many) the last that may meet a TCP connection.
 * @param met by any packet
 */
export function ruleCoverage(rules: readonly Rule[], met: readonly MetRule[]): CoveredLine[] {
  const lastWord = new Map<string, boolean>();
  for (const { file, line, last } of met) lastWord.set(`${file}:${line}`, lastWord.get(`${file}:${line}`) === true || last);
  return [...Map.groupBy(rules, ({ file, line }) => `${file}:${line}`)].flatMap(([place, all]): CoveredLine[] => {
    const related = all.filter(({ text }) => !aboutOthers(text));
    const shown = (related.length > 0 ? related : all).at(-1);
    if (!shown) return [];
    const { file, line, text } = shown;
    const last = lastWord.get(place);
    const unmet = related.length > 0 ? "unmet" : "unrelated";
    return [{ file, line, rule: text, state: last === undefined ? unmet : lastState(last) }];
  });
}

function lastState(hadLastWord: boolean): CoveredLine["state"] {
  return hadLastWord ? "decided" : "met";
}

/** No rule of another protocol can meet a TCP connection. */
function aboutOthers(text: string): boolean {
  const rule = text.replaceAll(/"(?:\\.|[^"\\])*"/g, "");
  const [, set] = /(?:^|\s)(?:meta l4proto|ip protocol|ip6 nexthdr) \{([^}]*)\}/.exec(rule) ?? [];
  if (set !== undefined) return set.split(",").every((each) => otherProtocol.test(each.trim()));
  const [, named] = /(?:^|\s)(?:-p|--protocol|meta l4proto|ip protocol|ip6 nexthdr) (\S+)/.exec(rule) ?? [];
  if (named !== undefined) return otherProtocol.test(named) && !/! (?:-p|--protocol) /.test(rule);
  return /(?:^|\s)(?:udp|udplite|icmp|icmpv6|igmp|esp|ah|sctp|dccp) (?:[ds]port|type|code|id|spi|vtag|length|checksum|sequence|mtu) /.test(
    rule,
  );
}

const otherProtocol = /^(?:udp|udplite|icmp|icmpv6|ipv6-icmp|igmp|esp|ah|gre|sctp|dccp|1|2|17|47|50|51|58|132|136)$/;

const reviewed = new Set(reviewedKeywords);

/** @param logins who was asked about, as sshd sees them */
export function configCoverage(
  lines: readonly ConfigLine[],
  principals: readonly PrincipalFacts[],
  logins: readonly Principal[],
): CoveredLine[] {
  const sources = [
    ...principals.flatMap(({ settings }) => settings),
    ...principals
      .flatMap(({ listens, dials, refusedBy }) => [
        refusedBy,
        ...listens.map((each) => each.refusedBy),
        ...dials.map((each) => each.refusedBy),
      ])
      .flatMap((refusal) => refusal?.source ?? []),
  ];
  const decided = new Set(sources.map(({ file, line }) => `${file}:${line}`));
  const seen = new Set<string>();
  return lines.flatMap((each): CoveredLine[] => {
    const { keyword, args, file, line } = each;
    const place = `${file}:${line}`;
    if (seen.has(place)) return [];
    seen.add(place);
    const rule = [sshdKeywords.get(keyword)?.name ?? keyword, ...args].join(" ");
    if (keyword === "match") return [{ file, line, rule, state: holdsForSome(each, logins) ? "met" : "unmet" }];
    if (decided.has(place)) return [{ file, line, rule, state: "decided" }];
    return [{ file, line, rule, state: reviewed.has(keyword) ? "unmet" : "unrelated" }];
  });
}

function holdsForSome({ match, args }: ConfigLine, logins: readonly Principal[]): boolean {
  return logins.some((login) => [...match.map(({ criteria }) => criteria), args].every((criteria) => matchHolds(criteria, login) === true));
}
