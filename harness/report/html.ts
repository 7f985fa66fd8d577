/** A result, a review or a comparison as one page that opens without a network: the page's template with the document in it. */
import type { Diff } from "../core/diff.ts";
import type { DiffFleet } from "../core/diff-fleet.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Fleet } from "../core/fleet.ts";
import type { Result } from "../core/result.ts";
import type { Review } from "../core/review.ts";
import type { ReviewDiff } from "../core/review-diff.ts";
import type { ReviewFleet } from "../core/review-fleet.ts";
import { pack } from "./packed.ts";
import type { Language } from "./sentences.ts";

/** What a page can show. */
export type Shown = Result | Fleet | Review | ReviewFleet | Diff | DiffFleet | ReviewDiff;

export interface HtmlOptions {
  /** The template of the page, from `reportPage()`. */
  page?: string;
  /** The language that the page opens in; English is every report's default: then the browser's, if the page speaks it. */
  language?: Language;
}

/** What stands in the template's place. */
export interface Embedded {
  language: Language | null;
  document: ReturnType<typeof pack>;
}

/** Where the document goes in the template. */
export const placeholder = "@@forwardlab-document@@";

/** Throws UserError `report-page` without a template. */
export function renderHtml(document: Shown, { page, language }: HtmlOptions): string {
  const [before, after, more] = (page ?? "").split(placeholder);
  if (before === undefined || after === undefined || more !== undefined)
    throw new UserError("report-page", "an html report needs the template of its page", {
      fault: faultOf("page-template-missing", {}),
      todo: 'give it as the option `page`: `renderReport("html", result, { page: await reportPage() })`',
    });
  const embedded: Embedded = { language: language === "ja" ? language : null, document: pack(withShortLogs(document)) };
  return `${before}${scriptJson(embedded)}${after.trimEnd()}\n`;
}

/** JSON that ends no script and begins no comment, whatever its strings hold. */
export function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>\u2028\u2029]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Characters of all logs together, and of one: a log that is longer loses its middle. */
const allLogs = 2_000_000;
const longestLog = 64_000;

function withShortLogs(document: Shown): Shown {
  if ("servers" in document && document.kind === "fleet") {
    const share = allLogs / Math.max(1, document.servers.length);
    return { ...document, servers: document.servers.map((each) => ({ ...each, result: each.result && shortened(each.result, share) })) };
  }
  return "cells" in document && "provenance" in document ? shortened(document, allLogs) : document;
}

/** @param all characters of all logs together */
function shortened(document: Result, all: number): Result {
  const { forwards } = document;
  const most = Math.min(longestLog, Math.floor(all / Math.max(1, 2 * forwards.length)));
  const short = (log: string) => shortLog(log, most);
  return {
    ...document,
    forwards: forwards.map((forward) => ({ ...forward, clientLog: short(forward.clientLog), serverLog: short(forward.serverLog) })),
  };
}

/** The beginning and the end, with a line between them that says what is missing. */
export function shortLog(log: string, most: number): string {
  if (log.length <= most) return log;
  const half = Math.floor(most / 2);
  const cut = log.length - 2 * half;
  return `${log.slice(0, half)}\n[… ${cut} characters left out here; the JSON report has them …]\n${log.slice(-half)}`;
}
