/**
 * Fetches the Debian packages for a new system over several connections: apt uses one, and waits for each answer. The lists are apt's own, with
 * verified signatures; each package is checked against its hash in the lists.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { faultOf } from "../core/fault.ts";
import { run, toolError } from "./command.ts";
import { reachable } from "./package-lists.ts";
import { type Storing, storePackages } from "./stored-packages.ts";

/** Enough to hide how far away a mirror is. */
const CONNECTIONS = 8;
/** For one package. Milliseconds. */
const PACKAGE_MS = 20_000;

interface Wanted {
  /** Lines of sources.list(5). */
  sources: readonly string[];
  /** Lines of apt.conf(5) without which apt does not reach them. */
  options: readonly string[];
  /** Files of keys that sign Debian's archives, besides those that this machine's apt trusts. */
  keyrings: readonly string[];
  /** Arguments of `apt-get install` for each set of packages. */
  sets: Readonly<Record<string, readonly string[]>>;
}

export interface Fetched {
  /** A folder of apt's lists, the long ones compressed. */
  lists: string;
  /** A folder of packages; their contents are not compressed. */
  packages: string;
  /** The files of each set in that folder, including dependencies. */
  sets: Record<string, string[]>;
}

interface Package {
  uri: string;
  file: string;
  size: number;
  sha256: string;
}

/**
 * Fetches them into `folder`, which must be empty.
 * @throws UserError `image.base-build`, `engine.disk-full`
 */
export async function fetchPackages(folder: string, wanted: Wanted, env = process.env): Promise<Fetched> {
  const apt = await prepareApt(folder, wanted, env);
  await aptGet(["update", "--error-on=any"], apt.all);
  const lists = join(folder, "lists");
  await writeExcerpts(lists, apt.excerpts, Object.values(wanted.sets).flat());

  const asked = Object.entries(wanted.sets).map(async ([name, words]) => {
    const printed = await aptGet(["install", "--print-uris", ...INSTALL, ...words], apt.few);
    return [name, printedUris(printed)] as const;
  });
  const found = await Promise.all(asked);
  const needed = new Map(found.flatMap(([, packages]) => packages.map((each) => [each.file, each])));
  const packages = join(folder, "packages");
  mkdirSync(packages);
  const storing = storePackages(packages);
  const had = hasProxy(wanted.options, env) ? new Set<string>() : await fetchAll([...needed.values()], storing);
  const left = [...needed.keys()].filter((file) => !had.has(file));
  if (left.length > 0) {
    for (const words of Object.values(wanted.sets)) await aptGet(["install", "--download-only", ...INSTALL, ...words], apt.few);
    for (const file of left) storing.add(file, await readFile(join(apt.archives, file)));
  }
  await storing.end();
  return { lists, packages, sets: Object.fromEntries(found.map(([name, each]) => [name, each.map(({ file }) => file)])) };
}

const INSTALL = ["--yes", "--no-install-recommends"];

/** @returns its standard output */
async function aptGet(words: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const { code, stdout, output } = await run(["apt-get", ...words], { env });
  if (code === 0) return stdout;
  throw toolError("image.base-build", "the packages of a base image could not be fetched", output, {
    fault: faultOf("debian-packages", { packages: [] }),
    todo: "check that apt on this machine reaches a Debian mirror with this release, or give the engine access to a registry",
  });
}

/** Writes the relevant excerpts of the lists, and the signed files unchanged. Latin-1 keeps every byte as it is. */
async function writeExcerpts(lists: string, into: string, words: readonly string[]): Promise<void> {
  const names = readdirSync(lists);
  const long = names.filter((name) => name.endsWith("_Packages.gz"));
  const texts = await Promise.all(
    long.map(async (name) => (await promisify(gunzip)(await readFile(join(lists, name)))).toString("latin1")),
  );
  const packages = words.filter((word) => !word.startsWith("?")).map((word) => word.replace(/-$/, ""));
  const excerpts = reachable(texts, packages).map((text, index) => [long[index]?.replace(/\.gz$/, "") ?? "", text] as const);
  for (const [name, text] of excerpts) writeFileSync(join(into, name), text, "latin1");
  for (const name of names.filter((each) => /Release(\.gpg)?$/.test(each))) await copyFile(join(lists, name), join(into, name));
}

/** What `apt-get --print-uris` prints: `'URI' FILE SIZE SHA256:HASH`. */
export function printedUris(text: string): Package[] {
  const lines = text.matchAll(/^'(\S+)' ([^\s/]+\.deb) (\d+) SHA256:([0-9a-f]{64})$/gm);
  return [...lines].map(([, uri, file, size, sha256]) => ({ uri, file, size: Number(size), sha256 }) as Package);
}

