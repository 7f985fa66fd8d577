/** The one place of this folder that reads the disk: a policy file, and whether the paths in it exist. */
import { readFile, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import { type Place, UserError } from "../core/errors.ts";
import { type ForwardArguments, parseForwardArguments } from "../openssh/forward-arguments.ts";
import { labSpecOf } from "./network.ts";
import { accountOf, accountsOf, type Policy, type PolicyForward } from "./policy.ts";
import { PolicyErrors } from "./policy-errors.ts";
import { referenceFaults } from "./policy-references.ts";
import { socketFaults } from "./policy-sockets.ts";
import { schemaFaults } from "./schema-faults.ts";
import { type KeyPath, parseYaml, type YamlSource } from "./yaml-source.ts";

/** A path of the policy: where it is, and how reports show it. */
export interface PolicyPath {
  absolute: string;
  /** Relative to the policy file, with forward slashes, no leading `./`. */
  display: string;
}

/** A policy without faults, and where everything it names is. */
export interface LoadedPolicy {
  policy: Policy;
  /** Absolute path of the policy file. */
  file: string;
  /** The policy file relative to the working folder; as the user named it when it is outside. */
  display: string;
  /** Absolute path of the folder that paths in the policy are relative to. */
  folder: string;
  /** Text of the policy file. */
  text: string;
  sshdConfig: PolicyPath;
  /** One ruleset or folder; or the IPv4 and the IPv6 dump; undefined: no firewall. */
  firewall: PolicyPath[] | undefined;
  /** By account; an account without a file is missing. */
  authorizedKeys: Record<string, PolicyPath>;
  /** By forward: `ssh:` as ssh reads it. */
  arguments: Record<string, ForwardArguments>;
  /** By forward: its line in the policy file. */
  forwardLines: Record<string, number | undefined>;
  /** Where a value stands in the policy file, e.g. `["forwards", "rdp", "ssh"]`. */
  place(path: KeyPath): Place;
  /** A path relative to the policy file, as reports show it. */
  show(absolute: string): string;
}

/**
 * Reads and checks a policy. A folder means `policy.yaml` in it.
 * Throws `PolicyErrors` with every fault found, each with file, line and column; `UserError` when there is no such file.
 */
export async function loadPolicy(path: string): Promise<LoadedPolicy> {
  const named = await policyFile(path);
  const file = resolve(named);
  const display = fromHere(file) ?? named;
  const folder = dirname(file);
  const text = await readPolicy(display);
  const { source, errors } = parseYaml(text, display);
  if (errors.length > 0) throw new PolicyErrors(display, errors);
  const wrong = schemaFaults(source);
  if (wrong.length > 0) throw new PolicyErrors(display, wrong);
  const policy = source.value as Policy;

  const show = (absolute: string) => relative(folder, absolute).split(sep).join("/") || ".";
  const located = (name: string): PolicyPath => ({ absolute: resolve(folder, name), display: show(resolve(folder, name)) });
  const firewall = policy.server.firewall;
  const read = readArguments(policy, source);
  const loaded: LoadedPolicy = {
    policy,
    file,
    display,
    folder,
    text,
    sshdConfig: located(policy.server.sshd_config),
    firewall: firewall === undefined ? undefined : [firewall].flat().map(located),
    authorizedKeys: Object.fromEntries(
      Object.entries(accountsOf(policy)).flatMap(([account, { authorized_keys }]) =>
        authorized_keys === undefined ? [] : [[account, located(authorized_keys)]],
      ),
    ),
    arguments: read.arguments,
    forwardLines: Object.fromEntries(Object.keys(policy.forwards).map((name) => [name, source.keyPlace(["forwards", name]).line])),
    place: (keys) => source.place(keys),
    show,
  };
  const faults = [
    ...read.errors,
    ...referenceFaults(policy, source),
    ...socketFaults(policy, read.arguments, source),
    ...networkFaults(policy, source),
    ...(await pathFaults(loaded, source)),
    ...(await keyFaults(loaded, source)),
  ];
  if (faults.length > 0) throw new PolicyErrors(display, faults);
  return loaded;
}

/** Relative to the working folder, when inside it: what CI systems and editors take. */
function fromHere(file: string): string | undefined {
  const path = relative(process.cwd(), file);
  return path === "" || path.startsWith("..") || isAbsolute(path) ? undefined : path;
}

async function policyFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) {
    const inside = join(path, "policy.yaml");
    if (await stat(inside).catch(() => undefined)) return inside;
    throw new UserError("policy-not-found", `the folder ${path} holds no policy.yaml`, {
      place: { file: inside },
      found: "no such file",
      expected: "a policy file",
      todo: "name the policy file; docs/policy.md shows one",
    });
  }
  return path;
}

