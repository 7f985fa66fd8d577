/** `npm run bench`: three ways to the same verdict, in turn on this machine; medians and their ratios. */

import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import type { Step } from "../harness/core/step.ts";
import { ensureEngine, ensureImages, type ImageRequest, imageKey } from "../harness/engine/index.ts";
import { runChild } from "./child.ts";
import { measureCold } from "./cold.ts";
import { fleetSizes, type MeasuredFleet, measureFleet } from "./fleets.ts";
import { measureFloor } from "./floor.ts";
import { buildBenchImage } from "./image.ts";
import { removeLeftovers } from "./leftovers.ts";
import { type ManyForwards, measureManyForwards } from "./many-forwards.ts";
import { type MeasuredReview, measureReview, reviewSizes } from "./reviews.ts";
import type { Measured } from "./scenario.ts";
import { coldReport, fleetReport, type Medians, manyMedians, mediansOf, report, reviewReport, watchMedians } from "./table.ts";
import { type MeasuredWatch, measureWatch } from "./watch.ts";

const usage = "usage: npm run bench -- [--runs N] [--reviews | --fleets | --cold] [--json PATH]";
const say = (text: string) => process.stderr.write(`${text}\n`);

/** What the bench starts carries this label; whatever happens, all that carries it is removed at the end. */
const label = "forwardlab.bench";
const id = randomBytes(4).toString("hex");

type Found = Record<"floor" | "usual" | "lab", Measured[]> & { many: ManyForwards[]; watch: MeasuredWatch[] };

const progress = ({ text }: Step) => void say(text);

async function bench(runs: number, signal: AbortSignal): Promise<Found> {
  const engine = await ensureEngine({ progress });
  const requests: ImageRequest[] = [{ target: "host" }, { target: "fabric" }];
  const refs = await ensureImages(engine, requests, { progress });
  const [host, fabric] = requests.map((request) => refs[imageKey(request)]?.reference as string) as [string, string];
  const image = `forwardlab/bench:${id}`;
  const found: Found = { floor: [], usual: [], lab: [], many: [], watch: [] };
  try {
    say("building the bench's image");
    await buildBenchImage(engine.docker, { host, fabric }, image);
    for (let run = 1; run <= runs; run++) {
      for (const way of ["floor", "usual", "lab"] as const) {
        signal.throwIfAborted();
        say(`run ${run} of ${runs}: ${{ floor: "bare namespaces", usual: "Testcontainers on Docker networks", lab: "forwardlab" }[way]}`);
        if (way === "floor") found.floor.push(await measureFloor(engine.docker, image, { [label]: id }));
        else if (way === "usual") found.usual.push(await runChild("usual-run.ts", [image, label, id], signal));
        else found.lab.push(await runChild("lab-run.ts", [], signal));
      }
      signal.throwIfAborted();
      say(`run ${run} of ${runs}: forwardlab, policies with many forwards`);
      found.many.push(await measureManyForwards());
      signal.throwIfAborted();
      say(`run ${run} of ${runs}: forwardlab, verify --watch`);
      found.watch.push(await measureWatch(signal));
    }
  } finally {
    await removeLeftovers(engine.docker, `${label}=${id}`, image);
  }
  return found;
}

/** Each size once: they take minutes, and the growth between them is what counts. */
async function benchReviews(signal: AbortSignal): Promise<MeasuredReview[]> {
  const found: MeasuredReview[] = [];
  for (const size of reviewSizes) {
    signal.throwIfAborted();
    say(`review: ${size.accounts} accounts, ${size.rules} rules${size.whatIf ? ", what-if" : ""}`);
    found.push(await measureReview(size));
  }
  return found;
}

async function benchFleets(signal: AbortSignal): Promise<MeasuredFleet[]> {
  const found: MeasuredFleet[] = [];
  for (const servers of fleetSizes) {
    signal.throwIfAborted();
    say(`fleet: ${servers} server${servers === 1 ? "" : "s"}`);
    found.push(await measureFleet(servers, signal));
  }
  return found;
}

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => stop.abort(new Error(`stopped by ${name}`)));
try {
  const { values } = parseArgs({
    options: {
      runs: { type: "string", default: "3" },
      reviews: { type: "boolean" },
      fleets: { type: "boolean" },
      cold: { type: "boolean" },
      json: { type: "string" },
      help: { type: "boolean" },
    },
  });
  const runs = Number(values.runs);
  if (values.help || !Number.isInteger(runs) || runs < 1) throw new Error(usage);
  const [load = 0] = loadavg();
  const busy = `load ${load.toFixed(1)} on ${availableParallelism()} processors`;
  if (load > availableParallelism() / 2) say(`bench: the machine is busy (${busy}): what starts several things at a time suffers more`);
  if (values.reviews) {
    const reviews = await benchReviews(stop.signal);
    process.stdout.write(reviewReport(reviews, `${busy} at the start`));
    if (values.json) writeFileSync(values.json, `${JSON.stringify({ reviews }, null, 2)}\n`);
  } else if (values.fleets) {
    const fleets = await benchFleets(stop.signal);
    process.stdout.write(fleetReport(fleets, `${busy} at the start`));
    if (values.json) writeFileSync(values.json, `${JSON.stringify({ fleets }, null, 2)}\n`);
  } else if (values.cold) {
    const cold = await measureCold(stop.signal);
    process.stdout.write(coldReport(cold, `${busy} at the start`));
    if (values.json) writeFileSync(values.json, `${JSON.stringify({ cold }, null, 2)}\n`);
  } else await benchVerdicts(runs, busy, values.json);
} catch (error) {
  say(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}

async function benchVerdicts(runs: number, busy: string, json: string | undefined): Promise<void> {
  const found = await bench(runs, stop.signal);
  const medians: Medians = { floor: mediansOf(found.floor), usual: mediansOf(found.usual), lab: mediansOf(found.lab) };
  const many = manyMedians(found.many);
  const watch = watchMedians(found.watch);
  process.stdout.write(report(medians, { many, watch }, `${runs} run${runs === 1 ? "" : "s"}, ${busy} at the start`));
  if (json) writeFileSync(json, `${JSON.stringify({ runs: found, medians, many, watch }, null, 2)}\n`);
}
