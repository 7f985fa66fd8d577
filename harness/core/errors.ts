/** Errors that are meant for a person: each has a stable code and becomes exit code 2. */

import type { Fault } from "./fault.ts";

export interface Place {
  file: string;
  /** 1-based. */
  line?: number;
  /** 1-based. */
  column?: number;
}

/**
 * The user's input, or this machine, prevents a verdict.
 * `message` says what failed; `fault` says the same as a code, for pages in other languages; `found` / `expected` are shown aligned; `todo` says what to do next; `log` is the tail of the tool that said so.
 */
export class UserError extends Error {
  override readonly name = "UserError";
  readonly code: string;
  readonly place: Place | undefined;
  readonly found: string | undefined;
  readonly expected: string | undefined;
  readonly todo: string | undefined;
  readonly log: string | undefined;
  readonly fault: Fault;

  constructor(
    code: string,
    message: string,
    details: { fault: Fault; place?: Place; found?: string; expected?: string; todo?: string; log?: string; cause?: unknown },
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.place = details.place;
    this.found = details.found;
    this.expected = details.expected;
    this.todo = details.todo;
    this.log = details.log;
    this.fault = details.fault;
  }
}

/** The same where it is shown, or sent to be shown. */
export interface ToldError {
  message: string;
  place?: Place | undefined;
  found?: string | undefined;
  expected?: string | undefined;
  todo?: string | undefined;
  log?: string | undefined;
  fault?: Fault | undefined;
}

export function toldError({ message, place, found, expected, todo, log, fault }: UserError): ToldError {
  const details = { place, found, expected, todo, log, fault };
  return { message, ...Object.fromEntries(Object.entries(details).filter(([, value]) => value !== undefined)) };
}

/** `file:line:column` as editors understand it. */
export function formatPlace(place: Place): string {
  return [place.file, place.line, place.column].filter((part) => part !== undefined).join(":");
}

/** Labels of its parts, padded to one width. */
export interface ErrorLabels {
  at: string;
  found: string;
  expected: string;
  todo: string;
}

const english: ErrorLabels = { at: "at      ", found: "found   ", expected: "expected", todo: "to do   " };

/** The error in its four parts, plain text, no trailing newline. */
export function formatUserError(error: UserError): string {
  return formatToldError(error.code, error, english);
}

/** The same of an error in any language. */
export function formatToldError(code: string, error: ToldError, labels: ErrorLabels): string {
  const lines = [`error[${code}]: ${error.message}`];
  if (error.place) lines.push(`  ${labels.at}  ${formatPlace(error.place)}`);
  if (error.found) lines.push(`  ${labels.found}  ${error.found}`);
  if (error.expected !== undefined) lines.push(`  ${labels.expected}  ${error.expected}`);
  if (error.todo !== undefined) lines.push(`  ${labels.todo}  ${error.todo}`);
  if (error.log)
    lines.push(
      ...error.log
        .trimEnd()
        .split("\n")
        .map((line) => `  | ${line}`),
    );
  return lines.join("\n");
}
