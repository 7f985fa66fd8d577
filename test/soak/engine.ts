/** The engine dies at random moments of `verify`, and comes back. */
import { once } from "node:events";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { Draw } from "../lab/model/random.ts";
import { type Ended, forwardlab, Place, Run } from "./command.ts";
import { OwnEngine } from "./own-engine.ts";
import { writeServers } from "./servers.ts";
import { leftAfter, tracesOfCommand, tracesOfLabs } from "./traces.ts";
import { type Options, type Row, Tally } from "./trial.ts";

/** A command whose engine has died ends within, milliseconds. */
const noticedMs = 30_000;
/** What ran in the lab has ended within, without the engine and after it is back. */
const goneMs = 20_000;

/** That the engine was lost: on the way, or before the first word with it. */
const lost = /^error\[(?:lab-gone|engine\.named-but-dead)\]: /m;

export async function soakEngine({ seed, count, cache }: Options): Promise<Row[]> {
  const folder = join(cache, "trials");
  rmSync(folder, { recursive: true, force: true });
  const { right } = writeServers(join(cache, "servers"));
  await using engine = await OwnEngine.start(join(cache, "engine"));
  await engine.loadImages(cache);
  const draw = new Draw(seed);
  const tally = new Tally("engine: SIGKILL of dockerd");
  const start = (place: Place) => new Run(forwardlab, ["verify", right, "--report", `json=${place.json}`], { ...engine.env, ...place.env });
  const first = new Place(folder, "first");
  const uninterrupted = await start(first).ended;
  if (uninterrupted.code !== 0) tally.add("uninterrupted", "not killed", [`exit code ${uninterrupted.code}: ${uninterrupted.stderr}`]);
  let lasts = uninterrupted.ms;
  for (let part = 0; part < count; part++) {
    const moment = Math.round(((part + draw.next()) / count) * lasts);
    const place = new Place(folder, `${part}`);
    const run = start(place);
    await once(run.child, "spawn");
    await after(moment);
    await engine.crash();
    const crashed = performance.now();
    const late = setTimeout(() => run.child.kill("SIGKILL"), noticedMs);
    const ended = await run.ended;
    clearTimeout(late);
    const took = Math.round(performance.now() - crashed);
    const { end, faults } = judged(ended, place);
    // What ran in containers goes on without its engine, which ends it when it is back.
    const runs = ofLabs(engine).length > 0;
    await engine.revive();
    const { by, left } = await tidied(engine, place);
    const next = new Place(folder, `${part}-next`);
    const again = await start(next).ended;
    lasts = again.ms;
    tally.add(`seed ${seed}, ${moment} ms`, `${end}${runs ? ", containers went on" : ""}, ${by}`, [
      ...faults,
      ...left,
      ...(again.code === 0 ? [] : [`the next run: exit code ${again.code}: ${again.stderr.slice(-400)}`]),
    ]);
    process.stderr.write(`    ended ${took} ms after the engine: ${/^error\[.*$/m.exec(ended.stderr)?.[0] ?? `exit code ${ended.code}`}\n`);
  }
  return [tally.row];
}

function ofLabs(engine: OwnEngine): string[] {
  const forgotten = engine.forgotten();
  return engine.containerProcesses().filter((each) => !forgotten.includes(each));
}

function judged({ code, signal, stdout, stderr }: Ended, place: Place): { end: string; faults: string[] } {
  const damaged = place.damagedReports();
  // Its last probe was before the end of the engine.
  if (code === 0 && place.hasReport) return { end: "had its result", faults: damaged };
  const faults = [
    ...(signal ? [`still running after ${noticedMs / 1000} s`] : []),
    ...(code === 2 ? [] : [`exit code ${code}`]),
    ...(lost.test(stderr) ? [] : [`not told: ${stderr.slice(-400)}`]),
    ...(stdout === "" && !place.hasReport ? [] : ["a report without a verdict"]),
  ];
  return { end: code === 2 ? "exit code 2" : "another end", faults: [...faults, ...damaged] };
}

/** By the engine itself as it comes back, or with `prune`. */
async function tidied(engine: OwnEngine, place: Place): Promise<{ by: string; left: string[] }> {
  const command = await leftAfter(() => tracesOfCommand(place, engine.cacheOfCommands.lockFile), goneMs);
  const containers = await engine.docker.listContainers({ all: true });
  const prune = await new Run(forwardlab, ["prune"], engine.env).ended;
  const left = await leftAfter(async () => (await tracesOfLabs(engine)).filter((each) => !engine.forgotten().includes(each)), goneMs);
  const forgotten = engine.forgotten();
  if (forgotten.length > 0) await engine.renew();
  const by = containers.length > 0 ? "pruned" : "nothing left";
  return {
    by: forgotten.length > 0 ? `${by}; the engine has forgotten some` : by,
    left: [...command, ...left, ...(prune.code === 0 ? [] : [`prune: ${prune.stderr}`])],
  };
}
