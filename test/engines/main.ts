/**
 * `npm run engines [-- WORD…] [--list] [--cache FOLDER]`: verifies examples/article on every engine that can be had here, or on those whose row has one
 * of the words, and prints what came of it as a table. As root on Debian. Engines of other releases run in folders that mmdebstrap fills; nothing of the
 * machine's own engine is touched, and nothing is left but what --cache keeps for the next run.
 */
import { mkdirSync } from "node:fs";
import { constants, release } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { $ } from "zx";
import { comparable, type Result } from "../../harness/core/result.ts";
import { repository } from "./debian-root.ts";
import { endProcessesIn, processesIn } from "./leftovers.ts";
import { openPlace, type Place } from "./place.ts";
import { obstacle } from "./requirements.ts";
import { type Row, rows } from "./rows.ts";
import { prune, type Verified, verify, verifyHalves, type Way } from "./verify.ts";

$.quiet = true;
const say = (text: string) => process.stderr.write(`${text}\n`);

interface Tried {
  engine: string;
  outcome: string;
  cold: number;
  warm: number;
}

async function tryRow(row: Row, place: Place): Promise<Tried> {
  let tried: Tried;
  try {
    await using stack = new AsyncDisposableStack();
    say(`${row.name}: starting`);
    tried = await tryWay(row, await row.start(place, stack), place);
  } catch (error) {
    const message = (error as Error).message.trim();
    say(`${row.name}: ${message}`);
    tried = { engine: "", outcome: `NOT RUN: ${message.split("\n")[0]}`, cold: 0, warm: 0 };
  }
  // Rootless Podman leaves a process that keeps its namespaces.
  await endProcessesIn(place.folder);
  say(`${row.name}: ${tried.outcome}`);
  return tried;
}

async function tryWay({ error, prune: prunes }: Row, way: Way, place: Place): Promise<Tried> {
  const cold = await verify(way, place);
  if (!cold.result) return { engine: "", outcome: refusal(cold.said, error), cold: cold.ms, warm: 0 };
  const warm = way.second ? await verifyHalves(way, way.second, place) : await verify(way, place);
  const { engine, selfCheck } = cold.result.provenance;
  const checks = `${selfCheck.filter(({ ok }) => ok).length} of ${selfCheck.length} checks`;
  for (const { result, said } of [cold, warm]) if (result?.outcome !== "pass") tellFailure(result, said);
  const left = prunes ? await prune(way, place) : [];
  const works = [cold, warm].every(({ result }) => result?.outcome === "pass") && sameVerdicts(cold, warm) && !error && left.length === 0;
  const again = warm.result ? "" : `; then ${firstLine(warm.said)}`;
  const images = left.length === 0 ? "" : `; images left: ${left.join(", ")}`;
  return {
    engine: `${engine?.name} ${engine?.version}`,
    outcome: `${works ? "works" : "FAILS"}: ${cold.result.counts.held} held, ${checks}${again}${images}`,
    cold: cold.ms,
    warm: warm.ms,
  };
}

function tellFailure(result: Result | undefined, said: string): void {
  const failed = result?.provenance.selfCheck.filter(({ ok }) => !ok).map(({ name, detail }) => `${name}: ${detail ?? "failed"}`) ?? [];
  say([said.trim(), ...failed].join("\n"));
}

function refusal(said: string, expected: RegExp | undefined): string {
  return `${expected?.test(said) ? "refused" : "FAILS"}: ${firstLine(said)}`;
}

function sameVerdicts(one: Verified, other: Verified): boolean {
  const verdicts = ({ result }: Verified) => (result ? JSON.stringify(comparable(result)) : "");
  return verdicts(one) === verdicts(other);
}

function firstLine(text: string): string {
  return text.split("\n").find((line) => line.startsWith("error[")) ?? text.trim().split("\n").at(-1) ?? "";
}

const { values, positionals } = parseArgs({
  options: { cache: { type: "string" }, list: { type: "boolean", default: false } },
  allowPositionals: true,
});
const matches = ({ name }: Row, word: string) => name.toLowerCase().includes(word.toLowerCase());
const unknown = positionals.filter((word) => !rows.some((row) => matches(row, word)));
const chosen = rows.filter((row) => positionals.length === 0 || positionals.some((word) => matches(row, word)));
if (values.list || unknown.length > 0) {
  for (const { name } of rows) process.stdout.write(`${name}\n`);
  if (unknown.length > 0) say(`no row has the word ${unknown.join(", ")}`);
  process.exit(unknown.length > 0 ? 2 : 0);
}

const folder = resolve(values.cache ?? "/var/tmp/forwardlab-engines");
mkdirSync(folder, { recursive: true });
const missing = obstacle(folder);
if (missing) {
  say(`npm run engines cannot run here: ${missing}`);
  process.exit(2);
}

const place = await openPlace(folder, values.cache !== undefined, say);
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(name, async () => {
    await place[Symbol.asyncDispose]();
    process.exit(128 + constants.signals[name]);
  });
}
const seconds = (ms: number) => (ms === 0 ? "–" : `${(ms / 1000).toFixed(1)} s`);
const lines: string[] = [];
try {
  for (const row of chosen) {
    const { engine, outcome, cold, warm } = await tryRow(row, place);
    lines.push(`| ${row.name} | ${engine || "–"} | ${outcome.replaceAll("|", "\\|")} | ${seconds(cold)} | ${seconds(warm)} |`);
  }
} finally {
  await place[Symbol.asyncDispose]();
}
const left = processesIn(folder);
process.stdout.write(
  [
    await circumstances(),
    "",
    "| engine | version | `verify examples/article` | first run | next run |",
    "| --- | --- | --- | --- | --- |",
    ...lines,
    ...left.map(({ pid, argv }) => `left behind: process ${pid} ${argv.join(" ")}`),
    "",
  ].join("\n"),
);
process.exitCode = left.length > 0 || lines.some((line) => /FAILS|NOT RUN/.test(line)) ? 1 : 0;

async function circumstances(): Promise<string> {
  const git = async (...words: string[]) => (await $({ cwd: repository, nothrow: true })`git ${words}`).stdout.trim();
  const [commit, changes] = [await git("rev-parse", "--short", "HEAD"), await git("status", "--porcelain")];
  const checkout = commit ? `commit ${commit}${changes ? " with changes" : ""}` : "not a git checkout";
  const system = (await $({ nothrow: true })`sh -c ${". /etc/os-release && echo $PRETTY_NAME"}`).stdout.trim();
  const cgroups = (await $({ nothrow: true })`stat -fc %T /sys/fs/cgroup`).stdout.trim() === "cgroup2fs" ? "v2" : "v1";
  return `${new Date().toISOString().slice(0, 10)}, ${checkout}; ${system}, kernel ${release()}, cgroups ${cgroups}, Node ${process.versions.node}`;
}
