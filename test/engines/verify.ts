/** The command, from this checkout, on some engine. */
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { $ } from "zx";
import type { Result } from "../../harness/core/result.ts";
import { repository } from "./debian-root.ts";
import type { Place } from "./place.ts";

/** How the command reaches the engine. */
export interface Way {
  env: Record<string, string>;
  /** Words before `node`. */
  as?: readonly string[];
  /** What the command calls a file of this machine's. */
  path?(path: string): string;
  /** Another engine, for the second half. */
  second?: Way;
}

export interface Verified {
  result?: Result;
  /** On standard error. */
  said: string;
  ms: number;
}

const example = join(repository, "examples/article");

export async function verify(way: Way, place: Place, more: readonly string[] = []): Promise<Verified> {
  await using reports = reportFolder(place);
  const report = join(reports.folder, "result.json");
  const { path = same } = way;
  const began = performance.now();
  const { said } = await command(way, place, ["verify", path(example), "--quiet", ...more, "--report", `json=${path(report)}`]);
  const ms = performance.now() - began;
  return { ...(existsSync(report) ? { result: read(report) } : {}), said, ms };
}

/** One half on each of two engines, joined. */
export async function verifyHalves(first: Way, second: Way, place: Place): Promise<Verified> {
  await using reports = reportFolder(place);
  const at = (name: string) => join(reports.folder, name);
  const began = performance.now();
  const halves = await Promise.all(
    [first, second].map((way, index) =>
      command(way, place, ["verify", example, "--quiet", "--shard", `${index + 1}/2`, "--report", `json=${at(`${index}.json`)}`]),
    ),
  );
  const { said } = await command({ env: {} }, place, [
    "merge",
    at("0.json"),
    at("1.json"),
    "--quiet",
    "--report",
    `json=${at("whole.json")}`,
  ]);
  const all = [...halves.map((half) => half.said), said].join("");
  return { ...(existsSync(at("whole.json")) ? { result: read(at("whole.json")) } : {}), said: all, ms: performance.now() - began };
}

/** Removes forwardlab's images from an engine with a socket here. @returns the tags of those that are still there */
export async function prune(way: Way, place: Place): Promise<string[]> {
  await forwardlab(way, place, ["prune", "--images"]);
  const socket = (way.env.DOCKER_HOST ?? "").replace("unix://", "");
  const images = JSON.parse((await $`curl -sf --unix-socket ${socket} http://engine/images/json`).stdout) as {
    RepoTags: string[] | null;
  }[];
  return images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.includes("forwardlab"));
}

/** @throws Error with what the command said, if it fails */
export async function forwardlab(way: Way, place: Place, words: readonly string[]): Promise<void> {
  const { code, said } = await command(way, place, words);
  if (code !== 0) throw new Error(`forwardlab ${words.join(" ")}: ${said}`);
}

async function command(
  { env, as = [], path = same }: Way,
  { folder }: Place,
  words: readonly string[],
): Promise<{ code: number | null; said: string }> {
  const node = [process.execPath, "--no-warnings", join(repository, "harness/cli/main.ts")].map(path);
  const [program = "", ...args] = [...as, ...node, ...words];
  const child = spawn(program, args, {
    cwd: repository,
    env: { ...process.env, FORWARDLAB_CACHE: join(folder, "cache"), ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const [said, code] = await Promise.all([text(child.stderr), new Promise<number | null>((done) => child.on("close", done))]);
  return { code, said };
}

/** Whoever the command runs as. */
function reportFolder({ shared }: Place): AsyncDisposable & { folder: string } {
  const folder = mkdtempSync(join(shared, "report-"));
  chmodSync(folder, 0o777);
  return { folder, [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }) };
}

const same = (path: string) => path;
const read = (report: string) => JSON.parse(readFileSync(report, "utf8")) as Result;
