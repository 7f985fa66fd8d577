/** What `verify` tells somebody to change on a damaged server, carried out with patch(1), and what came of it. Judged in a lab of its own. */
import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Result, ResultCell } from "../../../harness/core/result.ts";
import { type SharedLab, shareLab } from "../../../harness/pipelines/verify.ts";
import { type LoadedPolicy, loadPolicy } from "../../../harness/policy/load-policy.ts";
import { Openings } from "./openings.ts";
import type { Server } from "./server.ts";

export interface Trial {
  end: "not green" | "no damage" | "inconclusive" | "green again" | "mended in part" | "no remedy";
  /** What must not be. */
  harms: string[];
  told: string[];
  /** Violations, and those that have a remedy of their own. */
  violations: number;
  mended: number;
}

export class Advice implements AsyncDisposable {
  readonly #folder: string;
  readonly #advisor: SharedLab;
  readonly #judge: SharedLab;
  #patch = "";
  #trials = 0;

  private constructor(folder: string, advisor: SharedLab, judge: SharedLab) {
    this.#folder = folder;
    this.#advisor = advisor;
    this.#judge = judge;
  }

  /** @param files of any server that it is for */
  static async start(files: Readonly<Record<string, string>>): Promise<Advice> {
    const folder = await mkdtemp(join(tmpdir(), "forwardlab-advice-"));
    await writeAll(join(folder, "first"), files);
    const load = () => loadPolicy(join(folder, "first"));
    let told = (_: string): void => undefined;
    const advisor = (await shareLab([await load()], { remedies: true, onPatch: (patch) => told(patch) })) as SharedLab;
    const judge = (await shareLab([await load()], {})) as SharedLab;
    const advice = new Advice(folder, advisor, judge);
    told = (patch) => {
      advice.#patch = patch;
    };
    return advice;
  }

  /** @param damaged its files, and those of the same server before */
  async try(
    green: Readonly<Record<string, string>> | undefined,
    damaged: Readonly<Record<string, string>>,
    server: Pick<Server, "sshd">,
  ): Promise<Trial> {
    const folder = join(this.#folder, String(this.#trials++));
    const trial: Trial = { end: "no remedy", harms: [], told: [], violations: 0, mended: 0 };
    await writeAll(join(folder, "damaged"), damaged);
    this.#patch = "";
    const before = await this.#verify(this.#advisor, join(folder, "damaged"));
    if (before.outcome === "pass") return { ...trial, end: "no damage" };
    if (before.outcome === "inconclusive") return { ...trial, end: "inconclusive", told: shortfalls(before) };
    const open = new Openings((path) => this.#verify(this.#judge, path), join(folder, "damaged"), server);
    const violated = [...before.cells, ...before.forwards].filter(({ status }) => status === "violated");
    trial.violations = violated.length;
    for (const one of violated) if (!one.remedy) trial.harms.push(`nothing is said about ${nameOf(one)}`);
    const combined = this.#patch;
    for (const [patch, mended] of Map.groupBy(violated, ({ remedy }) => remedy?.patch ?? "")) {
      if (patch === "") continue;
      trial.told.push(mended[0]?.remedy?.summary.text ?? "");
      trial.mended += mended.length;
      const { result, harms } = await this.#apply(patch, before, folder, open);
      const left = mended.filter((one) => result && isViolated(one, result));
      const wrong = [...harms, ...left.map((one) => `not mended: ${nameOf(one)}`)];
      if (wrong.length > 0) trial.harms.push(`${wrong.slice(0, 5).join("\n")}\n${patch}`);
    }
    if (combined === "" && trial.told.length > 0) trial.harms.push("there are remedies, and --fix-patch is empty");
    if (combined !== "") await this.#tryTogether(combined, before, folder, open, trial);
    const never = trial.end === "green again" || !green ? undefined : await this.#shortfallsOf(green, folder);
    return never ? { ...trial, end: "not green", told: never } : trial;
  }

  async #tryTogether(patch: string, before: Result, folder: string, open: Openings, trial: Trial): Promise<void> {
    const { result, harms } = await this.#apply(patch, before, folder, open);
    if (harms.length > 0) trial.harms.push(`together: ${harms.slice(0, 5).join("\n")}\n${patch}`);
    trial.end = result?.outcome === "pass" ? "green again" : "mended in part";
    if (trial.end !== "green again") trial.told.push(...(result ? shortfalls(result) : []), patch);
  }

  async #apply(patch: string, before: Result, folder: string, open: Openings): Promise<{ result?: Result; harms: string[] }> {
    const copy = join(folder, "patched");
    await rm(copy, { recursive: true, force: true });
    await cp(join(folder, "damaged"), copy, { recursive: true });
    try {
      execFileSync("patch", ["-p1", "--silent", "--fuzz=0"], { cwd: copy, input: patch, stdio: "pipe" });
    } catch (error) {
      return { harms: [`patch -p1 fails: ${error instanceof Error ? error.message : error}`] };
    }
    const result = await this.#verify(this.#judge, copy).catch((error: unknown) =>
      error instanceof Error ? error : new Error(String(error)),
    );
    if (result instanceof Error) return { harms: [`verify fails: ${result.message}`] };
    const opened = await open.addedBy(patch, copy);
    const byOthers = opened.length > 0 ? [`opens ${opened.slice(0, 3).join("; ")} (${opened.length} in all)`] : [];
    return { result, harms: [...worse(before, result), ...byOthers] };
  }

  /** What cannot be mended may never have been right. Undefined: it was. */
  async #shortfallsOf(green: Readonly<Record<string, string>>, folder: string): Promise<string[] | undefined> {
    await writeAll(join(folder, "green"), green);
    const result = await this.#verify(this.#judge, join(folder, "green"));
    return result.outcome === "pass" ? undefined : shortfalls(result);
  }

  async #verify(lab: SharedLab, path: string): Promise<Result> {
    const policy: LoadedPolicy = await loadPolicy(path);
    if (!lab.fits(policy)) throw new Error(`${path} does not fit into the lab`);
    const [result] = await lab.verify(policy);
    return result as Result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#advisor[Symbol.asyncDispose](), this.#judge[Symbol.asyncDispose]()]);
    await rm(this.#folder, { recursive: true });
  }
}

