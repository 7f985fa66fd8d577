/** `verify` is killed at random moments of its whole run, started in every way that there is. */
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { findLabs } from "../../harness/lab/find-labs.ts";
import { Draw } from "../lab/model/random.ts";
import { bootstrap, type Ended, forwardlab, Place, Run } from "./command.ts";
import { OwnEngine } from "./own-engine.ts";
import { writeServers } from "./servers.ts";
import { leftAfter, tracesOfCommand, tracesOfLabs } from "./traces.ts";
import { type Options, type Row, Tally } from "./trial.ts";

/** Within which all must be gone: the harness's own watchdog takes a second, longer on a busy machine. Milliseconds. */
const goneMs = 20_000;
const keptName = "soak-kept";

interface Form {
  what: string;
  program: readonly string[];
  args(place: Place): string[];
  code: number;
}

const reported = (place: Place) => ["--quiet", "--report", `json=${place.json}`];

export async function soakKill({ seed, count, cache }: Options): Promise<Row[]> {
  const folder = join(cache, "trials");
  rmSync(folder, { recursive: true, force: true });
  const servers = writeServers(join(cache, "servers"));
  await using engine = await OwnEngine.start(join(cache, "engine"));
  await engine.loadImages(cache);
  const forms: Form[] = [
    { what: "verify", program: forwardlab, args: (place) => ["verify", servers.right, ...reported(place)], code: 0 },
    { what: "by npm run", program: bootstrap, args: (place) => ["verify", servers.right, ...reported(place)], code: 0 },
    {
      what: "with remedies",
      program: forwardlab,
      args: (place) => ["verify", servers.wrong, ...reported(place), "--fix-patch", join(place.reports, "fix.patch")],
      code: 1,
    },
    {
      what: "with --keep",
      program: forwardlab,
      args: (place) => ["verify", servers.right, ...reported(place), "--keep", "--name", place.trial],
      code: 0,
    },
    { what: "beside a kept lab", program: forwardlab, args: (place) => ["verify", servers.right, ...reported(place)], code: 0 },
  ];
  const draw = new Draw(seed);
  const rows: Row[] = [];
  for (const [at, form] of forms.entries()) {
    const trials = Math.floor(count / forms.length) + (at < count % forms.length ? 1 : 0);
    const tally = new Tally(`kill: ${form.what}`);
    await using beside = at === forms.length - 1 ? await keptLab(engine, folder) : undefined;
    const trial = new Trial(engine, folder, form, beside?.id);
    const whole = await trial.uninterrupted(`${at}-first`);
    let lasts = whole.ms;
    if (whole.faults.length > 0) tally.add("uninterrupted", "not killed", whole.faults);
    for (let part = 0; part < trials; part++) {
      // One moment in each part of the run, so that none is left out.
      const moment = Math.round(((part + draw.next()) / trials) * lasts);
      const { end, faults } = await trial.killed(`${at}-${part}`, moment);
      const next = await trial.uninterrupted(`${at}-${part}-next`);
      lasts = next.ms;
      tally.add(`seed ${seed}, ${moment} ms`, end, [...faults, ...next.faults.map((fault) => `the next run: ${fault}`)]);
    }
    rows.push(tally.row);
  }
  return rows;
}

class Trial {
  readonly #engine: OwnEngine;
  readonly #folder: string;
  readonly #form: Form;
  readonly #beside: string | undefined;

  constructor(engine: OwnEngine, folder: string, form: Form, beside: string | undefined) {
    this.#engine = engine;
    this.#folder = folder;
    this.#form = form;
    this.#beside = beside;
  }

  /** The control: to its end, after which all is as after a kill. */
  async uninterrupted(name: string): Promise<{ ms: number; faults: string[] }> {
    const place = new Place(this.#folder, name);
    const ended = await this.#start(place).ended;
    const faults = [...this.#wrongEnd(ended, this.#form.code), ...(place.hasReport ? [] : ["no report"])];
    return { ms: ended.ms, faults: [...faults, ...(await this.#left(place))] };
  }

  async killed(name: string, moment: number): Promise<{ end: string; faults: string[] }> {
    const place = new Place(this.#folder, name);
    const run = this.#start(place);
    await once(run.child, "spawn");
    await after(moment);
    const inTime = run.child.kill("SIGKILL");
    const ended = await run.ended;
    const faults = inTime && ended.signal === "SIGKILL" ? [] : this.#wrongEnd(ended, this.#form.code);
    const end = `${ended.signal === "SIGKILL" ? "killed" : "ended before"}${place.hasReport ? " with its report" : ""}`;
    return { end, faults: [...faults, ...(await this.#left(place))] };
  }

  #start(place: Place): Run {
    return new Run(this.#form.program, this.#form.args(place), { ...this.#engine.env, ...place.env });
  }

  #wrongEnd({ code, stderr }: Ended, expected: number): string[] {
    return code === expected ? [] : [`exit code ${code} instead of ${expected}: ${stderr.trim().slice(-400)}`];
  }

  async #left(place: Place): Promise<string[]> {
    const command = await leftAfter(() => tracesOfCommand(place, this.#engine.cacheOfCommands.lockFile), goneMs);
    const kept = await this.#keptWhole(place);
    const labs = await leftAfter(() => tracesOfLabs(this.#engine, this.#beside ? [this.#beside] : []), goneMs);
    const beside = this.#beside ? await this.#usable(keptName) : [];
    return [...command, ...kept, ...labs, ...beside, ...place.damagedReports()];
  }

  /** A lab to keep is there as a whole, until `down`, or not at all. */
  async #keptWhole({ trial }: Place): Promise<string[]> {
    const labs = await findLabs(this.#engine.docker);
    const lab = labs.find(({ name }) => name === trial);
    if (!lab) return [];
    // Not kept yet: it is on its way out.
    const stays =
      (await leftAfter(async () => ((await findLabs(this.#engine.docker)).some(({ name }) => name === trial) ? [trial] : []), 5000))
        .length > 0;
    if (!stays) return [];
    const faults = await this.#usable(trial);
    const down = await new Run(forwardlab, ["down", trial], this.#engine.env).ended;
    return [...faults, ...this.#wrongEnd(down, 0)];
  }

  async #usable(name: string): Promise<string[]> {
    const faults: string[] = [];
    for (const host of ["home", "server"]) {
      const ended = await new Run(forwardlab, ["exec", "--lab", name, host, "true"], this.#engine.env).ended;
      faults.push(...this.#wrongEnd(ended, 0).map((fault) => `${host} of the kept lab ${name}: ${fault}`));
    }
    return faults;
  }
}

async function keptLab(engine: OwnEngine, folder: string): Promise<AsyncDisposable & { id: string }> {
  const place = new Place(folder, "kept");
  const up = await new Run(forwardlab, ["up", "--name", keptName, "--quiet"], { ...engine.env, ...place.env }).ended;
  const lab = (await findLabs(engine.docker)).find(({ name }) => name === keptName);
  if (up.code !== 0 || !lab) throw new Error(`no kept lab: ${up.stderr}`);
  return {
    id: lab.id,
    [Symbol.asyncDispose]: async () => void (await new Run(forwardlab, ["down", keptName], engine.env).ended),
  };
}
