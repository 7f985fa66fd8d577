/** The whole source address space as rows: the addresses of each class, and what they get of each forward. */
import { parseAddress } from "../core/address.ts";
import { hullOf, parseRange, prefixesOf, sizeOf } from "../core/address-range.ts";
import { serverOf } from "../core/forward-outcome.ts";
import { isLinkLocal } from "../core/link-local.ts";
import type { Result, ResultCell, Status } from "../core/result.ts";
import type { Language } from "./sentences.ts";
import { symbols, visitor } from "./words.ts";

type Classes = NonNullable<Result["sources"]>["classes"];

/** Who the visitors of some cells are for a person: of vantage points that were made for classes, all addresses of these. */
export type VisitorNames = (cells: readonly ResultCell[]) => string[];

/** How they are told in a language. */
interface SourceWords {
  visitor(cell: Pick<ResultCell, "vantage" | "as" | "family">): string;
  except(network: string, without: string): string;
  andMore(shown: string, count: number): string;
  /** The largest class, where there are others. */
  rest: string;
  notProbed(prefixes: string, because: UncoveredBecause): string;
  uncovered: Record<UncoveredBecause, string>;
}

type UncoveredBecause = NonNullable<Result["sources"]>["uncovered"][number]["because"];

export const sourceWords: Record<Language, SourceWords> = {
  en: {
    visitor,
    except: (network, without) => `${network} except ${without}`,
    andMore: (shown, count) => `${shown} and ${count} more`,
    rest: "every other address",
    notProbed: (prefixes, because) => `not probed: ${prefixes} (${sourceWords.en.uncovered[because]})`,
    uncovered: {
      private: "private addresses, where none of the server's networks leads",
      taken: "addresses of the lab's own machines",
      "link-local": "link-local addresses of other neighbours, which rules distinguish from the lab's",
    },
  },
  ja: {
    visitor: ({ vantage, as, family }) => (as === undefined || family === null ? vantage : `${vantage} の ${as}`),
    except: (network, without) => `${network}（${without} を除く）`,
    andMore: (shown, count) => `${shown} ほか ${count} 件`,
    rest: "その他すべてのアドレス",
    notProbed: (prefixes, because) => `プローブしていないアドレス: ${prefixes}（${sourceWords.ja.uncovered[because]}）`,
    uncovered: {
      private: "サーバーのどのネットワークからも届かないプライベートアドレス",
      taken: "ラボのマシン自身のアドレス",
      "link-local": "ラボのものとはルールの扱いが異なる、ほかの隣のホストのリンクローカルアドレス",
    },
  },
};

export function visitorNames(result: Result, language: Language = "en"): VisitorNames {
  const words = sourceWords[language];
  const prefixes = new Map((result.sources?.classes ?? []).map((each) => [each.vantage, each.prefixes]));
  return (cells) => {
    const made = cells.filter(madeForClass).flatMap(({ vantage }) => prefixes.get(vantage) ?? [vantage]);
    const families = [made.filter((text) => !text.includes(":")), made.filter((text) => text.includes(":"))];
    const others = cells.filter((cell) => !madeForClass(cell)).map(words.visitor);
    return [...new Set([...others, ...families.filter((each) => each.length > 0).map((each) => addressesText(each, words))])];
  };
}

/** `45.13.7.0/24 except 45.13.7.9`, or the prefixes where that is shorter. */
function addressesText(prefixes: readonly string[], words: SourceWords): string {
  const hull = hullOf(prefixes.flatMap((text) => parseRange(text) ?? []));
  const without = hull ? prefixesOf(hull.without) : [];
  if (!hull || without.length >= prefixes.length || without.length > most) return shortened(prefixes, words);
  const network = prefixesOf([hull.network]).join();
  return without.length > 0 ? words.except(network, without.join(", ")) : network;
}

export interface SourceRow {
  family: 4 | 6;
  /** Prefixes, shortened where there are many; `every other address` for the largest class. */
  addresses: string;
  /** Who stands for them: a vantage point of the policy's, or one address of theirs. */
  standsFor: string;
  /** It is the largest of several classes of its family. */
  rest: boolean;
  /** By forward that listens on the server. */
  cells: Record<string, ResultCell[]>;
}

/** A vantage point that was made for a class has the class's address for its name. */
export function madeForClass({ vantage }: Pick<ResultCell, "vantage">): boolean {
  return parseAddress(vantage) !== undefined;
}

/** Empty where only the policy's vantage points were asked for. */
export function sourceRows(result: Result, language: Language = "en"): SourceRow[] {
  const words = sourceWords[language];
  const forwards = result.forwards.filter((forward) => forward.listensOn === serverOf(forward)).map(({ name }) => name);
  const { classes = [] } = result.sources ?? {};
  return ([4, 6] as const).flatMap((family) => {
    const own = classes.filter((each) => each.family === family);
    const sizes = own.map(({ prefixes }) => sizeOf(prefixes.flatMap((text) => parseRange(text) ?? [])));
    const largest = own[sizes.findIndex((size) => sizes.every((other) => size >= other))];
    const rows = own.map((each): SourceRow & { last: boolean } => ({
      family,
      addresses: each === largest && own.length > 1 ? words.rest : addressesText(each.prefixes, words),
      standsFor: each.vantage,
      rest: each === largest && own.length > 1,
      cells: Object.fromEntries(forwards.map((name) => [name, result.cells.filter((cell) => isOf(cell, name, each))])),
      last: each === largest,
    }));
    return rows.sort((one, other) => Number(one.last) - Number(other.last)).map(({ last: _, ...row }) => row);
  });
}

/** From its link-local address, a vantage point stands for no class. */
function isOf({ target, ...cell }: ResultCell, forward: string, { vantage, family }: Classes[number]): boolean {
  return cell.forward === forward && cell.vantage === vantage && cell.family === family && !isLinkLocal(target);
}

const most = 3;

function shortened(prefixes: readonly string[], words: SourceWords): string {
  return prefixes.length <= most ? prefixes.join(", ") : words.andMore(prefixes.slice(0, most - 1).join(", "), prefixes.length - most + 1);
}

/** What the class gets at all addresses of the server together. */
export function classText(cells: readonly ResultCell[]): string {
  const status = classStatus(cells);
  return status === undefined ? "" : `${symbols[status]} ${[...new Set(cells.map(({ observed }) => observed))].join(", ")}`;
}

/** The worst of its cells'. */
export function classStatus(cells: readonly ResultCell[]): Status | undefined {
  return (["violated", "inconclusive", "waived", "held", "optional"] as const).find((status) =>
    cells.some((cell) => cell.status === status),
  );
}

/** Addresses that nothing stands for, one line for each reason. */
export function uncoveredLines(result: Result, language: Language = "en"): string[] {
  const words = sourceWords[language];
  return uncovered(result).map(({ because, prefixes }) => words.notProbed(shortened(prefixes, words), because));
}

export function uncovered({ sources }: Result): { because: UncoveredBecause; prefixes: string[] }[] {
  return (["private", "taken", "link-local"] as const).flatMap((because) => {
    const prefixes = (sources?.uncovered ?? []).filter((each) => each.because === because).flatMap((each) => each.prefixes);
    return prefixes.length > 0 ? [{ because, prefixes }] : [];
  });
}
