/** Errors in another language: the form of their words, and what several of them say. */
import type { FaultCode, FaultParams } from "../core/fault.ts";
import type { FoundFile, StrangeFile } from "../core/found-file.ts";

/** What is left out stays as it is in the error, where it quotes; an empty text takes its place away. */
export interface FaultWords {
  message: string;
  found?: string;
  expected?: string;
  todo?: string;
}

const strangeFiles: Record<StrangeFile, string> = {
  folder: "ディレクトリ",
  pipe: "名前付きパイプ",
  socket: "ソケット",
  device: "デバイスファイル",
  "too-large": "大きすぎるファイル",
};

/** Why a file is not read, in Japanese. */
export function foundInstead({ strange, said = "" }: FoundFile): string {
  return strange === undefined ? `\`${said}\`` : strangeFiles[strange];
}

/** What was meant by a mistyped word, in Japanese; where nothing is known, something else to do. */
export function meantOr(meant: string | undefined, otherwise: string): string {
  return meant === undefined ? otherwise : `\`${meant}\` の間違いではありませんか。`;
}

export type FaultTable = { readonly [Code in FaultCode]: (is: FaultParams<Code>) => FaultWords };
