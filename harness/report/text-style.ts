/** Colours of the terminal's report. */
import { styleText } from "node:util";
import type { Status } from "../core/result.ts";
import { cleanLine } from "./words.ts";

export type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

export const statusColors: Record<Status, Style> = {
  held: "green",
  violated: ["red", "bold"],
  waived: "magenta",
  inconclusive: "yellow",
  optional: "dim",
};

/** Above what is about one server of several. */
export function serverHeading(name: string, paint: Paint): string {
  const text = cleanLine(name);
  return paint("bold", `── ${text} ${"─".repeat(Math.max(2, 56 - text.length))}`);
}

export function painter(color: boolean): Paint {
  return (style, text) => (color ? styleText(style, text, { validateStream: false }) : text);
}
