/** Loads a user's firewall into a host's namespace with the real tools, and puts it back to its first moment. */

import type { Family } from "../core/address.ts";
import { distinct } from "../core/distinct.ts";
import { enumerated } from "../core/enumerated.ts";
import { UserError } from "../core/errors.ts";
import { type FaultParams, faultOf } from "../core/fault.ts";
import { type InterfaceSpec, mainServer } from "../core/lab-spec.ts";
import { type LostObject, lostObject } from "../firewall/compare-kernel.ts";
import type { FirewallFile, FirewallFiles } from "../firewall/firewall-files.ts";
import { nameThatFits } from "../firewall/foreign-interfaces.ts";
import { firstFields, hostNames, setsOf } from "../firewall/needed-names.ts";
import { isOwnBridge } from "../firewall/own-bridge.ts";
import { mapToolError } from "../firewall/tool-error.ts";
import { flushNeighbours } from "./flush-neighbours.ts";
import type { Lab } from "./lab.ts";
import { observationRules } from "./observation-rules.ts";
import { type ReadRules, readRules, type ToPort } from "./read-rules.ts";
import { runTool } from "./tool.ts";

/** A user's rules in force on a host. */
export interface LoadedRules extends ReadRules {
  /** Some rule that a TCP connection could meet has memory: `resetState` makes the next one the first that it sees. */
  stateful: boolean;
  /**
   * Everything as at the moment of loading: limits, quotas, counts, sets and lists that packets add to. Connections are forgotten
   * except those that are open. There is no moment without the rules; while a dump of iptables is exchanged, packets are dropped.
   */
  resetState(): Promise<void>;
  /**
   * @param ports those whose reach is to be judged: forwards', and sshd's
   * @throws UserError `firewall-interface` if, on an interface that the lab's server lacks, a rule would let visitors in to one of them, or would keep
   * them out and the policy names no interface of the server; `firewall-address` if a rule would let them in at an address that the lab's server lacks, and the
   * policy gives it none
   */
  requireKnown(ports: readonly number[]): void;
}

/**
 * Replaces whatever rules the host has. Left out `files`: no firewall. Names of accounts, groups and hosts in the rules are those that the
 * host knows at this moment. Its neighbours are found anew, under these rules.
 * @throws UserError `firewall-load` with the tool's own line when the files do not load; `firewall-lost` when the kernel does not hold all they say
 */
export async function applyFirewall(lab: Lab, host: string, files: FirewallFiles | undefined): Promise<LoadedRules> {
  const specs = lab.spec.hosts[host]?.interfaces ?? [];
  const interfaces = specs.map(({ name }) => name);
  const contents = files ? [...(await namesOf(lab, host)), ...Object.entries(files.files).flatMap(contentOf)] : [];
  const load = () =>
    lab.fabric.request("firewall", {
      namespace: host,
      ...loading(files),
      observation: `${files?.front?.table ?? ""}${observationRules(interfaces)}`,
      ...(files?.ipsets === undefined ? {} : { ipsets: files.ipsets }),
      files: Object.fromEntries(contents.map(([path, content]) => [path, Buffer.from(content).toString("base64")])),
    });
  let outcome = await load();
  if (outcome.status !== 0) {
    if (!files) throw new UserError("lab", "the lab's own rules do not load", { fault: faultOf("lab-rules", {}), log: outcome.stderr });
    await applyFirewall(lab, host, undefined);
    // Where a table is there already, even one of another name, nft 1.1 reports a fault at another place, or guesses at a table that was meant.
    await runTool(lab.fabric, host, ["nft", "flush", "ruleset"]);
    outcome = await load();
  }
  if (outcome.status !== 0 && files) {
    await applyFirewall(lab, host, undefined);
    const table = (path: string) => contents.find(([each]) => each === path)?.[1].toString();
    const [passwd, group, hosts] = [table("/etc/passwd"), table("/etc/group"), table("/etc/hosts")];
    throw mapToolError(`${outcome.stderr}${outcome.stdout}`, files, {
      ...(passwd === undefined ? {} : { account: firstFields(passwd, group ?? "") }),
      ...(hosts === undefined ? {} : { "host-name": hostNames(hosts) }),
      set: setsOf(files.ipsets ?? ""),
      interface: new Set(["lo", ...interfaces]),
    });
  }
  const [rules] = await Promise.all([readRules(lab, host, files), flushNeighbours(lab, host)]);
  const lost = lostObject(files?.objects ?? [], rules.listing);
  if (lost) {
    await applyFirewall(lab, host, undefined);
    throw lostError(lost);
  }
  return {
    ...rules,
    stateful: rules.statefulFor({}).length > 0,
    resetState: () => reset(lab, host),
    requireKnown: (ports) => {
      requireInterfaces(rules, ports, host, specs);
      requireAddresses(rules, ports, host, specs);
    },
  };
}