async function readPolicy(file: string): Promise<string> {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(file));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    throw new UserError("policy-not-found", `the policy ${file} cannot be read`, {
      place: { file },
      found:
        code === "ENOENT"
          ? "no such file"
          : code === "ERR_ENCODING_INVALID_ENCODED_DATA"
            ? "bytes that are not UTF-8"
            : (error as Error).message,
      expected: "a policy file (YAML, UTF-8), or a folder that holds policy.yaml",
      todo: "check the path; docs/policy.md shows a policy",
      cause: error,
    });
  }
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

function readArguments(policy: Policy, source: YamlSource): { arguments: Record<string, ForwardArguments>; errors: UserError[] } {
  const read: { arguments: Record<string, ForwardArguments>; errors: UserError[] } = { arguments: {}, errors: [] };
  for (const [name, forward] of Object.entries(policy.forwards)) {
    try {
      read.arguments[name] = parseForwardArguments(forward.ssh, source.place(["forwards", name, "ssh"]));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      read.errors.push(error);
    }
  }
  return read;
}

/** Paths of the policy that do not exist. */
async function pathFaults(loaded: LoadedPolicy, source: YamlSource): Promise<UserError[]> {
  const named: { path: KeyPath; at: PolicyPath; what: string }[] = [
    { path: ["server", "sshd_config"], at: loaded.sshdConfig, what: "an sshd_config, or a folder laid out like /etc/ssh" },
    ...(loaded.firewall ?? []).map((at, index, all) => ({
      path: all.length > 1 ? ["server", "firewall", index] : ["server", "firewall"],
      at,
      what: all.length > 1 ? `an iptables-save dump for IPv${index === 0 ? 4 : 6}` : "an nft ruleset",
    })),
    ...Object.entries(loaded.authorizedKeys).map(([account, at]) => ({
      path: ["server", "accounts", account, "authorized_keys"],
      at,
      what: "an authorized_keys file",
    })),
  ];
  const errors: UserError[] = [];
  for (const { path, at, what } of named) {
    const found = await stat(at.absolute).catch((error: NodeJS.ErrnoException) => error.code ?? "unreadable");
    const wrongKind =
      typeof found !== "string" && found.isDirectory() && (path.at(-1) === "authorized_keys" || typeof path.at(-1) === "number");
    if (typeof found !== "string" && !wrongKind) {
      if (path.at(-1) !== "sshd_config" || !found.isDirectory()) continue;
      if (await stat(join(at.absolute, "sshd_config")).catch(() => undefined)) continue;
      errors.push(
        new UserError("policy-path", `the folder ${at.display} holds no sshd_config`, {
          place: source.place(path),
          found: at.display,
          expected: what,
        }),
      );
      continue;
    }
    errors.push(
      new UserError(
        "policy-path",
        `${at.display} ${wrongKind ? "is a folder" : found === "ENOENT" ? "does not exist" : `cannot be read (${String(found)})`}`,
        {
          place: source.place(path),
          found: at.display,
          expected: what,
          todo: "paths are relative to the policy file",
        },
      ),
    );
  }
  return errors;
}

/** Forwards whose `key` names no line of the account's authorized_keys. */
async function keyFaults(loaded: LoadedPolicy, source: YamlSource): Promise<UserError[]> {
  const errors: UserError[] = [];
  for (const [name, forward] of Object.entries(loaded.policy.forwards)) {
    if (forward.key === undefined) continue;
    const fault = await keyFault(loaded, forward, forward.key);
    if (fault)
      errors.push(
        new UserError("policy-value", `forwards.${name}.key names no key`, {
          place: source.place(["forwards", name, "key"]),
          found: String(forward.key),
          ...fault,
        }),
      );
  }
  return errors;
}

async function keyFault(
  loaded: LoadedPolicy,
  forward: PolicyForward,
  key: string | number,
): Promise<{ expected: string; todo?: string } | undefined> {
  const account = accountOf(loaded.policy, forward);
  const file = account === undefined ? undefined : loaded.authorizedKeys[account];
  if (account === undefined) return undefined;
  if (!file) return { expected: `an account with authorized_keys (${account} has none)`, todo: "remove `key`" };
  const text = await readFile(file.absolute, "utf8").catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split("\n").map((line) => line.trim());
  const holdsKey = (line: string | undefined) => line !== undefined && line !== "" && !line.startsWith("#");
  const matches = typeof key === "number" ? holdsKey(lines[key - 1]) : lines.some((line) => holdsKey(line) && line.endsWith(` ${key}`));
  if (matches) return undefined;
  const numbers = lines.flatMap((line, index) => (holdsKey(line) ? [index + 1] : []));
  return {
    expected: `the number of a line of ${file.display} that holds a key (${numbers.join(", ") || "there is none"}), or a key's comment`,
  };
}
