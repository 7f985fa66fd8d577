/** Each forward that the policy asks for: an `ssh:` line, or a host of the ssh_config, may ask for several. */
import { UserError } from "../core/errors.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import { autosshNote } from "../openssh/autossh.ts";
import { type ForwardArguments, parseSshArguments } from "../openssh/forward-arguments.ts";
import type { SshConfigLine } from "../openssh/ssh-config.ts";
import { optionsOf } from "./client-config.ts";
import { NamedServers, type PolicyJump } from "./jumps.ts";
import { accountOf, type Policy, type PolicyForward, statedTargets } from "./policy.ts";
import type { YamlSource } from "./yaml-source.ts";

export interface AskedForwards {
  /** By name; several of one entry are `rdp-1`, `rdp-2`, … in ssh's order. Each has an `ssh` of its own. */
  forwards: Record<string, PolicyForward>;
  /** As ssh reads them. */
  arguments: Record<string, ForwardArguments>;
  /** By name: the servers that ssh goes through; none for a forward without -J. */
  through: Record<string, readonly PolicyJump[]>;
  /** Name -> the entry of the policy that it comes from. */
  entryOf: Record<string, string>;
  /** Names of those that a person opens at the same time, in order. */
  together: string[][];
  errors: UserError[];
  warnings: string[];
}

export interface Asking {
  policy: Policy;
  /** Lines of `home.ssh_config`; undefined: not given, or it cannot be read. */
  config: readonly SshConfigLine[] | undefined;
  source: YamlSource;
  /** The lab, where the policy has several servers: lines with -J name them. Undefined: one server, or a network with faults. */
  spec: LabSpec | undefined;
}

export function askedForwards(asking: Asking): AskedForwards {
  const asked: AskedForwards = { forwards: {}, arguments: {}, through: {}, entryOf: {}, together: [], errors: [], warnings: [] };
  const stated: string[] = [];
  for (const [entry, forward] of Object.entries(asking.policy.forwards)) {
    const names = readEntry(asked, entry, asking);
    if (forward.together) stated.push(...names);
    else if (names.length > 1) asked.together.push(names);
  }
  if (stated.length > 1) asked.together.push(stated);
  return asked;
}

function readEntry(asked: AskedForwards, entry: string, asking: Asking): string[] {
  const { policy, config, source, spec } = asking;
  let forward = policy.forwards[entry] as PolicyForward;
  const byHost = forward.ssh === undefined && forward.host !== undefined && config !== undefined;
  const added = byHost ? optionsOf(config, forward.host as string, accountOf(policy, forward)) : { options: [], undecided: [] };
  asked.warnings.push(...added.undecided);
  const alone = (): string[] => {
    asked.forwards[entry] = forward;
    asked.entryOf[entry] = entry;
    return [entry];
  };
  // Faults of the network are told elsewhere; without it nobody knows what the names on the line mean.
  if ((forward.ssh === undefined && !byHost) || (policy.servers && !spec)) return alone();
  try {
    const place = source.place(["forwards", entry, byHost ? "host" : "ssh"]);
    const servers = spec && new NamedServers({ policy, spec, source, entry, config: byHost ? config : [], place });
    const jump = servers?.configuredJump(forward.host);
    const options = { config: added.options, jumps: spec !== undefined, ...(jump ? { jump } : {}) };
    const { forwards, account } = parseSshArguments(forward.ssh ?? "-N", place, options);
    const way = servers?.wayOf(forward, forwards[0]?.jump, account);
    if (way) forward = way.forward;
    const monitor = forwards[0]?.autosshMonitor;
    if (monitor) asked.warnings.push(`forwards.${entry}: ${autosshNote(monitor).en}`);
    const through = (name: string) => {
      if (way?.through) asked.through[name] = way.through;
    };
    if (forwards.length === 1 && !byHost) {
      through(entry);
      asked.arguments[entry] = withTargets(forwards[0] as ForwardArguments, forward);
      return alone();
    }
    return forwards.map((each, index) => {
      const name = forwards.length === 1 ? entry : `${entry}-${index + 1}`;
      const ssh = [...each.argv, ...(each.jump && !byHost ? [each.jump.destination] : [])].map(quoted).join(" ");
      const { host: _, ...rest } = forward;
      asked.forwards[name] = { ...rest, ssh };
      asked.arguments[name] = withTargets({ ...each, text: ssh }, forward);
      asked.entryOf[name] = entry;
      through(name);
      return name;
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    asked.errors.push(byHost ? noForward(error, forward.host as string) : error);
    return alone();
  }
}

function withTargets(given: ForwardArguments, forward: PolicyForward): ForwardArguments {
  const socksTargets = statedTargets(forward).map(({ host, port }) => ({ host, port }));
  return socksTargets.length > 0 ? { ...given, socksTargets } : given;
}

function noForward(error: UserError, host: string): UserError {
  if (!error.message.startsWith("no forward")) return error;
  return new UserError("policy-value", `the ssh_config defines no forward for ${host}`, {
    place: error.place,
    found: host,
    expected: "a host with RemoteForward, LocalForward or DynamicForward",
    todo: "use the name that you would type after `ssh`",
  });
}

function quoted(word: string): string {
  return /^[\w@%+=:,./[\]*-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Places of the policy file, by the names that `askedForwards` gives. */
export function sourceOf(source: YamlSource, { entryOf }: Pick<AskedForwards, "entryOf">): YamlSource {
  const stated = (path: Parameters<YamlSource["place"]>[0]) =>
    path[0] === "forwards" && typeof path[1] === "string" ? ["forwards", entryOf[path[1]] ?? path[1], ...path.slice(2)] : path;
  return {
    value: source.value,
    place: (path) => source.place(stated(path)),
    keyPlace: (path) => source.keyPlace(stated(path)),
    written: (path) => source.written(stated(path)),
  };
}