function lostError({ object: { file, line }, found, expected }: LostObject): UserError {
  return new UserError("firewall-lost", "The firewall loads, but the kernel does not hold all of it", {
    fault: faultOf("firewall-lost", {}),
    place: { file, line },
    found,
    expected,
    todo: "if `nft list ruleset` on the server shows it, please report this with the file",
  });
}

type Doing = Pick<FaultParams<"firewall-interface">, "does" | "port" | "from">;

function doing({ does, port, from }: Doing): string {
  return from === undefined ? `${does} port ${port}` : `${does} port ${from} to port ${port}`;
}

/** Rules that would open `port`, or lead another port to it. */
function openingOf<Missed>(
  rules: ReadRules,
  port: number,
  direct: (connection: ToPort) => Missed[],
  moved: (connection: ToPort) => Missed[],
): (Missed & { does: Doing & { does: "accepts" | "redirects" } })[] {
  return [
    ...direct({ port }).map((each) => ({ ...each, does: { does: "accepts" as const, port } })),
    ...rules
      .movedPorts(port)
      .flatMap((from) => moved({ port: from }).map((each) => ({ ...each, does: { does: "redirects" as const, port, from } }))),
  ];
}

function requireInterfaces(rules: ReadRules, ports: readonly number[], host: string, specs: readonly InterfaceSpec[]): void {
  const has = specs.map(({ name }) => name);
  const foreignOf = (interfaces: readonly string[]) => interfaces.find((each) => !isOwnBridge(each)) ?? "";
  const isVisited = ({ interfaces }: { interfaces: string[] }) => !interfaces.every(isOwnBridge);
  const assumed = specs.every((each) => each.assumed);
  const all = ports.flatMap((port) => {
    const blocks = () => rules.missedBlocksFor({ port }).map((each) => ({ ...each, does: { does: "blocks" as const, port } }));
    return [...openingOf(rules, port, rules.missedFor, rules.missedMovesFor), ...(assumed ? blocks() : [])].filter(isVisited);
  });
  const [missed] = all;
  if (!missed) return;
  const { does, rule, interfaces, file, line } = missed;
  const name = foreignOf(interfaces);
  const [called, key] = namesFor(host);
  const declare = nameThatFits(name);
  const also = distinct(all.map((each) => nameThatFits(foreignOf(each.interfaces)))).filter((each) => each !== declare);
  const todo =
    has.length === 1
      ? `declare it: \`${key}: { interface: ${declare} }\`, or a list if the server also has ${has[0]}`
      : `declare it: add an entry with \`interface: ${declare}\` to \`${key}\``;
  throw new UserError("firewall-interface", `A rule ${doing(does)} on ${name}, an interface that ${called} does not have`, {
    fault: faultOf("firewall-interface", {
      ...does,
      name,
      declare,
      ...(host === mainServer ? {} : { host }),
      has,
      key,
      ...(also.length > 0 ? { also } : {}),
    }),
    ...(file === undefined ? {} : { place: { file, ...(line === undefined ? {} : { line }) } }),
    found: rule,
    expected: `interfaces of ${called}: lo, ${has.join(", ")}`,
    todo: also.length > 0 ? `${todo}; the same goes for ${enumerated(also)}` : todo,
  });
}

