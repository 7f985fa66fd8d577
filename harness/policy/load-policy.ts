/** A policy file, checked, and all that it names, read. */

import { dirname, join, relative, resolve, sep } from "node:path";
import { formatUserError, type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { type LabSpec, mainServer } from "../core/lab-spec.ts";
import type { Progress, Step } from "../core/step.ts";
import { distinctWarnings, type Warning } from "../core/warning.ts";
import { AllowedFolders, anywhere } from "../files/allowed-folders.ts";
import type { ForwardArguments } from "../openssh/forward-arguments.ts";
import type { UserDatabase } from "../openssh/user-database.ts";
import { type AskedForwards, askedForwards, sourceOf } from "./asked-forwards.ts";
import { chosenCertificates } from "./certificates.ts";
import { chooseKeys, jumpWarnings } from "./chosen-keys.ts";
import { readClientConfig } from "./client-config.ts";
import { entryFaults } from "./entry-faults.ts";
import { forwardFaults } from "./forward-faults.ts";
import { groupMembers } from "./front-firewall.ts";
import { InputFiles, type PolicyPath } from "./input-files.ts";
import type { PolicyJump } from "./jumps.ts";
import { serverTree } from "./load-sshd-config.ts";
import { labSpecOf } from "./network.ts";
import type { Policy } from "./policy.ts";
import { PolicyErrors } from "./policy-errors.ts";
import { findPolicyFile, fromHere, readPolicyFile } from "./policy-file.ts";
import { type PolicyPaths, pathFaults, pathsOf } from "./policy-paths.ts";
import { referenceFaults } from "./policy-references.ts";
import { socketFaults } from "./policy-sockets.ts";
import { type ReadUnit, readUnit } from "./read-units.ts";
import { type RunInputs, readInputs } from "./run-inputs.ts";
import { sameListenerWarnings } from "./same-listener.ts";
import { schemaFaults } from "./schema-faults.ts";
import { serverFaults, serverNameFaults } from "./server-faults.ts";
import { readServerUsers, userFaults, withListedAccounts } from "./server-users.ts";
import { policyFor, serversOf, sourceFor } from "./servers.ts";
import { sysctlFaults, withDottedSysctls } from "./stated-sysctls.ts";
import { targetFaults } from "./target-faults.ts";
import { untestedLogins } from "./untested-logins.ts";
import { untestedMatches } from "./untested-matches.ts";
import { type KeyPath, parseYaml, type YamlSource } from "./yaml-source.ts";

/** A policy without faults, and where everything it names is. */
export interface LoadedPolicy {
  policy: Policy;
  /** Absolute path of the policy file. */
  file: string;
  /** There is such a file: the policy was not made of a command line. */
  stated: boolean;
  /** Accounts that nobody has: the criterion of a `Match` that holds for those whom each stands for; null where none does. */
  standIns?: Readonly<Record<string, string | null>>;
  /** The policy file relative to the working folder; as the user named it when it is outside. */
  display: string;
  /** Absolute path of the folder that paths in the policy are relative to. */
  folder: string;
  /** What the files say that it names. */
  inputs: RunInputs;
  /** The same of each server under `servers`. */
  servers: Record<string, RunInputs>;
  /** By forward: the servers that its ssh goes through (-J), in order. */
  through: Record<string, readonly PolicyJump[]>;
  /** By forward: index of the line that logs in, among the account's usable ones. */
  keyIndex: Record<string, number | undefined>;
  /** By forward: the user's certificate that logs in instead, as reports name its file. */
  certificate: Record<string, string | undefined>;
  /** By forward: `ssh:` as ssh reads it. */
  arguments: Record<string, ForwardArguments>;
  /** Names of forwards that a person opens at the same time, in order: judged one by one, each in the presence of the others. */
  together: readonly (readonly string[])[];
  /** By forward: its line in the policy file. */
  forwardLines: Record<string, number | undefined>;
  /** Where a value stands in the policy file, e.g. `["forwards", "rdp", "ssh"]`. */
  place(path: KeyPath): Place;
}

export interface LoadOptions {
  /** What the policy says, where no file does: `path` is where such a file would stand. */
  text?: string;
  /** Instead of a line of that text: where a value comes from, such as an option of a command. */
  placeOf?: (path: KeyPath) => Place;
  /** How reports name the policy file, or its folder. Left out: its path. */
  display?: string;
  /** Absolute paths of files, or of folders, that take the place of those that the policy names. */
  replace?: { sshd_config?: string; firewall?: string };
  /**
   * Where files that the policy names may lie, besides its own folder and the working folder; links count by where they lead.
   * Left out: nowhere.
   */
  allow?: "anywhere" | readonly string[];
  /** Told, in a line, of what takes longer than a second: firewalld runs for a copy of its folder. */
  progress?: Progress;
}

/** Whether the policy's author is trusted. */
export interface Trust {
  /** Files that the policy names may lie outside of its folder and the working folder. */
  allowOutside?: boolean;
  /** Images that it names are pulled where the engine lacks them. */
  pull?: boolean;
}

/** Of a run, what a policy's reader needs. */
export interface Told extends Trust {
  onEvent?: (event: { type: "step" } & Step) => void;
}

export function allowFor(
  { allowOutside = false, onEvent }: Told,
  folders: readonly string[] = [],
): Pick<LoadOptions, "allow" | "progress"> {
  return {
    allow: allowOutside ? "anywhere" : folders,
    ...(onEvent ? { progress: (step: Step) => onEvent({ type: "step", ...step }) } : {}),
  };
}

/**
 * Reads and checks a policy. A folder means `policy.yaml` in it.
 * Throws `PolicyErrors` with every fault found, each with file, line and column; `UserError` when there is no such file.
 */
export async function loadPolicy(path: string, options: LoadOptions = {}): Promise<LoadedPolicy> {
  const named = options.text === undefined ? await findPolicyFile(path) : path;
  const file = resolve(named);
  const shown = options.display !== undefined && named !== path ? join(options.display, "policy.yaml") : options.display;
  const display = shown ?? fromHere(file) ?? named;
  const folder = dirname(file);
  const text = options.text ?? readPolicyFile(file, display);
  const { source: written, errors } = parseYaml(text, display);
  const source = placedBy(written, options.placeOf);
  if (errors.length > 0) throw new PolicyErrors(display, errors);
  const wrong = schemaFaults(source);
  if (wrong.length > 0) throw new PolicyErrors(display, wrong);
  const repeated = sysctlFaults(source.value as Policy, source);
  if (repeated.length > 0) throw new PolicyErrors(display, repeated);
  const given = withDottedSysctls(source.value as Policy);
  const stated: Policy = options.replace ? replaced(given, options.replace, display) : given;

  const show = (absolute: string) => relative(folder, absolute).split(sep).join("/") || ".";
  const located = (name: string): PolicyPath => ({ absolute: resolve(folder, name), display: show(resolve(folder, name)) });
  const paths = pathsOf(stated, located);
  const allowed = allowedFolders(folder, options);
  const others = Object.keys(stated.servers ?? {});
  const missing = await pathFaults(policyFor(stated, mainServer), paths, source, allowed);
  for (const name of others) {
    const own = policyFor(stated, name);
    missing.push(...(await pathFaults(own, pathsOf(own, located), sourceFor(source, name), allowed)));
  }
  const files = new InputFiles();
  files.note(show(file), text);
  const config =
    paths.sshConfig && missing.length === 0 ? await readClientConfig(paths.sshConfig, files, allowed, paths.homeFiles) : undefined;
  const units = missing.length === 0 ? await readUnits(paths, files, allowed, source) : {};
  const asked = askedForwards({ policy: stated, config, units, source, spec: others.length > 0 ? specOrNone(stated) : undefined });
  const users = await readUsers(stated, located, files, missing);
  const policy = withListedAccounts({ ...stated, forwards: asked.forwards }, users);
  const placed = sourceOf(source, asked);
  const faults = [
    ...missing,
    ...asked.errors,
    ...referenceFaults(
      policy,
      placed,
      Object.keys(policy.forwards).filter((name) => asked.arguments[name] === undefined),
    ),
    ...serversOf(policy).flatMap((name) =>
      serverFaults(policyFor(policy, name), sourceFor(placed, name), name === mainServer ? name : `servers.${name}`),
    ),
    ...Object.entries(users).flatMap(([name, listed]) =>
      userFaults(policyFor(stated, name), listed, sourceFor(placed, name), name === mainServer ? name : `servers.${name}`),
    ),
    ...serverNameFaults(policy, placed),
    ...forwardFaults(policy, asked.arguments, placed),
    ...socketFaults(policy, asked.arguments, placed),
    ...networkFaults(policy, placed),
  ];
  if (faults.length > 0) throw new PolicyErrors(display, eachOnce(faults));
  const spec = labSpecOf(policy, { place: (keyPath) => placed.place(keyPath) });
  const unmeant = [entryFaults, targetFaults].flatMap((find) => find(policy, asked.arguments, spec, placed));
  if (unmeant.length > 0) throw new PolicyErrors(display, eachOnce(unmeant));
  const read = (name: string) => {
    const own = policyFor(policy, name);
    return readInputs(own, folder, pathsOf(own, located), files, {
      allowed,
      membersOf: groupMembers(policy, spec, name),
      ...(users[name] ? { users: users[name] } : {}),
      ...(options.progress ? { progress: options.progress } : {}),
    });
  };
  const inputs = await read(mainServer);
  const servers: Record<string, RunInputs> = {};
  for (const name of others) servers[name] = await read(name);
  const keys = chooseKeys(policy, asked.through, (name) => servers[name] ?? inputs, placed);
  if (keys.errors.length > 0) throw new PolicyErrors(display, eachOnce(keys.errors));
  return {
    policy,
    file,
    stated: options.text === undefined,
    display,
    folder,
    inputs: {
      ...inputs,
      files: files.all,
      warnings: [
        ...asked.warnings,
        ...sameListenerWarnings(policy, asked.arguments, asked.together),
        ...inputs.warnings,
        ...Object.entries(servers).flatMap(([name, own]) => own.warnings.map((each) => ({ ...each, server: name }))),
        ...jumpWarnings(keys.through, (name) => servers[name] ?? inputs),
        ...untestedLogins(policy, keys, (name) => servers[name] ?? inputs),
        ...(Object.keys(policy.forwards).length > 0 ? untestedOf(policy, spec, asked, (name) => servers[name] ?? inputs) : []),
      ],
    },
    servers,
    through: keys.through,
    keyIndex: keys.keyIndex,
    certificate: Object.assign(
      {},
      ...serversOf(policy).map((name) => chosenCertificates(policyFor(policy, name), pathsOf(policyFor(policy, name), located))),
    ),
    arguments: asked.arguments,
    together: asked.together,
    forwardLines: Object.fromEntries(Object.keys(policy.forwards).map((name) => [name, placed.keyPlace(["forwards", name]).line])),
    place: (keyPath) => placed.place(keyPath),
  };
}

/** By server: the accounts that its own files list, where they are given. */
async function readUsers(
  policy: Policy,
  located: (name: string) => PolicyPath,
  files: InputFiles,
  missing: readonly UserError[],
): Promise<Record<string, UserDatabase>> {
  const all: Record<string, UserDatabase> = {};
  if (missing.length > 0) return all;
  for (const name of serversOf(policy)) {
    const { sshdConfig, serverFiles } = pathsOf(policyFor(policy, name), located);
    const users = await readServerUsers(await serverTree(sshdConfig.absolute, sshdConfig.display, serverFiles), files);
    if (users) all[name] = users;
  }
  return all;
}

function placedBy(source: YamlSource, placeOf: LoadOptions["placeOf"]): YamlSource {
  return placeOf ? { ...source, place: placeOf, keyPlace: placeOf } : source;
}

/** Servers may have a config in common. */
function untestedOf(
  policy: Policy,
  spec: LabSpec,
  { through, arguments: given }: Pick<AskedForwards, "through" | "arguments">,
  inputsOf: (server: string) => RunInputs,
): Warning[] {
  const all = serversOf(policy).flatMap((server) => {
    const { sshdConfig: config, users } = inputsOf(server);
    return untestedMatches(policy, spec, { server, config, users, through, given });
  });
  return distinctWarnings(all);
}

function allowedFolders(folder: string, { allow = [], replace = {} }: LoadOptions): AllowedFolders {
  if (allow === "anywhere") return anywhere;
  return new AllowedFolders([folder, process.cwd(), ...allow, ...Object.values(replace).map((path) => dirname(path))]);
}

/** One file cannot take the place of two dumps: the other family would be without rules. */
function replaced(policy: Policy, replace: NonNullable<LoadOptions["replace"]>, display: string): Policy {
  const { firewall } = policy.server;
  if (replace.firewall !== undefined && Array.isArray(firewall) && firewall.length > 1) {
    throw new UserError("diff-policy", `${display} names two firewall files, and one cannot take the place of both`, {
      fault: faultOf("policy-two-firewalls", { policy: display }),
      place: { file: display },
      found: firewall.join(", "),
      expected: "a policy with one firewall file",
      todo: "compare it with a copy of the policy that names the new files",
    });
  }
  return { ...policy, server: { ...policy.server, ...replace } };
}

/** The lab's network; undefined where the policy's has faults, which are told elsewhere. */
function specOrNone(policy: Policy): LabSpec | undefined {
  try {
    return labSpecOf(policy);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** By forward: its unit, or why it cannot be read. */
async function readUnits(
  paths: PolicyPaths,
  files: InputFiles,
  allowed: AllowedFolders,
  source: YamlSource,
): Promise<Record<string, ReadUnit | UserError>> {
  const reader = { files, allowed, given: paths.homeFiles, givenBy: "home.files" };
  const units: Record<string, ReadUnit | UserError> = {};
  for (const [name, at] of Object.entries(paths.units)) {
    units[name] = await readUnit(at, source.place(["forwards", name, "unit"]), reader).catch((error: unknown) => {
      if (error instanceof UserError) return error;
      throw error;
    });
  }
  return units;
}

/** Forwards of one entry have their faults in common. */
function eachOnce(faults: readonly UserError[]): UserError[] {
  return [...new Map(faults.map((fault) => [formatUserError(fault), fault])).values()];
}

function networkFaults(policy: Policy, source: YamlSource): readonly UserError[] {
  try {
    labSpecOf(policy, { place: (path) => source.place(path) });
    return [];
  } catch (error) {
    if (error instanceof PolicyErrors) return error.errors;
    if (error instanceof UserError) return [error];
    throw error;
  }
}
