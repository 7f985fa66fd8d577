/** Each forward that the policy asks for: an `ssh:` line, a host of the ssh_config, or a unit may ask for several. */
import { type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import { type Warning, warning } from "../core/warning.ts";
import { type ForwardArguments, parseSshArguments } from "../openssh/forward-arguments.ts";
import type { SshConfigLine } from "../openssh/ssh-config.ts";
import { optionsOf } from "./client-config.ts";
import { NamedServers, type PolicyJump } from "./jumps.ts";
import { accountOf, accountsOf, type Policy, type PolicyForward, statedTargets } from "./policy.ts";
import type { ReadUnit } from "./read-units.ts";
import { noForwardOfUnit, unitForwards } from "./unit-forwards.ts";
import type { UnitLine } from "./unit-line.ts";
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
  warnings: Warning[];
}

export interface Asking {
  policy: Policy;
  /** Lines of `home.ssh_config`; undefined: not given, or it cannot be read. */
  config: readonly SshConfigLine[] | undefined;
  /** By entry: its `unit`, or why it cannot be read. */
  units: Readonly<Record<string, ReadUnit | UserError>>;
  source: YamlSource;
  /** The lab, where the policy has several servers: lines with -J name them. Undefined: one server, or a network with faults. */
  spec: LabSpec | undefined;
}

export function askedForwards(asking: Asking): AskedForwards {
  const asked: AskedForwards = { forwards: {}, arguments: {}, through: {}, entryOf: {}, together: [], errors: [], warnings: [] };
  const stated: string[] = [];
  for (const [entry, forward] of Object.entries(asking.policy.forwards)) {
    const before = asked.warnings.length;
    const names = readEntry(asked, entry, asking);
    asked.warnings.push(...asked.warnings.splice(before).map((each) => ({ ...each, forwards: names })));
    if (forward.together) stated.push(...names);
    else if (names.length > 1) asked.together.push(names);
  }
  if (stated.length > 1) asked.together.push(stated);
  return asked;
}

/** A command line that an entry stands for. */
interface AskedLine {
  text: string;
  /** What the ssh_config adds, as arguments of `-o`. */
  options: readonly string[];
  place: Place;
  /** The name by which the ssh_config is asked. */
  host?: string | undefined;
  account?: string | undefined;
}

/** A forward of such a line. */
interface AskedRequest {
  each: ForwardArguments;
  /** With the server and the account that its line names. */
  forward: PolicyForward;
  through: readonly PolicyJump[] | undefined;
  line: AskedLine;
}

function readEntry(asked: AskedForwards, entry: string, asking: Asking): string[] {
  let forward = asking.policy.forwards[entry] as PolicyForward;
  const alone = (): string[] => {
    asked.forwards[entry] = forward;
    asked.entryOf[entry] = entry;
    return [entry];
  };
  // Faults of the network are told elsewhere; without it nobody knows what the names on the line mean.
  if (asking.policy.servers && !asking.spec) return alone();
  try {
    const requests = linesOf(asked, entry, asking).flatMap((line) => requestsOf(line, entry, asking));
    const [first] = requests;
    if (!first) return alone();
    const monitor = requests.find(({ each }) => each.autosshMonitor)?.each.autosshMonitor;
    if (monitor) asked.warnings.push(warning("autossh-left-out", { entry, send: monitor.send, receive: monitor.receive }));
    if (requests.length === 1 && forward.ssh !== undefined) {
      forward = first.forward;
      if (first.through) asked.through[entry] = first.through;
      asked.arguments[entry] = withTargets(first.each, forward);
      return alone();
    }
    return requests.map((request, index) => {
      const name = requests.length === 1 ? entry : `${entry}-${index + 1}`;
      addRequest(asked, name, request);
      asked.entryOf[name] = entry;
      return name;
    });
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const unit = asking.units[entry];
    if (unit && !(unit instanceof UserError)) asked.errors.push(noForwardOfUnit(error, unit, asking.config));
    else asked.errors.push(forward.host === undefined ? error : noForward(error, forward.host, asked.warnings));
    return alone();
  }
}

function addRequest(asked: AskedForwards, name: string, { each, forward, through, line }: AskedRequest): void {
  const ssh = [...each.argv, ...(each.jump && line.host === undefined ? [each.jump.destination] : [])].map(quoted).join(" ");
  const { host: _host, unit: _unit, ...rest } = forward;
  asked.forwards[name] = { ...rest, ssh, ...(line.account === undefined ? {} : { as: line.account }) };
  asked.arguments[name] = withTargets({ ...each, text: ssh }, forward);
  if (through) asked.through[name] = through;
}

function requestsOf(line: AskedLine, entry: string, { policy, config = [], source, spec }: Asking): AskedRequest[] {
  const { text, options, place, host } = line;
  const stated = policy.forwards[entry] as PolicyForward;
  const servers = spec && new NamedServers({ policy, spec, source, entry, config: host === undefined ? [] : config, place });
  const jump = servers?.configuredJump(host);
  const reading = { config: options, jumps: spec !== undefined, destination: stated.ssh !== undefined, ...(jump ? { jump } : {}) };
  const { forwards, account, destination } = parseSshArguments(text, place, reading);
  const port = forwards[0]?.serverPort;
  const way = servers?.wayOf(stated, forwards[0]?.jump, {
    ...(account === undefined ? {} : { account }),
    ...(destination === undefined ? {} : { destination }),
    ...(port === undefined ? {} : { port }),
  });
  // With a single server, any destination means that server, whatever its name.
  const forward = way?.forward ?? asTyped(stated, account, { entry, source });
  return forwards.map((each) => ({ each, forward, through: way?.through, line }));
}