/** If the policy gives the server's addresses, a rule for any other address gets a warning at most. */
function requireAddresses(rules: ReadRules, ports: readonly number[], host: string, specs: readonly InterfaceSpec[]): void {
  if (!specs.every((each) => each.assumedAddresses)) return;
  const has = specs.flatMap(({ addresses }) => addresses);
  for (const port of ports) {
    const [missed] = openingOf(rules, port, rules.missedAddressesFor, rules.missedAddressMovesFor);
    if (!missed) continue;
    const { does, rule, addresses, file, line } = missed;
    const [address = ""] = addresses;
    const [called, key] = namesFor(host);
    const network = address.includes("/");
    const lacks = network ? `where ${called} has no address` : `an address that ${called} does not have`;
    throw new UserError("firewall-address", `A rule ${doing(does)} at ${address}, ${lacks}`, {
      fault: faultOf("firewall-address", { ...does, address, ...(host === mainServer ? {} : { host }), has, key }),
      ...(file === undefined ? {} : { place: { file, ...(line === undefined ? {} : { line }) } }),
      found: rule,
      expected: `addresses of ${called} (the policy gives none): ${has.join(", ")}`,
      todo: network
        ? `give the server's real addresses with their prefix lengths, with or without one in ${address}: \`${key}: { address: […] }\``
        : `give the server's real addresses with their prefix lengths: \`${key}: { address: [${address}/…] }\``,
    });
  }
}

/** What an error calls a server, and the policy's key for it. */
function namesFor(host: string): [called: string, key: string] {
  return host === mainServer ? ["the lab's server", "network.server"] : [`the lab's ${host}`, `network.servers.${host}`];
}

function contentOf([path, { content, settings }]: [string, FirewallFile]): [string, string | Uint8Array][] {
  return settings ? [] : [[path, content]];
}

/** The files of the host that nft and iptables look names up in. A host without files of its own has the lab's. */
async function namesOf(lab: Lab, host: string): Promise<[string, string][]> {
  if (lab.spec.hosts[host]?.kind !== "container") return [];
  const paths = ["/etc/passwd", "/etc/group", "/etc/hosts"];
  const found = await Promise.all(paths.map((path) => lab.host(host).readFile(path)));
  return paths.map((path, index) => [path, found[index] ?? ""]);
}

/** What the agent needs to load them: nft's main file, the command lines for dumps. */
function loading(files: FirewallFiles | undefined): { nft?: string; iptables?: string[][] } {
  if (!files) return {};
  const { sequence } = files;
  const dumps = sequence && { iptables: ([4, 6] as const).flatMap((family) => restoring(family, sequence[family] ?? [])) };
  if (files.kind === "nft") return { nft: files.main, ...dumps };
  if (dumps) return dumps;
  return {
    iptables: [
      ...(files.main ? [["iptables-nft-restore", files.main]] : []),
      ...(files.main6 ? [["ip6tables-nft-restore", files.main6]] : []),
    ],
  };
}

/** One program reads all files of a family; the empty line ends the last line of a file that lacks its last newline. */
function restoring(family: Family, paths: readonly string[]): string[][] {
  if (paths.length === 0) return [];
  const tool = family === 4 ? "iptables-nft-restore" : "ip6tables-nft-restore";
  return [["sh", "-c", `for file; do cat "$file"; echo; done | ${tool} --noflush`, "sh", ...paths]];
}

async function reset(lab: Lab, host: string): Promise<void> {
  const { status, stderr } = await lab.fabric.request("reset_firewall", { namespace: host });
  if (status !== 0)
    throw new UserError("lab", `the firewall of ${host} loaded once and does not load again`, {
      fault: faultOf("lab-firewall-again", { host }),
      ...(stderr ? { log: stderr } : {}),
    });
}
