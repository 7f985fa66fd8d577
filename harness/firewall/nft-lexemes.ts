/** What nft's scanner sees where no blank stands: `dport!=22`, `{22:accept,80-90:drop}`, `10.0.0.1:80`. */
import { NftTokens, type SourceText } from "./nft-tokens.ts";

export interface Lexeme {
  /** `name`: a keyword, a service, what the user named; `reference`: `@set`; `raw`: `@th,16,16`; `duration`: `10m`; `end`: of a line or statement. */
  kind: "number" | "name" | "string" | "variable" | "reference" | "raw" | "address" | "duration" | "sign" | "open" | "close" | "end";
  /** Without quotes. */
  text: string;
  /** Index of the brace that it stands in. */
  within: number | undefined;
}

/** In the order in which nft tries them; of names it takes as much as it can, hyphens and dots included. */
const shapes: readonly [Lexeme["kind"], string][] = [
  ["raw", String.raw`@[a-z]+,\d+,\d+`],
  ["reference", String.raw`@[\w.-]*`],
  ["variable", String.raw`\$[\w.-]*`],
  ["address", String.raw`\[[^\]]*\]|\d+(?:\.\d+){3}(?:\/[\d.]+)?|(?:[\da-fA-F]*:){2,}[\da-fA-F.]*(?:\/\d+)?`],
  ["duration", String.raw`(?:\d+(?:ms|[dhms]))+(?![a-z])`],
  ["number", String.raw`0[xX][\da-fA-F]+|\d+`],
  ["name", String.raw`[A-Za-z_](?:[\w./-])*`],
  ["sign", "<<|>>|[=!<>]=|."],
];
const shape = new RegExp(shapes.map(([, pattern]) => `(${pattern})`).join("|"), "gsu");

export function nftLexemes(source: SourceText): Lexeme[] {
  const tokens = new NftTokens(source);
  const found: Lexeme[] = [];
  const open: number[] = [];
  const add = (kind: Lexeme["kind"], text: string) => found.push({ kind, text, within: open.at(-1) });
  for (let token = tokens.next(); token; token = tokens.next()) {
    if (token.kind === "close") open.pop();
    if (token.kind === "word") for (const [kind, text] of partsOf(token.text)) add(kind, text);
    else if (token.kind === "string") add("string", token.text.replaceAll('"', ""));
    else add(token.kind === "open" || token.kind === "close" ? token.kind : "end", token.text);
    if (token.kind === "open") open.push(found.length - 1);
  }
  return found;
}

function partsOf(word: string): [Lexeme["kind"], string][] {
  return [...word.matchAll(shape)].map(([text, ...groups]) => [
    shapes[groups.findIndex((group) => group !== undefined)]?.[0] ?? "sign",
    text,
  ]);
}