interface Apt {
  /** Environment of an apt that uses the whole lists. */
  all: NodeJS.ProcessEnv;
  /** Environment of an apt that uses only the excerpts. */
  few: NodeJS.ProcessEnv;
  /** The folder for the excerpts. */
  excerpts: string;
  /** Where apt puts packages. */
  archives: string;
}

/** An apt that knows nothing of this machine: neither its settings nor what is installed. */
async function prepareApt(folder: string, { sources, options, keyrings }: Wanted, env: NodeJS.ProcessEnv): Promise<Apt> {
  const { stdout: architecture } = await run(["dpkg", "--print-architecture"]);
  const place = (name: string) => join(folder, name);
  for (const name of ["lists/partial", "excerpts/partial", "archives/partial"]) mkdirSync(place(name), { recursive: true });
  for (const [name, lines] of Object.entries({ status: [], "sources.list": sources })) {
    writeFileSync(place(name), lines.map((line) => `${line}\n`).join(""));
  }
  await trust(place("keys"), keyrings);
  const settings = {
    "Dir::Etc::main": "/dev/null",
    "Dir::Etc::parts": "/dev/null",
    "Dir::Etc::preferences": "/dev/null",
    "Dir::Etc::preferencesparts": "/dev/null",
    "Dir::Etc::sourcelist": place("sources.list"),
    "Dir::Etc::sourceparts": "/dev/null",
    "Dir::Etc::trustedparts": place("keys"),
    "Dir::State::status": place("status"),
    "Dir::Cache::archives": place("archives"),
    "Dir::Cache::pkgcache": "",
    "Dir::Cache::srcpkgcache": "",
    "APT::Architectures": architecture.trim(),
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
    "Acquire::GzipIndexes": "true",
    "Acquire::IndexTargets::deb::Packages::KeepCompressedAs": "gz",
    // A third more to fetch, a third of the time to decompress.
    "Acquire::CompressionTypes::Order::": "gz",
    "Acquire::ForceHash": "SHA256",
    "Debug::NoLocking": "true",
  };
  const withLists = (lists: string, further = {}) => {
    const config = place(`${lists}.conf`);
    const lines = Object.entries({ ...settings, "Dir::State::lists": place(lists), ...further }).map(
      ([name, value]) => `${name} "${value}";`,
    );
    writeFileSync(config, [...lines, ...options, ""].join("\n"));
    return { ...env, APT_CONFIG: config, LC_ALL: "C.UTF-8" };
  };
  // Otherwise apt would read all lists after an update, for nothing.
  const all = withLists("lists", { "pkgCacheFile::Generate": "false" });
  return { all, few: withLists("excerpts"), excerpts: place("excerpts"), archives: place("archives") };
}

/** Copies apt's own keys and further ones into a folder; apt looks at the file extension. */
async function trust(folder: string, keyrings: readonly string[]): Promise<void> {
  mkdirSync(folder);
  const own = "/etc/apt/trusted.gpg.d";
  const trusted = existsSync(own) ? readdirSync(own).filter((name) => /\.(gpg|asc)$/.test(name)) : [];
  for (const name of trusted) await copyFile(join(own, name), join(folder, name));
  for (const [index, file] of keyrings.entries()) await copyFile(file, join(folder, `further-${index}.gpg`));
}

function hasProxy(options: readonly string[], env: NodeJS.ProcessEnv): boolean {
  return (
    options.some((option) => /::Proxy\b/.test(option)) || ["http_proxy", "https_proxy"].some((name) => env[name] || env[name.toUpperCase()])
  );
}

/**
 * Stops at the first package that cannot be fetched: apt will say why.
 * @returns the files that were fetched
 */
async function fetchAll(packages: readonly Package[], storing: Storing): Promise<Set<string>> {
  const waiting = [...packages].sort((one, other) => other.size - one.size);
  const had = new Set<string>();
  const stop = new AbortController();
  const fetchOne = async ({ uri, file, size, sha256 }: Package) => {
    const content = uri.startsWith("file:") ? await readFile(fileURLToPath(uri)) : await download(uri, stop.signal);
    if (content.length !== size || createHash("sha256").update(content).digest("hex") !== sha256) throw new Error(`${uri} is another file`);
    storing.add(file, content);
    had.add(file);
  };
  const connection = async () => {
    for (let next = waiting.shift(); next && !stop.signal.aborted; next = waiting.shift()) {
      await fetchOne(next).catch((error) => stop.abort(error));
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, connection));
  return had;
}

async function download(uri: string, stopped: AbortSignal): Promise<Buffer> {
  const answer = await fetch(uri, { signal: AbortSignal.any([stopped, AbortSignal.timeout(PACKAGE_MS)]) });
  if (!answer.ok) throw new Error(`${uri}: ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}