async function writeAll(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

const answers = ({ observed }: Pick<ResultCell, "observed">) => observed === "reached" || observed === "wrong-service";

/** What was right and is not any more, and what was shut and is open. */
function worse(before: Result, after: Result): string[] {
  const cells = after.cells.flatMap((cell) => {
    const old = cellIn(before, cell);
    if (answers(cell) && !cell.ok && !(old && answers(old))) return [`opens ${nameOf(cell)}`];
    return old?.ok && !cell.ok ? [`breaks ${nameOf(cell)}: ${cell.observed}`] : [];
  });
  const forwards = before.forwards
    .filter(({ name, ok }) => ok && !forwardIn(after, name)?.ok)
    .map(({ name }) => `breaks the forward ${name}`);
  return [...cells, ...forwards];
}

function cellIn({ cells }: Result, { forward, vantage, target, via, as }: ResultCell): ResultCell | undefined {
  return cells.find(
    (one) => one.forward === forward && one.vantage === vantage && one.target === target && one.via === via && one.as === as,
  );
}

function isViolated(one: ResultCell | Result["forwards"][number], result: Result): boolean {
  return ("vantage" in one ? cellIn(result, one) : forwardIn(result, one.name))?.status === "violated";
}

function forwardIn({ forwards }: Result, name: string): Result["forwards"][number] | undefined {
  return forwards.find((one) => one.name === name);
}

function nameOf(one: Pick<ResultCell, "forward" | "vantage" | "target" | "via"> | { name: string }): string {
  return "vantage" in one
    ? `${one.forward} from ${one.vantage} at ${one.target}${one.via === undefined ? "" : ` via ${one.via}`}`
    : `the forward ${one.name}`;
}

export function shortfalls({ cells, forwards, reasons }: Result): string[] {
  return [
    ...forwards
      .filter(({ ok }) => !ok)
      .map((one) => `${one.status}: ${nameOf(one)}: ${one.decidedBy?.text}${one.remedy ? ` ${one.remedy.summary.text}` : ""}`),
    ...cells
      .filter(({ ok, status }) => !ok || status === "inconclusive")
      .map(
        (one) =>
          `${one.status}: ${nameOf(one)}: ${one.observed}: ${one.decidedBy?.text ?? one.unproven?.text}${one.remedy ? ` ${one.remedy.summary.text}` : ""}`,
      ),
    ...reasons.map(({ text }) => text),
  ];
}