function asTyped(
  forward: PolicyForward,
  account: string | undefined,
  { entry, source }: { entry: string; source: YamlSource },
): PolicyForward {
  if (account === undefined) return forward;
  if (forward.as === undefined || forward.as === account) return { ...forward, as: account };
  throw new UserError("policy-value", `forwards.${entry}.as contradicts the ssh line`, {
    place: source.place(["forwards", entry, "as"]),
    found: `${forward.as}, but ${account} in the ssh line`,
    expected: account,
    todo: "remove `as`",
    fault: faultOf("line-contradicts", { forward: entry, key: "as", stated: forward.as, typed: account }),
  });
}

/** Empty where the entry says not, or not yet, what to ask for. */
function linesOf(asked: AskedForwards, entry: string, { policy, config, units, source }: Asking): AskedLine[] {
  const forward = policy.forwards[entry] as PolicyForward;
  const { ssh, host, unit } = forward;
  const place = (key: string) => source.place(["forwards", entry, key]);
  if (ssh !== undefined) return [{ text: ssh, options: [], place: place("ssh") }];
  if (host !== undefined && config) {
    const { options, undecided } = optionsOf(config, host, accountOf(policy, forward));
    asked.warnings.push(...undecided);
    return [{ text: "-N", options, place: place("host"), host }];
  }
  const read = unit === undefined || host !== undefined ? undefined : units[entry];
  if (read === undefined) return [];
  if (read instanceof UserError) throw read;
  const { lines, warnings } = unitForwards(read, config, forward.as);
  asked.warnings.push(...warnings);
  return lines.map((line) => {
    const account = agreedAccount(entry, forward, line, place("as")) ?? ownAccount(asked, policy, forward, config, line);
    return unitLine(line, account, config !== undefined);
  });
}

/** What stands behind a jump host is told by the line; otherwise the destination is the lab's to add. */
function unitLine(line: UnitLine, account: string | undefined, configured: boolean): AskedLine {
  const { words, destination, options, place } = line;
  const autossh = line.autossh ? ["autossh", "-M", String(line.monitor?.send ?? 0)] : [];
  const behind = words.some((word, at) => word === "-J" && words[at + 1] !== "none") ? [destination] : [];
  return {
    text: [...autossh, ...words, ...behind].map(quoted).join(" "),
    options,
    place,
    account,
    ...(configured && behind.length === 0 ? { host: destination } : {}),
  };
}

function agreedAccount(entry: string, { as }: PolicyForward, { account, place: unit }: UnitLine, place: Place): string | undefined {
  if (as === undefined || account === undefined || as === account) return account;
  throw new UserError("policy-value", `forwards.${entry}.as is not the account of its unit`, {
    place,
    found: as,
    expected: `${account}, as ${unit.file}:${unit.line} has it`,
    todo: "remove `as`",
    fault: faultOf("unit-account-differs", { forward: entry, stated: as, account, place: `${unit.file}:${unit.line}` }),
  });
}

/** If neither the command nor an ssh_config names an account, ssh logs in as the user that runs it, provided that the server has that account. */
function ownAccount(
  asked: AskedForwards,
  policy: Policy,
  forward: PolicyForward,
  config: Asking["config"],
  { account, runsAs, place: { file, line } }: UnitLine,
): string | undefined {
  if (forward.as !== undefined || account !== undefined || runsAs === undefined || config !== undefined) return undefined;
  if (Object.hasOwn(accountsOf(policy, forward.server), runsAs)) return runsAs;
  const other = accountOf(policy, forward);
  if (other !== undefined)
    asked.warnings.push(warning("unit-other-account", { runsAs, account: other }, { file, ...(line === undefined ? {} : { line }) }));
  return undefined;
}

function withTargets(given: ForwardArguments, forward: PolicyForward): ForwardArguments {
  const socksTargets = statedTargets(forward).map(({ host, port }) => ({ host, port }));
  return socksTargets.length > 0 ? { ...given, socksTargets } : given;
}

/** @param warnings among which may be the blocks that are left out of what the config says of the host */
function noForward(error: UserError, host: string, warnings: readonly Warning[]): UserError {
  if (error.fault?.code !== "no-forward-asked") return error;
  for (const { code, params, file, line } of warnings) {
    if (code !== "client-canonical-name" || params.host !== host) continue;
    return new UserError("policy-value", `the ssh_config defines forwards for ${params.name}, not for ${host}`, {
      fault: faultOf("ssh-config-other-host", { host, name: params.name, place: `${file}:${line}` }),
      place: error.place,
      found: `${host}; with CanonicalizeHostname, ssh would look up ${params.name} and read ${file}:${line}`,
      expected: "the name that the block is for: the lab does not ask the client's name server",
      todo: `use \`host: ${params.name}\``,
    });
  }
  return new UserError("policy-value", `the ssh_config defines no forward for ${host}`, {
    fault: faultOf("ssh-config-no-forward", { host }),
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
