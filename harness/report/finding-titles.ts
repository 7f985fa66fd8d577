/** One line that says what is wrong. */
import type { ResultCell, Status } from "../core/result.ts";
import { wantsReach } from "../core/verdict.ts";
import { list, visitor } from "./words.ts";

/** What cells have in common that are told together. */
export interface TitleParts {
  forwards: readonly string[];
  visitors: readonly string[];
  /** Empty: nothing to distinguish. */
  families: readonly (4 | 6)[];
  status: ResultCell["status"];
  observed: string;
  expected: ResultCell["expected"];
}

/** What forwards have in common that are told together. `kept`: it is about how long the server keeps the port; `login`: about a login that must fail. */
export interface ForwardTitle {
  forwards: readonly string[];
  status: Status;
  expected: string | null;
  kept?: true | undefined;
  login?: true | undefined;
}

/** The cells share expectation, observation and cause. */
export function titleParts(cells: readonly ResultCell[], visitors: readonly string[]): TitleParts {
  const [{ status, observed, expected }] = cells as [ResultCell];
  return {
    forwards: [...new Set(cells.map(({ forward }) => forward))],
    visitors,
    families: familiesToTell(cells),
    status,
    observed,
    expected,
  };
}

/** `rdp: internet and home reach it over IPv6 and must not`. One visitor may stand for several prefixes: `45.3.180.0/22 and 578 more`. */
export function cellFindingTitle({ forwards, visitors, families, status, observed, expected }: TitleParts): string {
  const who = list(visitors);
  const several = visitors.length > 1 || visitors.some((each) => / and /.test(each));
  const it = forwards.length > 1 ? "them" : "it";
  const over = families.length === 0 ? "" : ` over ${families.map((family) => `IPv${family}`).join(" or ")}`;
  const start = `${list(forwards)}: `;
  if (status === "inconclusive") return `${start}it is not known whether ${who} can reach ${it}${over}`;
  if (observed === "reached") return `${start}${who} ${several ? "reach" : "reaches"} ${it}${over} and must not`;
  if (expected !== null && wantsReach(expected)) return `${start}${who} cannot reach ${it}${over} and should`;
  return `${start}${who} should see \`${expected}\`${over} and ${several ? "see" : "sees"} \`${observed}\``;
}

/** Nothing to say where each visitor is concerned over both families, or over none. */
export function familiesToTell(cells: readonly Pick<ResultCell, "vantage" | "as" | "family">[]): (4 | 6)[] {
  const families = [...new Set(cells.map(({ family }) => family))].filter((family) => family !== null).sort();
  const both = [...Map.groupBy(cells, visitor).values()].every((group) => new Set(group.map(({ family }) => family)).size === 2);
  return both ? [] : families;
}

/** `f1 and f2: the server refuses them and should not`. */
export function forwardFindingTitle({ forwards, status, expected, kept, login }: ForwardTitle): string {
  const names = list(forwards);
  const [them, ports] = forwards.length > 1 ? ["them", "their ports"] : ["it", "its port"];
  if (login && status === "inconclusive") return `${names}: it is not known whether the account can log in`;
  if (status === "inconclusive")
    return `${names}: it is not known ${kept ? `when the server closes ${ports}` : `whether the server grants ${them}`}`;
  if (kept) return `${names}: the server keeps ${ports} open for too long after the client has gone silent`;
  if (login) return `${names}: the account can log in and must not`;
  return expected === "refused"
    ? `${names}: the server grants ${them} and must not`
    : `${names}: the server refuses ${them} and should not`;
}
