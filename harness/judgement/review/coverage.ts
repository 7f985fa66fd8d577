/** Rules and config lines that the review met, shown like a test's coverage. Pure. */
import type { CoveredLine } from "../../core/review.ts";
import type { PrincipalFacts } from "../../core/review-facts.ts";
import { forwardingKeywords } from "../../openssh/forwarding-settings.ts";
import { matchHolds, type Principal } from "../../openssh/match-criteria.ts";
import type { ConfigLine } from "../../openssh/sshd-config.ts";

interface Rule {
  file: string;
  /** 1-based. */
  line: number;
  text: string;
}

/** @param met by file and line: did a packet meet the rule, and did the rule have the last word? Undefined: none met it. */
export function ruleCoverage(rules: readonly Rule[], met: (file: string, line: number) => boolean | undefined): CoveredLine[] {
  return rules.map(({ file, line, text }) => {
    const last = met(file, line);
    return { file, line, rule: text, state: last === undefined ? unmetState(text) : lastState(last) };
  });
}

function unmetState(text: string): CoveredLine["state"] {
  return aboutOthers(text) ? "unrelated" : "unmet";
}

function lastState(hadLastWord: boolean): CoveredLine["state"] {
  return hadLastWord ? "decided" : "met";
}

/** No rule of another protocol can meet a TCP connection. */
function aboutOthers(text: string): boolean {
  return /(?:^|\s)(?:-p|--protocol|meta l4proto|ip protocol|ip6 nexthdr)\s+(?:udp|icmp|icmpv6|ipv6-icmp|igmp|esp|ah|gre|sctp|dccp)\b|(?:^|\s)(?:udp|icmp|icmpv6|igmp|esp|ah|sctp|dccp)\s/.test(
    text,
  );
}

const reviewed = new Set([...forwardingKeywords, "permittunnel", "x11forwarding", "x11uselocalhost", "allowagentforwarding"]);

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
    const rule = [keyword === "match" ? "Match" : keyword, ...args].join(" ");
    if (keyword === "match") return [{ file, line, rule, state: holdsForSome(each, logins) ? "met" : "unmet" }];
    if (decided.has(place)) return [{ file, line, rule, state: "decided" }];
    return [{ file, line, rule, state: reviewed.has(keyword) ? "unmet" : "unrelated" }];
  });
}

function holdsForSome({ match, args }: ConfigLine, logins: readonly Principal[]): boolean {
  return logins.some((login) => [...match.map(({ criteria }) => criteria), args].every((criteria) => matchHolds(criteria, login) === true));
}
