/** What every command shares: exit codes, errors on standard error, interruption that removes everything first. */
import { UserError } from "../core/errors.ts";
import type { Progress } from "../core/step.ts";
import type { Language } from "../report/sentences.ts";
import { stepText } from "../report/steps.ts";
import type { OnEvent } from "../session/events.ts";
import { failureOf } from "../session/failure.ts";
import { errorText, wrappedError } from "./error-text.ts";
import { languageOf } from "./language.ts";
import { startProgress, stepOfEvent } from "./progress.ts";
import type { CommandWords } from "./word-table.ts";
import { commandWords } from "./words.ts";

export const exitCodes = { held: 0, violated: 1, noVerdict: 2 } as const;
const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

export interface Context {
  language: Language;
  words: CommandWords;
  progress: Progress;
  /** The same for what a session tells. */
  onEvent: OnEvent;
  /** Aborted by Ctrl-C and the like. */
  signal: AbortSignal;
}

/** Milliseconds that an interrupted command has to remove what it started; after that the lab's watchdogs do it. */
const cleanupMs = 4000;

/** Runs a command to its exit code. Output drains by itself: nothing here ends the process while something is to be printed. */
export async function runCommand(
  command: (context: Context) => Promise<number>,
  options: { quiet?: boolean; lang?: string } = {},
): Promise<void> {
  const controller = new AbortController();
  let interrupted: number | undefined;
  // Until the option is known to be one.
  let language: Language = options.lang === "ja" ? "ja" : "en";
  const interrupt = (signal: keyof typeof signals) => {
    // Asked twice: whoever asks does not want to wait, and the watchdogs clean up.
    if (interrupted !== undefined) process.exit(interrupted);
    const code = signals[signal];
    interrupted = code;
    setTimeout(() => process.exit(code), cleanupMs).unref();
    process.stderr.write(`\nforwardlab: ${commandWords[language].interrupted}\n`);
    controller.abort(new Error("interrupted"));
  };
  for (const signal of Object.keys(signals) as (keyof typeof signals)[]) process.on(signal, interrupt);
  // `… | head`: who reads no further has seen enough; the exit status stays what it is.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") fail(error, language);
  });
  process.on("uncaughtException", (error) => {
    fail(error, language);
    process.exit();
  });
  const progress = startProgress(process.stderr, options);
  const tell: Progress = (step) => progress.say(stepText(step, language));
  const onEvent: OnEvent = (event) => {
    const step = stepOfEvent(event);
    if (step) tell(step);
  };
  try {
    language = languageOf(options.lang ?? "en");
    process.exitCode = await command({ language, words: commandWords[language], progress: tell, onEvent, signal: controller.signal });
  } catch (error) {
    progress.stop();
    process.exitCode = exitCodes.noVerdict;
    if (interrupted === undefined) process.stderr.write(`${describe(error, language)}\n`);
  } finally {
    progress.stop();
    for (const signal of Object.keys(signals) as (keyof typeof signals)[]) process.off(signal, interrupt);
  }
  if (interrupted !== undefined) process.exit(interrupted);
}

/** For what comes outside of the command, at any moment: by itself it would end with 1, which means a proven violation. */
function fail(error: unknown, language: Language): void {
  process.stderr.write(`${describe(error, language)}\n`);
  process.once("exit", () => {
    process.exitCode = exitCodes.noVerdict;
  });
}

function describe(thrown: unknown, language: Language): string {
  const error = failureOf(thrown);
  if (error instanceof UserError) {
    const told = errorText(error, language);
    return process.stderr.isTTY ? wrappedError(told, process.stderr.columns) : told;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `error[internal]: ${commandWords[language].bug}\n${text.replace(/^/gm, "  | ")}`;
}
