/**
 * Damages servers that are as their policies want them, one thing at a time, and carries out what `verify` tells to change:
 * `node test/lab/advice/soak.ts [SERVERS] [SEED] [random]`: first what people reported (not with `random`), then at random. Each server has a seed of its
 * own; with SERVERS 1 it repeats one. `DAMAGE` chooses one kind of damage or report, `VERBOSE` shows the files.
 */
import { Draw } from "../model/random.ts";
import { damages } from "./damages.ts";
import { drawServer } from "./draw-server.ts";
import { filesOf } from "./server.ts";
import { fileLayout, situationFiles, situations } from "./situations.ts";
import { Advice, type Trial } from "./try-server.ts";

const count = Number(process.argv[2] ?? 100);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
const verbose = process.env.VERBOSE !== undefined;
const only = process.env.DAMAGE;

const ends = new Map<string, Map<Trial["end"], number>>();
let harmful = 0;
let failed = 0;
let violations = 0;
let mended = 0;

/** With one damage, or two at once. */
function damaged(number: number) {
  const draw = new Draw(number);
  const names = Object.keys(damages).filter((name) => only === undefined || name === only);
  for (;;) {
    const green = drawServer(draw);
    const server = structuredClone(green);
    const chosen = draw.some(names, 1, draw.chance(0.3) ? 2 : 1);
    if (!chosen.every((name) => damages[name]?.(server, draw))) continue;
    return { name: chosen.join(", "), green: filesOf(green), files: filesOf(server), server };
  }
}

if (process.argv[4] !== "random") await trySituations();

async function trySituations(): Promise<void> {
  const [first] = situations;
  if (!first) return;
  await using advice = await Advice.start(situationFiles(first));
  for (const situation of situations.filter(({ name }) => only === undefined || name.includes(only))) {
    const trial = await advice.try(undefined, situationFiles(situation), fileLayout);
    const { end, told } = situation;
    const wrong = [
      ...(trial.end === end ? [] : [`${trial.end}, not ${end}`]),
      ...(told === undefined || trial.told.some((text) => told.test(text)) ? [] : [`nothing like ${told} is told`]),
      ...trial.harms,
    ];
    if (wrong.length > 0) harmful++;
    console.log(`${situation.name} (advised: ${situation.advised}): ${trial.end}`);
    for (const each of wrong) console.log(`  WRONG ${each.replaceAll("\n", "\n    ")}`);
    if (wrong.length > 0 || verbose) for (const text of trial.told) console.log(`  told ${text.replaceAll("\n", "\n    ")}`);
  }
}

console.log(`seed ${seed}, ${count} servers`);
const perLab = 60;
for (let first = 0; first < count; first += perLab) {
  await using advice = await Advice.start(damaged(seed + first).files);
  for (let at = first; at < Math.min(first + perLab, count); at++) {
    const { name, green, files, server } = damaged(seed + at);
    const trial = await advice.try(green, files, server).catch((error: unknown) => {
      failed++;
      console.log(`\nseed ${seed + at}: ${name}: could not run: ${error instanceof Error ? error.message : error}`);
      return undefined;
    });
    if (!trial) continue;
    const ofName = ends.get(name) ?? new Map<Trial["end"], number>();
    ends.set(name, ofName);
    ofName.set(trial.end, (ofName.get(trial.end) ?? 0) + 1);
    violations += trial.violations;
    mended += trial.mended;
    if (trial.harms.length > 0) harmful++;
    const quiet = trial.harms.length === 0 && (trial.end === "green again" || trial.end === "no damage");
    console.log(`seed ${seed + at}: ${name}: ${trial.end}${trial.harms.length > 0 ? ` HARM ${trial.harms.length}` : ""}`);
    if (!quiet || verbose) {
      for (const harm of trial.harms) console.log(`  HARM ${harm.replaceAll("\n", "\n    ")}`);
      for (const told of trial.told) console.log(`  told ${told.replaceAll("\n", "\n    ")}`);
      if (verbose)
        for (const [file, text] of Object.entries(files))
          if (!file.startsWith("etc/ufw/before") && !file.startsWith("etc/ufw/after")) console.log(`  === ${file}\n${text}`);
    }
  }
}

for (const [name, ofName] of [...ends].sort())
  console.log(
    `${name}: ${[...ofName]
      .sort()
      .map(([end, times]) => `${end} ${times}`)
      .join(", ")}`,
  );
const total = (end: Trial["end"]) => [...ends.values()].reduce((sum, each) => sum + (each.get(end) ?? 0), 0);
const tried = total("green again") + total("mended in part") + total("no remedy");
console.log(
  `seed ${seed}: ${tried} damaged servers, ${total("green again")} green again, ${total("mended in part")} in part, ${total("no remedy")} without a remedy, ${harmful} with harmful advice; ${mended} of ${violations} violations have a remedy; ${total("no damage")} were not damaged, ${total("not green")} not green, ${total("inconclusive")} inconclusive, ${failed} could not run`,
);
process.exitCode = harmful + failed + total("mended in part") + total("no remedy") > 0 ? 1 : 0;
