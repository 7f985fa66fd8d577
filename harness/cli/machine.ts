/** `forwardlab doctor` and `forwardlab engine`: this machine. */
import { styleText } from "node:util";
import { formatUserError, UserError } from "../core/errors.ts";
import { type Check, diagnose } from "../engine/doctor.ts";
import { embeddedStatus, findEngine, removeEmbedded, startEmbedded, stopEmbedded, useEngine } from "../engine/index.ts";
import { tryLab } from "../lab/try-lab.ts";
import { type Context, exitCodes } from "./run-command.ts";

const marks = { ok: ["green", "✔ ok"], warn: ["yellow", "! note"], missing: ["red", "✘ missing"] } as const;

/** 0 when everything needed is here or will be brought by itself, 2 otherwise. */
export async function doctorCommand(): Promise<number> {
  const checks = [...(await diagnose()), ...(await labCheck())];
  const width = Math.max(...checks.map(({ name }) => name.length));
  for (const { name, state, found, todo } of checks) {
    const [style, word] = marks[state];
    const mark = process.stdout.isTTY && !process.env.NO_COLOR ? styleText(style, word.padEnd(9)) : word.padEnd(9);
    process.stdout.write(`${mark}  ${name.padEnd(width)}  ${found.replaceAll("\n", `\n${" ".repeat(13 + width)}`)}\n`);
    if (todo) process.stdout.write(`${" ".repeat(13 + width)}to do: ${todo}\n`);
  }
  return checks.some(({ state }) => state === "missing") ? exitCodes.noVerdict : exitCodes.held;
}

/** Looking at an engine does not tell whether a lab starts on it. */
async function labCheck(): Promise<Check[]> {
  const { engine, tls } = await findEngine();
  if (!engine) return [];
  useEngine(engine, tls);
  try {
    const ms = await tryLab(engine);
    return ms === undefined ? [] : [{ name: "A lab", state: "ok", found: `starts, in ${(ms / 1000).toFixed(1)} s` }];
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    return [
      { name: "A lab", state: "missing", found: `does not start: ${formatUserError(error)}`, todo: error.todo ?? "use another engine" },
    ];
  }
}

export async function engineCommand(action: string, { words, progress }: Context): Promise<number> {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  if (action === "start") {
    const engine = await startEmbedded({ progress });
    say(words.engine.running(engine.version, engine.endpoint));
  } else if (action === "stop") {
    say(words.engine.stopped(await stopEmbedded({ progress })));
  } else if (action === "rm") {
    say(words.engine.removed(await removeEmbedded({ progress })));
  } else {
    say(JSON.stringify(await embeddedStatus(), null, 2));
  }
  return exitCodes.held;
}
