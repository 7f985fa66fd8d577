/** `verify --watch`: policies are judged again whenever one of their files is saved, in labs that go on. */

import { readdirSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { UserError } from "../core/errors.ts";
import type { Fleet } from "../core/fleet.ts";
import type { Result } from "../core/result.ts";
import { type Step, stepOf } from "../core/step.ts";
import { type Burst, WatchedFolders } from "../files/watched-folders.ts";
import { fleetOf, serverError, serverNames } from "../judgement/fleet.ts";
import { findPolicies, policyFolders } from "../policy/find-policies.ts";
import { allowFor, type LoadedPolicy, loadPolicy } from "../policy/load-policy.ts";
import { formatErrors, PolicyErrors } from "../policy/policy-errors.ts";
import { failureOf } from "../session/failure.ts";
import { type LabOptions, RunningLabs, type Verified } from "./running-labs.ts";
import { toolVersion } from "./tool-version.ts";
import type { VerifyOptions } from "./verify.ts";
import type { FleetOptions } from "./verify-fleet.ts";

export interface Judged {
  result: Result | undefined;
  /** Why there is none: the files as they are now. */
  error: UserError | undefined;
  /** From the change to the result, milliseconds. */
  ms: number;
}

export interface FleetJudged {
  /** All servers; those whose files have not changed have the result that they had. */
  fleet: Fleet;
  /** Names of the servers that were judged now. */
  judged: string[];
  /** From the change to the result, milliseconds. */
  ms: number;
}

/**
 * Runs until the signal. A policy that needs another network gets a lab of its own.
 * @throws what is no fault of the user's files
 */
export async function watchPolicy(path: string, options: VerifyOptions, onJudged: (judged: Judged) => Promise<void>): Promise<void> {
  const folder = isFolder(path) ? path : dirname(path);
  await using watched = new WatchedPolicies({ paths: () => [path], folders: () => [folder] }, options, new RunningLabs(options, 1));
  for await (const { members, ms } of watched.rounds()) {
    const [{ result, error }] = members as [Member];
    await onJudged({ result: result ?? undefined, error: error ?? undefined, ms });
  }
}

/**
 * Runs until the signal. All policies are judged at once, later those whose files have changed; one that appears in a folder, or matches a pattern, joins
 * them.
 * @param words files, folders, patterns, as `verify` takes them
 * @throws what is no fault of the user's files; UserError `policy-not-found` for words that name no policy
 */
export async function watchFleet(
  words: readonly string[],
  options: Omit<FleetOptions, "shard">,
  onJudged: (judged: FleetJudged) => Promise<void>,
): Promise<void> {
  const named = { paths: () => findPolicies(words).paths, folders: (found: readonly string[]) => policyFolders(words, found) };
  await using watched = new WatchedPolicies(named, options, new RunningLabs({ ...options, onEvent: undefined }, options.labs));
  for await (const { members, judged, startedAt, ms } of watched.rounds()) {
    const names = serverNames(members.map(({ display }) => display));
    const fleet = fleetOf(
      members.map(({ display, result, error }, at) => ({
        name: names[at] as string,
        policy: display,
        result,
        error: error && serverError(error),
      })),
      {
        tool: { name: "forwardlab", version: toolVersion },
        startedAt: startedAt.toISOString(),
        durationMs: Math.round(ms),
        labs: watched.labs,
        policies: names,
      },
    );
    await onJudged({ fleet, judged: names.filter((_, at) => judged.has(members[at] as Member)), ms });
  }
}

/** One policy, and what came of it. */
interface Member {
  readonly path: string;
  /** Its own. */
  readonly folder: string;
  display: string;
  /** Where the files lie that were read of it. */
  folders: ReadonlySet<string>;
  /** Still to be judged. */
  loaded: LoadedPolicy | undefined;
  /** Of the files that the result is about. */
  judgedHash: string | undefined;
  result: Result | null;
  error: UserError | null;
}

interface Round {
  members: readonly Member[];
  judged: ReadonlySet<Member>;
  startedAt: Date;
  ms: number;
}

/** What is watched, which may become more. */
interface Named {
  /** @throws UserError where there is none */
  paths(): string[];
  /** Where more may appear. */
  folders(found: readonly string[]): string[];
}

class WatchedPolicies implements AsyncDisposable {
  readonly #named: Named;
  readonly #options: LabOptions;
  readonly #labs: RunningLabs;
  readonly #folders = new WatchedFolders();
  #members = new Map<string, Member>();

  constructor(named: Named, options: LabOptions, labs: RunningLabs) {
    this.#named = named;
    this.#options = options;
    this.#labs = labs;
  }

  /** How many were started so far. */
  get labs(): number {
    return this.#labs.started;
  }

  /** At once, and after each change until the signal. */
  async *rounds(): AsyncGenerator<Round> {
    const { signal } = this.#options;
    let burst: Burst | undefined;
    do {
      const startedAt = new Date();
      const began = burst?.began ?? performance.now();
      const before = [...this.#members.keys()];
      const judged = new Set<Member>();
      do {
        await this.#read(burst?.take(), judged);
        await this.#judge(judged);
        // What was judged may have been half of a file.
        await burst?.over;
      } while (burst?.goesOn && !signal?.aborted);
      signal?.throwIfAborted();
      const members = [...this.#members.values()];
      const others = before.length !== members.length || members.some(({ path }, at) => path !== before[at]);
      if (others || judged.size > 0) yield { members, judged, startedAt, ms: performance.now() - began };
      burst = await this.#folders.next(signal);
    } while (burst);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#folders[Symbol.dispose]();
    await this.#labs[Symbol.asyncDispose]();
  }

  /** Policies of which something lies in these folders, and new ones. Left out: all. Those that cannot be read are judged by that. */
  async #read(folders: readonly string[] | undefined, judged: Set<Member>): Promise<void> {
    const known = this.#members;
    // Folders first: what is written to them from now on is a further change.
    for (const folder of this.#named.folders([...known.keys()])) this.#folders.add(resolve(folder));
    this.#members = new Map(this.#paths().map((path) => [path, known.get(path) ?? memberOf(path)]));
    for (const [path, member] of this.#members)
      if (!folders || !known.has(path) || folders.some((each) => member.folders.has(each))) await this.#load(member, judged);
  }

  #paths(): string[] {
    try {
      return this.#named.paths();
    } catch (error) {
      // They were there: each of them tells what has become of it.
      if (this.#members.size === 0 || !(error instanceof UserError)) throw error;
      return [...this.#members.keys()];
    }
  }

  async #load(member: Member, judged: Set<Member>): Promise<void> {
    try {
      let [loaded, watched] = [undefined as LoadedPolicy | undefined, 0];
      do {
        watched = this.#folders.watched;
        loaded = await loadPolicy(member.path, allowFor(this.#options));
        member.folders = this.#watch(foldersOf(loaded));
        // A file may have been saved after it was read and before its folder was watched.
      } while (this.#folders.watched > watched);
      member.display = loaded.display;
      member.loaded = hashOf(loaded) === member.judgedHash ? undefined : loaded;
    } catch (thrown) {
      const error = failureOf(thrown);
      if (!(error instanceof UserError)) throw error;
      member.folders = this.#watch([member.folder, ...member.folders, ...faultyFolders(member, error)]);
      const known = member.error && formatErrors(member.error) === formatErrors(error);
      fail(member, error);
      if (!known) judged.add(member);
    }
  }

  /** Of a folder that is not there: the one in which it may appear. */
  #watch(folders: readonly string[]): Set<string> {
    const there = (folder: string): string => (this.#folders.add(folder) ? folder : there(dirname(folder)));
    return new Set(folders.map(there));
  }

  async #judge(judged: Set<Member>): Promise<void> {
    const waiting = new Map([...this.#members.values()].flatMap((member) => (member.loaded ? [[member.loaded, member] as const] : [])));
    const of = waiting.size;
    if (of === 0) return;
    if (this.#labs.started > 0) this.#tell(stepOf("files-changed", { servers: of }));
    const settle = (policy: LoadedPolicy, { result, error }: Verified) => {
      const member = waiting.get(policy) as Member;
      waiting.delete(policy);
      if (error) fail(member, error);
      else Object.assign(member, { loaded: undefined, judgedHash: hashOf(policy), result, error });
      judged.add(member);
      if (of > 1)
        this.#tell(stepOf("server-done", { name: member.display, outcome: result?.outcome ?? null, done: of - waiting.size, of }));
    };
    try {
      await this.#labs.verify([...waiting.keys()], settle);
    } catch (thrown) {
      const error = failureOf(thrown);
      if (this.#options.signal?.aborted || !(error instanceof UserError)) throw error;
      for (const policy of [...waiting.keys()]) settle(policy, { result: null, error });
    }
  }

  #tell(step: Step): void {
    this.#options.onEvent?.({ type: "step", ...step });
  }
}

function memberOf(path: string): Member {
  const file = isFolder(path) ? join(path, "policy.yaml") : path;
  const folder = dirname(resolve(file));
  return { path, folder, display: file, folders: new Set(), loaded: undefined, judgedHash: undefined, result: null, error: null };
}

/** Whatever its files are now, it is judged again when one of them is saved. */
function fail(member: Member, error: UserError): void {
  Object.assign(member, { loaded: undefined, judgedHash: undefined, result: null, error });
}

function hashOf({ inputs }: LoadedPolicy): string {
  return JSON.stringify(inputs.files.map(({ display, sha256 }) => [display, sha256]));
}

function foldersOf({ folder, inputs }: LoadedPolicy): string[] {
  const own = [...new Set(inputs.files.map(({ display }) => dirname(resolve(folder, display))))];
  // An empty `sshd_config.d` may get its first file.
  const parts = (each: string) =>
    readdirSync(each, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() && entry.name.endsWith(".d") ? [join(each, entry.name)] : [],
    );
  return own.flatMap((each) => [each, ...parts(each)]);
}

/** Where the files lie that are wrong. */
function faultyFolders({ folder }: Member, error: UserError): string[] {
  const places = error instanceof PolicyErrors ? error.errors.map(({ place }) => place) : [error.place];
  return places.flatMap((place) => (place?.file === undefined ? [] : [dirname(resolve(folder, place.file))]));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
