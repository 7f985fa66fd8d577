/** Runs a round in the real lab and asks the model the same: every difference in what is granted, what listens, and who gets in. */

import { UserError } from "../../../harness/core/errors.ts";
import type { ForwardOutcome } from "../../../harness/core/forward-outcome.ts";
import type { LabSpec } from "../../../harness/core/lab-spec.ts";
import { formatSocketMode } from "../../../harness/core/socket-file.ts";
import { blockedVerdicts, type ProbeResult } from "../../../harness/core/verdict.ts";
import type { FirewallFiles } from "../../../harness/firewall/firewall-files.ts";
import { loadFirewall } from "../../../harness/firewall/load-firewall.ts";
import { readSimpleRuleset } from "../../../harness/firewall/simple/ruleset.ts";
import { type ForwardArguments, parseForwardArguments } from "../../../harness/openssh/forward-arguments.ts";
import { forwardingKeywords, type SettingOf, settingFor } from "../../../harness/openssh/forwarding-settings.ts";
import { matchHolds } from "../../../harness/openssh/match-criteria.ts";
import { portsLeadingTo } from "../../../harness/openssh/model/firewall-policy.ts";
import type { HostFacts, ModelInput } from "../../../harness/openssh/model/model-input.ts";
import { predict, socksRefusal } from "../../../harness/openssh/model/predict.ts";
import { formatListener, type Prediction } from "../../../harness/openssh/model/prediction.ts";
import { type ReachCell, type ReachInput, reach } from "../../../harness/openssh/model/reach.ts";
import { settingsOfConfig } from "../../../harness/openssh/model/settings-of-config.ts";
import { reachSocket } from "../../../harness/openssh/model/socket-reach.ts";
import { normalizeSetting } from "../../../harness/openssh/setting-source.ts";
import { sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";
import { startService } from "../../../harness/probe/services.ts";
import type { ForwardHandle, ForwardLab } from "../../../harness/session/forward-lab.ts";
import { folderOf } from "../../quick/cli/run-cli.ts";
import type { Unloadable } from "./draw-unloadable.ts";
import { countingByFamily, fitsIptables, iptablesOf } from "./iptables-of.ts";
import { isBystander, nftOf } from "./nft-of.ts";
import { accountsOf, type Case, configText, type Round } from "./round.ts";

/** One thing on which lab and model differ. */
export interface Difference {
  case: Case;
  what: string;
  model: string;
  lab: string;
}

export interface RoundOutcome {
  cases: number;
  granted: number;
  /** Verdicts compared. */
  cells: number;
  /** Cells that the lab itself could not tell: neither agreement nor difference. */
  inconclusive: string[];
  differences: Difference[];
}

/** Configures the lab for the round, runs its cases one after the other. */
export async function compareRound(lab: ForwardLab, drawn: Round): Promise<RoundOutcome> {
  const taken = drawn.taken && canHold(lab.lab.spec, drawn.taken) ? drawn.taken : null;
  const round = { ...drawn, taken, ...(drawn.firewall && isIptables(drawn) ? { firewall: countingByFamily(drawn.firewall) } : {}) };
  const sshdConfig = await sshdConfigFromText(configText(round));
  await lab.configure({ sshdConfig, accounts: accountsOf(round), firewall: await firewallOf(round) });
  const start = round.unprivilegedPortStart ?? 1024;
  const settings = { "net.ipv4.ip_unprivileged_port_start": start };
  await lab.lab.fabric.request("build", { namespaces: [], steps: [{ namespace: "server", settings }] });
  await using _taken = round.taken ? await startService(lab.lab, round.taken.host, round.taken.port, round.taken.address) : undefined;
  const outcome: RoundOutcome = { cases: 0, granted: 0, cells: 0, inconclusive: [], differences: [] };
  for (const each of round.cases) await compareCase(lab, round, each, sshdConfig.lines, outcome);
  return outcome;
}

/** A ruleset that does not load: the lab must say so, at its line, and the model must have seen that it cannot answer. */
export async function compareRefusal(lab: ForwardLab, { text, line }: Unloadable): Promise<Omit<Difference, "case">[]> {
  const what = `line ${line} of a ruleset: ${text.split("\n")[line - 1]?.trim()}`;
  const model = readSimpleRuleset(text, "ruleset").policy ? "loads" : "refused";
  const seen = await (async () => lab.configure({ firewall: await firewallOfText(text) }))().then(
    () => "loads",
    (error: unknown) => (error instanceof UserError ? refusedAt(error, line) : Promise.reject(error)),
  );
  return model === "refused" && seen === "refused" ? [] : [{ what, model, lab: seen }];
}

function refusedAt({ message, place }: UserError, line: number): string {
  return place?.file === "ruleset" && place.line === line ? "refused" : `${place?.file}:${place?.line}: ${message}`;
}

export async function firewallOfText(text: string): Promise<FirewallFiles> {
  await using folder = await folderOf({ ruleset: text });
  return loadFirewall("ruleset", folder.path);
}

/** Is its policy written as dumps? */
function isIptables({ firewall, ruleset, writing = 0 }: Round): boolean {
  return !ruleset && firewall !== null && writing % 4 === 3 && fitsIptables(firewall);
}

async function firewallOf(round: Round): Promise<FirewallFiles | null> {
  const { firewall, ruleset, writing = 0 } = round;
  if (ruleset) return firewallOfText(ruleset.text);
  if (!firewall) return null;
  if (!isIptables(round)) return nftOf(firewall, writing);
  const { v4, v6, ipsets } = iptablesOf(firewall, writing);
  await using folder = await folderOf({ "rules.v4": v4, "rules.v6": v6 });
  return { ...(await loadFirewall(["rules.v4", "rules.v6"], folder.path)), ipsets };
}

type ConfigLines = Awaited<ReturnType<typeof sshdConfigFromText>>["lines"];

async function compareCase(lab: ForwardLab, round: Round, each: Case, lines: ConfigLines, outcome: RoundOutcome): Promise<void> {
  const ssh = parseForwardArguments(each.ssh);
  await lab.removeSocketFiles();
  await using forward = await lab.open({ name: "drawn", from: "home", account: each.account, ssh, keyIndex: each.keyIndex });
  const seen = forward.open.outcome;
  const differ: Differ = (what, model, found) => {
    if (model !== found) outcome.differences.push({ case: each, what, model, lab: found });
  };
  const settings = settingsFor(lab, each, forward.open.clientAddress, lines);
  compareSettings(settings, seen.effective, differ);

  const input = modelInput(lab, round, each, ssh, settings);
  const said = predict(input);
  const owner = said.listensOn === "server" ? each.account : "root";
  outcome.cases++;
  if (seen.granted) outcome.granted++;
  compareGrant(said, seen, forward.port, owner, differ);

  const closedBy = said.closedBy ?? (forward.socks ? socksRefusal(input, forward.socks) : undefined);
  const told = closedBy ? { ...said, closedBy } : said;
  const run = { lab, forward, outcome, differ };
  if (ssh.request.listenPath !== undefined) await compareSocket(run, ssh.request.listenPath, owner, told);
  // Port 0 that was not granted is nowhere to be looked for.
  else if (forward.port !== 0) await comparePorts(run, round, each, input, told);
}

type Differ = (what: string, model: string, found: string) => void;

interface Run {
  lab: ForwardLab;
  forward: Awaited<ReturnType<ForwardLab["open"]>>;
  outcome: RoundOutcome;
  differ: Differ;
}

function settingsFor(lab: ForwardLab, { account }: Case, addr: string, lines: ConfigLines): SettingOf {
  const family = addr.includes(":") ? 6 : 4;
  const laddr = lab.lab.host("server").addresses.find((one) => one.family === family)?.address as string;
  const who = { user: account, addr, laddr, lport: 22, groups: [account] };
  return settingsOfConfig(lines, (criteria) => matchHolds(criteria, who), lab.server.version).settings;
}

function compareSettings(settings: SettingOf, effective: ForwardOutcome["effective"], differ: Differ): void {
  for (const keyword of forwardingKeywords) {
    const found = effective.find((setting) => setting.keyword === keyword)?.value ?? "";
    const plain = (value: string) => normalizeSetting(keyword, value);
    if (found !== "") differ(`effective ${keyword}`, plain(settingFor(settings, keyword).value), plain(found));
  }
}

/** Is the forward granted, by whom is it refused, and what listens? */
function compareGrant(said: Prediction, seen: ForwardOutcome, port: number, owner: string, differ: Differ): void {
  differ("granted", String(said.granted), String(seen.granted));
  const listeners = said.listeners.map((listener) => formatListener({ ...listener, port: listener.port || port }));
  const sockets = said.socket ? [`${said.socket.path} (${formatSocketMode(said.socket.mode)} ${owner}:${owner})`] : [];
  differ("listeners", [...listeners, ...sockets].sort().join(" "), [...seen.listeners].sort().join(" "));
  if (!seen.granted && seen.refusedBy && said.refusedBy) differ("refused by", said.refusedBy.layer, seen.refusedBy.layer);
}

async function compareSocket({ lab, forward, outcome, differ }: Run, path: string, owner: string, told: Prediction): Promise<void> {
  const at = told.listensOn === "server" ? "server" : "home";
  for (const cell of reachSocket(lab.lab.spec, at, path, owner, told).filter(({ vantage }) => vantage === at)) {
    const { verdict } = await lab.probeUnixSocket(forward, cell.target.split(" as ")[1] as string);
    outcome.cells++;
    differ(`${at} -> ${cell.target}`, cell.verdict, verdict);
  }
}

async function comparePorts(run: Run, round: Round, each: Case, input: ModelInput, told: Prediction): Promise<void> {
  const { lab, forward } = run;
  const remote = told.listensOn === "server";
  const { firewall } = round;
  const asked: ReachInput = {
    spec: lab.lab.spec,
    host: remote ? "server" : "home",
    port: forward.port,
    listeners: told.granted ? told.listeners : [],
    ...(told.closedBy ? { closedBy: told.closedBy } : {}),
    firewalls: firewall ? { server: firewall } : {},
    everyLinkLocal: true,
    others: [
      ...((remote ? input.server.host.taken : input.client.host.taken) ?? []),
      ...(await servicesOn(lab, remote ? "server" : "home", forward.port)),
    ],
  };
  const doubtful = round.ruleset?.without;
  // What the server sends to itself needs no neighbour discovery; what it sends to home does.
  const known = reach(asked).filter(({ family, vantage }) => family !== doubtful || (vantage === "server") === remote);
  await compareCells(run, each, known);
  if (!remote || !firewall) return;
  const moved = portsLeadingTo(firewall, forward.port);
  const candidates = lab.rules.movedPorts(forward.port);
  run.differ("ports that lead to it", moved.join(" "), candidates.filter((port) => moved.includes(port)).join(" "));
  for (const tried of candidates.filter((port) => !isBystander(port))) await compareCells(run, each, reach({ ...asked, tried }), tried);
}

/** What earlier cases have led to on this host: their services still answer, also at a port that a rule may lead to this forward. */
async function servicesOn(lab: ForwardLab, host: string, except: number): Promise<{ address: string; port: number }[]> {
  const found = await lab.lab.host(host).listeners();
  return found.flatMap(({ address, port }) => (port === except || port === 22 ? [] : [{ address, port }]));
}

async function compareCells(run: Run, each: Case, cells: readonly ReachCell[], port?: number): Promise<void> {
  const { lab, forward } = run;
  const way = port === undefined ? {} : { port };
  const probes = await Promise.all(
    cells.map((cell) => lab.probe(forward as ForwardHandle, cell.vantage, cell.address, { ...cell, ...way })),
  );
  for (const [i, cell] of cells.entries()) {
    const probe = probes[i];
    if (probe) compareCell(run, each, cell, probe);
  }
}

function compareCell({ forward, outcome, differ }: Run, { ssh }: Case, cell: ReachCell, probe: ProbeResult): void {
  const { vantage, target, via, verdict } = cell;
  const name = `${vantage} -> ${target}${via === undefined ? "" : ` via ${via}`}`;
  const wrongToSocks = forward.socks && verdict === "wrong-service";
  outcome.cells++;
  // A probe that speaks SOCKS keeps nothing of an answer that is none, so it cannot tell a wrong service from a closed door.
  if (wrongToSocks && probe.verdict === "closed") return;
  const settled = probe.verdict !== "inconclusive" && (probe.unsettledBy ?? []).length === 0;
  if (settled) {
    // Where the model cannot know how long a client waits, the lab must not have proven that it is kept out.
    if (verdict !== "inconclusive" || blockedVerdicts.includes(probe.verdict)) differ(name, verdict, probe.verdict);
    return;
  }
  // A probe that speaks SOCKS and a service that waits for a line wait for each other.
  if (wrongToSocks || verdict === "inconclusive") return;
  const { possible = [] } = probe;
  const why = possible.length > 0 ? `${possible.join(" or ")} (${probe.unsettledBy?.map(({ rule }) => rule)})` : probe.evidence.note;
  outcome.inconclusive.push(`ssh ${ssh}: ${name}, model ${verdict}: ${why}`);
  if (verdict === "reached" && !possible.includes(verdict)) differ(name, verdict, `inconclusive: ${why}`);
}

function modelInput(lab: ForwardLab, round: Round, each: Case, ssh: ForwardArguments, settings: ModelInput["settings"]): ModelInput {
  const takenOn = (host: string) => (round.taken?.host === host ? [round.taken] : []);
  const sshd = lab.server.listening.map(({ address, port }) => ({ address, port }));
  return {
    request: ssh.request,
    settings,
    key: { options: round.keys[each.keyIndex] ?? "" },
    account: { name: each.account, root: each.account === "root" },
    client: {
      gatewayPorts: ssh.gatewayPorts,
      family: clientFamily(ssh),
      clearAllForwardings: ssh.clearAllForwardings,
      ...(ssh.streamLocalBindMask === undefined ? {} : { streamLocalBindMask: ssh.streamLocalBindMask }),
      streamLocalBindUnlink: ssh.streamLocalBindUnlink,
      root: true,
      host: { ...hostFacts(lab.lab.spec, "home"), taken: takenOn("home") },
    },
    server: {
      host: {
        ...hostFacts(lab.lab.spec, "server"),
        unprivilegedPortStart: round.unprivilegedPortStart ?? 1024,
        taken: [...sshd, ...takenOn("server")],
      },
      ...(round.firewall ? { firewall: round.firewall } : {}),
    },
  };
}

function clientFamily({ argv }: ForwardArguments): "any" | "inet" | "inet6" {
  if (argv.includes("-4") || argv.includes("AddressFamily=inet")) return "inet";
  return argv.includes("-6") ? "inet6" : "any";
}

/** In this network the host may have other addresses. */
function canHold(spec: LabSpec, { host, address }: NonNullable<Round["taken"]>): boolean {
  return ["127.0.0.1", "0.0.0.0", "::1", "::", ...hostFacts(spec, host).addresses].includes(address);
}

/** What a host of the lab knows: its addresses and its /etc/hosts. */
function hostFacts(spec: LabSpec, host: string): HostFacts {
  const addressesOf = (name: string) =>
    (spec.hosts[name]?.interfaces ?? []).flatMap(({ addresses }) => addresses.map((each) => each.split("/")[0] as string));
  const names: Record<string, string[]> = { localhost: ["127.0.0.1", "::1"], "ip6-localhost": ["::1"], "ip6-loopback": ["::1"] };
  for (const name of Object.keys(spec.hosts)) {
    const others = Object.keys(spec.hosts).filter((other) => other !== name);
    // Of addresses that two hosts have, a host knows only its own.
    names[name] = addressesOf(name).filter((address) => name === host || !others.some((other) => addressesOf(other).includes(address)));
  }
  return { addresses: addressesOf(host), names };
}
