/**
 * Fetches Debian packages ahead of whoever installs them, over several connections: apt has one, and waits for each answer. The lists are
 * apt's own, whose signatures it checked; each package is held against the hash in them.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./command.ts";

/** Enough to hide how far away a mirror is. */
const CONNECTIONS = 8;
/** For one package. Milliseconds. */
const PACKAGE_MS = 20_000;

interface Wanted {
  /** Lines of sources.list(5). */
  sources: readonly string[];
  /** Lines of apt.conf(5) without which apt does not reach them. */
  options: readonly string[];
  /** Words of `apt-get install`. */
  packages: readonly string[];
}

export interface Fetched {
  /** A folder of apt's lists, the long ones compressed by gzip. */
  lists: string;
  /** A folder of the same with nothing but the packages that were fetched: apt has read it at once. */
  excerpts: string;
  /** A folder of packages. */
  packages: string;
}

interface Package {
  uri: string;
  file: string;
  size: number;
  sha256: string;
}

/**
 * Into `folder`, which is empty. Nothing depends on it: what is missing afterwards, apt fetches.
 * @returns undefined where apt does not get the lists, or has another way to its mirror than this process
 */
export async function fetchPackages(folder: string, wanted: Wanted, env = process.env): Promise<Fetched | undefined> {
  if (wanted.sources.length === 0 || hasProxy(wanted.options, env)) return undefined;
  const { stdout: architecture } = await run(["dpkg", "--print-architecture"]);
  const apt = prepareApt(folder, wanted, architecture.trim());
  const { code } = await run(["apt-get", "update", "--error-on=any"], apt);
  if (code !== 0) return undefined;
  const lists = join(folder, "lists");
  const indexes = readdirSync(lists).filter((name) => name.endsWith("_Packages"));
  const compressed = run(["gzip", "-1", "--keep", ...indexes.map((name) => join(lists, name))]);
  const ask = ["apt-get", "install", "--print-uris", "--yes", "--no-install-recommends", ...wanted.packages];
  const needed = printedUris((await run(ask, apt)).stdout);
  const packages = join(folder, "packages");
  mkdirSync(packages);
  await fetchAll(needed, packages);
  const excerpts = join(folder, "excerpts");
  await writeExcerpts(lists, excerpts, new Set(needed.map(({ sha256 }) => sha256)));
  return (await compressed).code === 0 ? { lists, excerpts, packages } : undefined;
}

async function writeExcerpts(lists: string, into: string, wanted: ReadonlySet<string>): Promise<void> {
  mkdirSync(into);
  for (const name of readdirSync(lists).filter((each) => /Release$|_Packages$/.test(each))) {
    const text = await readFile(join(lists, name), "utf8");
    await writeFile(join(into, name), name.endsWith("_Packages") ? excerptOf(text, wanted) : text);
  }
}

/** Of a list of packages, the paragraphs of those with these SHA256 hashes. */
export function excerptOf(list: string, wanted: ReadonlySet<string>): string {
  const paragraphs = list.split(/\n\n+/).filter((paragraph) => wanted.has(/^SHA256: (\S+)$/m.exec(paragraph)?.[1] ?? ""));
  return paragraphs.map((paragraph) => `${paragraph.trimEnd()}\n\n`).join("");
}

/** What `apt-get --print-uris` prints: `'URI' FILE SIZE SHA256:HASH`. */
export function printedUris(text: string): Package[] {
  const lines = text.matchAll(/^'(\S+)' ([^\s/]+\.deb) (\d+) SHA256:([0-9a-f]{64})$/gm);
  return [...lines].map(([, uri, file, size, sha256]) => ({ uri, file, size: Number(size), sha256 }) as Package);
}

/** An apt that knows nothing of this machine: neither its settings nor what is installed. */
function prepareApt(folder: string, { sources, options }: Wanted, architecture: string): { env: NodeJS.ProcessEnv } {
  for (const name of ["lists/partial", "archives/partial"]) mkdirSync(join(folder, name), { recursive: true });
  for (const [name, lines] of Object.entries({ status: [], "sources.list": sources })) {
    writeFileSync(join(folder, name), lines.map((line) => `${line}\n`).join(""));
  }
  const settings = {
    "Dir::Etc::main": "/dev/null",
    "Dir::Etc::parts": "/dev/null",
    "Dir::Etc::preferences": "/dev/null",
    "Dir::Etc::preferencesparts": "/dev/null",
    "Dir::Etc::sourcelist": join(folder, "sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::State::lists": join(folder, "lists"),
    "Dir::State::status": join(folder, "status"),
    "Dir::Cache::archives": join(folder, "archives"),
    "Dir::Cache::pkgcache": join(folder, "pkgcache.bin"),
    "Dir::Cache::srcpkgcache": "",
    "APT::Architectures": architecture,
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
    // Compressed, a list is read anew for each package in it.
    "Acquire::GzipIndexes": "false",
    // A third more to fetch, a third of the time to decompress.
    "Acquire::CompressionTypes::Order::": "gz",
    "Acquire::ForceHash": "SHA256",
    "Debug::NoLocking": "true",
  };
  const config = join(folder, "apt.conf");
  writeFileSync(config, [...Object.entries(settings).map(([name, value]) => `${name} "${value}";`), ...options, ""].join("\n"));
  return { env: { ...process.env, APT_CONFIG: config, LC_ALL: "C.UTF-8" } };
}

function hasProxy(options: readonly string[], env: NodeJS.ProcessEnv): boolean {
  return (
    options.some((option) => /::Proxy\b/.test(option)) || ["http_proxy", "https_proxy"].some((name) => env[name] || env[name.toUpperCase()])
  );
}

/** Ends with the first that cannot be had: apt will say why. */
async function fetchAll(packages: readonly Package[], into: string): Promise<void> {
  const waiting = [...packages].sort((one, other) => other.size - one.size);
  const stop = new AbortController();
  const connection = async () => {
    for (let next = waiting.shift(); next && !stop.signal.aborted; next = waiting.shift()) {
      await fetchOne(next, into, stop.signal).catch((error) => stop.abort(error));
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
}

async function fetchOne({ uri, file, size, sha256 }: Package, into: string, stopped: AbortSignal): Promise<void> {
  const answer = await fetch(uri, { signal: AbortSignal.any([stopped, AbortSignal.timeout(PACKAGE_MS)]) });
  if (!answer.ok) throw new Error(`${uri}: ${answer.status}`);
  const content = Buffer.from(await answer.arrayBuffer());
  if (content.length !== size || createHash("sha256").update(content).digest("hex") !== sha256) throw new Error(`${uri} is another file`);
  await writeFile(join(into, `${file}.part`), content);
  renameSync(join(into, `${file}.part`), join(into, file));
}
