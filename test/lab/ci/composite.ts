/** Runs a composite action as GitHub does: inputs, expressions, files for outputs and paths, shell steps. Steps that use other actions are recorded. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { runInNewContext } from "node:vm";
import { parse } from "yaml";

interface Step {
  id?: string;
  if?: string;
  uses?: string;
  with?: Record<string, string>;
  run?: string;
  shell?: string;
  env?: Record<string, string>;
}

export interface Action {
  inputs: Record<string, { description: string; required?: boolean; default?: string }>;
  runs: { using: string; steps: Step[] };
}

type Outcome = "success" | "failure" | "skipped";
type Values = { [name: string]: string | Values };

export interface Ran {
  /** What the step is: its id, the action it uses, or the first word of its last line. */
  name: string;
  outcome: Outcome;
  output: string;
}

interface Job {
  workspace: string;
  /** An empty folder for the runner's own files. */
  temp: string;
  github: Values;
  inputs: Record<string, string>;
  env?: Record<string, string>;
  /** What a used action gives back, by the step's id. */
  outputs?: Record<string, Record<string, string>>;
}

export function readAction(file: string): Action {
  return parse(readFileSync(file, "utf8"));
}

export async function runAction(action: Action, folder: string, job: Job): Promise<{ ran: Ran[]; summary: string }> {
  const file = (name: string) => join(job.temp, name);
  mkdirSync(job.temp, { recursive: true });
  for (const name of ["output", "path", "summary"]) writeFileSync(file(name), "");
  const defaults = Object.fromEntries(Object.entries(action.inputs).map(([name, { default: value = "" }]) => [name, value]));
  const steps: Values = {};
  const values: Values = {
    inputs: { ...defaults, ...job.inputs },
    steps,
    runner: { temp: job.temp, os: "Linux", arch: "X64" },
    github: { ...job.github, action_path: folder, token: "a-token" },
  };
  const ran: Ran[] = [];
  for (const step of action.runs.steps) {
    const failed = ran.some(({ outcome }) => outcome === "failure");
    const name = step.id ?? step.uses ?? step.run?.trim().split("\n").at(-1)?.split(" ", 2).join(" ") ?? "";
    if (!holds(step.if, values, failed)) ran.push({ name, outcome: "skipped", output: "" });
    else if (step.uses) ran.push({ name, outcome: "success", output: JSON.stringify(filled(step.with ?? {}, values)) });
    else ran.push({ name, ...(await runShell(step, values, job, file)) });
    const given = step.uses ? job.outputs?.[step.id ?? ""] : outputsIn(file("output"));
    if (step.id) steps[step.id] = { outcome: ran.at(-1)?.outcome ?? "skipped", outputs: given ?? {} };
  }
  return { ran, summary: readFileSync(file("summary"), "utf8") };
}

async function runShell(step: Step, values: Values, job: Job, file: (name: string) => string): Promise<Omit<Ran, "name">> {
  writeFileSync(file("output"), "");
  writeFileSync(file("step.sh"), step.run ?? "");
  const added = readFileSync(file("path"), "utf8").split("\n").filter(Boolean).reverse();
  const child = spawn("bash", ["--noprofile", "--norc", "-eo", "pipefail", file("step.sh")], {
    cwd: job.workspace,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      ...job.env,
      PATH: [...added, process.env.PATH].join(":"),
      NO_COLOR: "1",
      GITHUB_ACTIONS: "true",
      GITHUB_OUTPUT: file("output"),
      GITHUB_PATH: file("path"),
      GITHUB_STEP_SUMMARY: file("summary"),
      RUNNER_TEMP: job.temp,
      ...filled(step.env ?? {}, values),
    },
  });
  const [stdout, stderr, [status]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "exit")]);
  return { outcome: status === 0 ? "success" : "failure", output: stdout + stderr };
}

function outputsIn(file: string): Record<string, string> {
  const lines = readFileSync(file, "utf8").split("\n");
  return Object.fromEntries(lines.flatMap((line) => (line.includes("=") ? [[line.replace(/=.*/, ""), line.replace(/^[^=]*=/, "")]] : [])));
}

/** Without a function of the status, a step runs only if all before it went well. */
function holds(condition: string | undefined, values: Values, failed: boolean): boolean {
  const source = condition?.replace(/^\$\{\{(.*)\}\}$/, "$1") ?? "true";
  if (failed && !/\b(cancelled|always|failure)\(\)/.test(source)) return false;
  return Boolean(evaluate(source, values));
}

function filled(record: Record<string, string>, values: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name, value.replace(/\$\{\{(.*?)\}\}/g, (_, inner) => String(evaluate(inner, values)))]),
  );
}

/** GitHub's expressions are JavaScript's, but for names: what is not there is empty. */
function evaluate(expression: string, values: Values): unknown {
  const source = expression.replace(/\b(?:inputs|steps|runner|github)(?:\.[\w-]+)+/g, (path) => JSON.stringify(lookUp(path, values)));
  return runInNewContext(source, { cancelled: () => false, always: () => true });
}

function lookUp(path: string, values: Values): string {
  let found: string | Values | undefined = values;
  for (const name of path.split(".")) found = typeof found === "object" ? found[name] : undefined;
  return typeof found === "string" ? found : "";
}
