/** Runs a round in the real lab and asks the model the same: every difference in what is granted, what listens, and who gets in. */

import type { LabSpec } from "../../../harness/core/lab-spec.ts";
import { formatSocketMode } from "../../../harness/core/socket-file.ts";
import { type ForwardArguments, parseForwardArguments } from "../../../harness/openssh/forward-arguments.ts";
import { forwardingKeywords, settingFor } from "../../../harness/openssh/forwarding-settings.ts";
import { matchHolds } from "../../../harness/openssh/match-criteria.ts";
import { noFirewall } from "../../../harness/openssh/model/firewall-policy.ts";
import type { HostFacts, ModelInput } from "../../../harness/openssh/model/model-input.ts";
import { predict, socksRefusal } from "../../../harness/openssh/model/predict.ts";
import { formatListener } from "../../../harness/openssh/model/prediction.ts";
import { reach } from "../../../harness/openssh/model/reach.ts";
import { settingsOfConfig } from "../../../harness/openssh/model/settings-of-config.ts";
import { reachSocket } from "../../../harness/openssh/model/socket-reach.ts";
import { normalizeSetting } from "../../../harness/openssh/setting-source.ts";
import { sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";
import { startService } from "../../../harness/probe/services.ts";
import type { ForwardHandle, ForwardLab } from "../../../harness/session/forward-lab.ts";
import { accountsOf, type Case, configText, loginRule, nftOf, type Round } from "./round.ts";

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
  const round = { ...drawn, taken: drawn.taken && canHold(lab.lab.spec, drawn.taken) ? drawn.taken : null };
  const sshdConfig = await sshdConfigFromText(configText(round));
  await lab.configure({ sshdConfig, accounts: accountsOf(round), firewall: round.firewall ? nftOf(round.firewall) : null });
  const start = round.unprivilegedPortStart ?? 1024;
  const settings = { "net.ipv4.ip_unprivileged_port_start": start };
  await lab.lab.fabric.request("build", { namespaces: [], steps: [{ namespace: "server", settings }] });
  await using _taken = round.taken ? await startService(lab.lab, round.taken.host, round.taken.port, round.taken.address) : undefined;
  const outcome: RoundOutcome = { cases: 0, granted: 0, cells: 0, inconclusive: [], differences: [] };
  for (const each of round.cases) await compareCase(lab, round, each, sshdConfig.lines, outcome);
  return outcome;
}

type ConfigLines = Awaited<ReturnType<typeof sshdConfigFromText>>["lines"];

async function compareCase(lab: ForwardLab, round: Round, each: Case, lines: ConfigLines, outcome: RoundOutcome): Promise<void> {
  const ssh = parseForwardArguments(each.ssh);
  await lab.removeSocketFiles();
  await using forward = await lab.open({ name: "drawn", from: "home", account: each.account, ssh, keyIndex: each.keyIndex });
  const seen = forward.open.outcome;
  const differ = (what: string, model: string, found: string) => {
    if (model !== found) outcome.differences.push({ case: each, what, model, lab: found });
  };

  const laddr = lab.lab.host("server").addresses.find(({ family }) => family === (forward.open.clientAddress.includes(":") ? 6 : 4))
    ?.address as string;
  const who = { user: each.account, addr: forward.open.clientAddress, laddr, lport: 22, groups: [each.account] };
  const { settings } = settingsOfConfig(lines, (criteria) => matchHolds(criteria, who), lab.server.version);
  for (const keyword of forwardingKeywords) {
    const found = seen.effective.find((setting) => setting.keyword === keyword)?.value ?? "";
    const plain = (value: string) => normalizeSetting(keyword, value);
    if (found !== "") differ(`effective ${keyword}`, plain(settingFor(settings, keyword).value), plain(found));
  }

  const input = modelInput(lab, round, each, ssh, settings);
  const said = predict(input);
  outcome.cases++;
  if (seen.granted) outcome.granted++;
  differ("granted", String(said.granted), String(seen.granted));
  const port = forward.port;
  const listeners = said.listeners.map((listener) => ({ ...listener, port: listener.port || port }));
  const owner = said.listensOn === "server" ? each.account : "root";
  const sockets = said.socket ? [`${said.socket.path} (${formatSocketMode(said.socket.mode)} ${owner}:${owner})`] : [];
  differ("listeners", [...listeners.map(formatListener), ...sockets].sort().join(" "), [...seen.listeners].sort().join(" "));
  if (!seen.granted && seen.refusedBy && said.refusedBy) differ("refused by", said.refusedBy.layer, seen.refusedBy.layer);
  if (ssh.request.listenPath !== undefined) {
    const at = said.listensOn === "server" ? "server" : "home";
    const socks = forward.socks ? socksRefusal(input, forward.socks) : undefined;
    const told = socks ? { ...said, closedBy: socks } : said;
    for (const cell of reachSocket(lab.lab.spec, at, ssh.request.listenPath, owner, told).filter(({ vantage }) => vantage === at)) {
      const { verdict } = await lab.probeUnixSocket(forward, cell.target.split(" as ")[1] as string);
      outcome.cells++;
      differ(`${at} -> ${cell.target}`, cell.verdict, verdict);
    }
    return;
  }
  // Port 0 that was not granted is nowhere to be looked for.
  if (port === 0) return;

  const socks = forward.socks ? socksRefusal(input, forward.socks) : undefined;
  const remote = said.listensOn === "server";
  const cells = reach({
    spec: lab.lab.spec,
    host: remote ? "server" : "home",
    port,
    listeners: said.granted ? said.listeners : [],
    behind: (said.closedBy ?? socks) ? "closed" : "reached",
    firewall: remote && round.firewall ? { ...round.firewall, rules: [loginRule, ...round.firewall.rules] } : noFirewall,
    others: (remote ? input.server.host.taken : input.client.host.taken) ?? [],
  });
  const probes = await Promise.all(cells.map((cell) => lab.probe(forward as ForwardHandle, cell.vantage, cell.address, cell)));
  for (const [i, cell] of cells.entries()) {
    const probe = probes[i];
    if (!probe) continue;
    outcome.cells++;
    if (probe.verdict === "inconclusive") {
      // A probe that speaks SOCKS and a service that waits for a line wait for each other.
      if (forward.socks && cell.verdict === "wrong-service") continue;
      outcome.inconclusive.push(`ssh ${each.ssh}: ${cell.vantage} -> ${cell.target}, model ${cell.verdict}: ${probe.evidence.note}`);
      if (cell.verdict === "reached") differ(`${cell.vantage} -> ${cell.target}`, cell.verdict, `inconclusive: ${probe.evidence.note}`);
    } else {
      // A probe that speaks SOCKS keeps nothing of an answer that is none, so it cannot tell a wrong service from a closed door.
      const told = forward.socks && cell.verdict === "wrong-service" && probe.verdict === "closed" ? "wrong-service" : probe.verdict;
      differ(`${cell.vantage} -> ${cell.target}`, cell.verdict, told);
    }
  }
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
