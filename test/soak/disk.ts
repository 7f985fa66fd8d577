/** Disks without room: that of the engine, while images are built and while a lab runs; that of the reports. */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { Draw } from "../lab/model/random.ts";
import { type Ended, endOf, forwardlab, Place, Run } from "./command.ts";
import { OwnEngine } from "./own-engine.ts";
import { writeServers } from "./servers.ts";
import { leftBy } from "./traces.ts";
import { type Options, type Row, Tally } from "./trial.ts";

const goneMs = 20_000;
/** MiB of an engine's disk: for the images of a lab, and what it takes to load them. */
const roomy = 1200;

/** A file system of its own in memory. */
function smallDisk(folder: string, size: string): Disposable & { fill(leave: number): void; empty(): void } {
  mkdirSync(folder, { recursive: true });
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "forwardlab-soak", folder]);
  const ballast = join(folder, "ballast");
  return {
    /** @param leave bytes that stay free */
    fill: (leave) => {
      // Whoever else writes there may take some of it between the two calls.
      for (let tries = 0; tries < 10; tries++) {
        const { bavail, bsize } = statfsSync(folder);
        const bytes = Math.max(0, bavail * bsize - leave);
        if (bytes === 0 || spawnSync("fallocate", ["--length", String(bytes), ballast]).status === 0) return;
      }
      throw new Error(`${folder} cannot be filled up`);
    },
    empty: () => rmSync(ballast, { force: true }),
    [Symbol.dispose]: () => void execFileSync("umount", ["--lazy", folder]),
  };
}

export async function soakDisk({ seed, count, cache }: Options): Promise<Row[]> {
  const folder = join(cache, "trials");
  rmSync(folder, { recursive: true, force: true });
  const draw = new Draw(seed);
  const servers = writeServers(join(cache, "servers"));
  const rows = [await whileBuilding(cache, folder, servers.right, [60, 150])];
  const place = join(cache, "disk-engine");
  using disk = smallDisk(join(place, "engine"), `${roomy}m`);
  await using engine = await OwnEngine.start(place);
  await engine.loadImages(cache);
  rows.push(await whileRunning(engine, disk, folder, servers.right, { seed, draw, count }));
  disk.empty();
  rows.push(await reportsWithoutRoom(engine, folder, servers.wrong, { seed, draw, count }));
  return rows;
}

interface Draws {
  seed: number;
  draw: Draw;
  count: number;
}

/** An engine without images, on disks too small for them: they take less than 250 MiB. */
async function whileBuilding(cache: string, folder: string, policy: string, sizes: readonly number[]): Promise<Row> {
  const tally = new Tally("disk: the engine's, while images are built");
  for (const size of sizes) {
    const own = join(cache, "building-engine");
    using _disk = smallDisk(join(own, "engine"), `${size}m`);
    await using engine = await OwnEngine.start(own);
    const place = new Place(folder, `build-${size}`);
    const ended = await verify(engine, policy, place);
    tally.add(`${size} MiB`, endOf(ended), [
      ...wrongEnd(ended, place, /^error\[engine\.disk-full\]: /m),
      ...(await leftBy(engine, place, goneMs)),
    ]);
  }
  return tally.row;
}

/** It fills up at a moment of the run, the first time before it. */
async function whileRunning(
  engine: OwnEngine,
  disk: ReturnType<typeof smallDisk>,
  folder: string,
  policy: string,
  draws: Draws,
): Promise<Row> {
  const tally = new Tally("disk: the engine's, at a moment of the run");
  const whole = await verify(engine, policy, new Place(folder, "whole"));
  if (whole.code !== 0) tally.add("with room", endOf(whole), [whole.stderr]);
  let lasts = whole.ms;
  for (let part = 0; part < draws.count; part++) {
    const moment = part === 0 ? 0 : Math.round(((part + draws.draw.next()) / draws.count) * lasts);
    const place = new Place(folder, `full-${part}`);
    const filling = after(moment).then(() => disk.fill(0));
    const ended = await (part === 0 ? filling.then(() => verify(engine, policy, place)) : verify(engine, policy, place));
    await filling;
    const faults = ended.code === 0 && place.hasReport ? [] : wrongEnd(ended, place, /^error\[engine\.disk-full\]: /m);
    const traces = await leftBy(engine, place, goneMs);
    disk.empty();
    const again = await verify(engine, policy, new Place(folder, `full-${part}-next`));
    lasts = again.ms;
    const next = again.code === 0 ? [] : [`the next run: ${endOf(again)}: ${again.stderr.slice(-400)}`];
    tally.add(`seed ${draws.seed}, ${moment} ms`, endOf(ended), [...faults, ...traces, ...next]);
  }
  return tally.row;
}

/** Reports and patch, with so little room that not all of them fit. */
async function reportsWithoutRoom(engine: OwnEngine, folder: string, policy: string, { seed, draw, count }: Draws): Promise<Row> {
  const tally = new Tally("disk: that of the reports");
  for (let part = 0; part < count; part++) {
    const place = new Place(folder, `reports-${part}`);
    using disk = smallDisk(place.reports, "4m");
    // The page of the html report is larger by far.
    const bytes = Math.round(draw.next() * 64 * 1024);
    disk.fill(bytes);
    const args = [
      "--report",
      `json=${place.json}`,
      "--report",
      `html=${join(place.reports, "page.html")}`,
      "--fix-patch",
      join(place.reports, "fix.patch"),
    ];
    const ended = await verify(engine, policy, place, args);
    disk.empty();
    const faults = [
      ...(ended.code === 2 ? [] : [endOf(ended)]),
      ...(/^error\[disk-full\]: /m.test(ended.stderr) ? [] : [ended.stderr.slice(-400)]),
    ];
    const cut = existsSync(join(place.reports, "page.html")) ? ["page.html is there"] : [];
    tally.add(`seed ${seed}, ${bytes} bytes free`, endOf(ended), [
      ...faults,
      ...cut,
      ...place.damagedReports(),
      ...(await leftBy(engine, place, goneMs)),
    ]);
  }
  return tally.row;
}

function verify(
  engine: OwnEngine,
  policy: string,
  place: Place,
  more: readonly string[] = ["--report", `json=${place.json}`],
): Promise<Ended> {
  return new Run(forwardlab, ["verify", policy, "--quiet", ...more], { ...engine.env, ...place.env }).ended;
}

function wrongEnd(ended: Ended, place: Place, told: RegExp): string[] {
  return [
    ...(ended.code === 2 ? [] : [endOf(ended)]),
    ...(told.test(ended.stderr) ? [] : [`not told: ${ended.stderr.slice(-600)}`]),
    ...(place.hasReport ? ["a report without a verdict"] : []),
  ];
}
