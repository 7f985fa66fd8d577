/** The model's answer to a situation: what `forwardlab explain` says, with a firewall, and what it must not say. */
import { parseAddress } from "../../core/address.ts";
import { type ToldError, toldError, UserError } from "../../core/errors.ts";
import { faultOf } from "../../core/fault.ts";
import { articleLab, type LabSpec } from "../../core/lab-spec.ts";
import { type Doubt, readSimpleRuleset } from "../../firewall/simple/ruleset.ts";
import { badKeyOption, parseAuthorizedKeys } from "../../openssh/authorized-keys.ts";
import { lexConfigLine } from "../../openssh/config-lexer.ts";
import { type ForwardArguments, parseCommandLine } from "../../openssh/forward-arguments.ts";
import { type Explanation, explainAll, type Question, seenFrom } from "../../openssh/model/explanation.ts";
import { decideInput, describeDecision, type FirewallPolicy } from "../../openssh/model/firewall-policy.ts";
import { settingsForLogin } from "../../openssh/model/login-settings.ts";
import { formatListener, type ModelRefusal, type Prediction } from "../../openssh/model/prediction.ts";
import type { ReachCell } from "../../openssh/model/reach.ts";
import { addressesOf } from "../../openssh/model/route.ts";
import type { Sentence } from "../../openssh/model/sentence.ts";
import { splitWords } from "../../openssh/shell-words.ts";
import { isNoConfig, type SshLine } from "../../openssh/ssh-line.ts";
import { configFaults, distributionNotes } from "../../openssh/sshd-check.ts";
import { sshdConfigFromText } from "../../openssh/sshd-config.ts";
import { listed, type RuleFault, rulesetOf } from "./firewall-form.ts";
import type { Situation } from "./situation.ts";

export type Field = "ssh" | "config" | "account" | "groups" | "keyOptions" | "ruleset";

/** What keeps the model from answering; as `explain` says it. */
export interface Fault extends Pick<ToldError, "message" | "expected" | "todo" | "fault"> {
  field: Field;
  /** 1-based. */
  line?: number;
}

/** Something that the answer does not take into account. */
export interface Note {
  code: "include" | "undecided" | "client-config" | "distribution";
  field: Field;
  /** The line as written, or what was found. */
  text: string;
  /** The only one whose sshd knows the keyword `text`. */
  distribution?: string;
  /** 1-based. */
  line?: number;
}

export interface OtherGatewayPorts {
  value: "no" | "clientspecified" | "yes";
  current: boolean;
  listeners: string[];
  /** Vantage points that get in somewhere. */
  reached: string[];
}

export interface ForwardAnswer extends Explanation {
  /** As a policy has it: no destination, no account. */
  policyArguments: string;
  arguments: ForwardArguments;
  gatewayPorts: OtherGatewayPorts[];
}

export interface Answer {
  faults: Fault[];
  ruleFaults: RuleFault[];
  notes: Note[];
  /** Lines of the firewall that the model does not take in; what depends on them is `inconclusive`. */
  doubts: Doubt[];
  /** Empty where a fault stands in the way. */
  forwards: ForwardAnswer[];
  spec: LabSpec;
  /** What was understood of who logs in. */
  login: { account: string; groups: string[]; keyOptions: string };
  /** The firewall as a file. */
  ruleset?: { name: string; text: string };
}

const defaultAccount = "tunnel";

export async function answerTo(situation: Situation): Promise<Answer> {
  const answer: Answer = {
    faults: [],
    ruleFaults: [],
    notes: [],
    doubts: [],
    forwards: [],
    spec: articleLab(),
    login: { account: defaultAccount, groups: listed(situation.groups), keyOptions: readKey(situation.keyOptions) },
  };
  const firewall = readFirewall(situation, answer);
  checkLogin(answer);
  const line = readCommand(situation.ssh, answer);
  answer.login.account = situation.account.trim() || line?.line.account || defaultAccount;
  checkAccount(answer);
  const config = await readConfig(situation, answer);
  if (!line || answer.faults.length > 0 || answer.ruleFaults.length > 0) return answer;
  const version = versionOf(situation.version);
  const { account, groups, keyOptions } = answer.login;
  const { sshdPort } = settingsForLogin(config, { account }, answer.spec);
  const { from, stopped } = loginWay(answer.spec, firewall, sshdPort, line.line.addressFamily);
  const login = { account, version, from, ...(groups.length > 0 ? { groups } : {}) };
  const { settings, idle, loginLists } = settingsForLogin(config, login, answer.spec);
  for (const { match, keyword, because } of idle)
    if (because === "undecided" && match)
      answer.notes.push({ code: "undecided", field: "config", text: `${match.text}: ${keyword}`, line: match.line });
  const questions = line.forwards.map(
    (ssh): Question => ({
      typed: line.forwards.length === 1 ? situation.ssh.trim() : ssh.argv.join(" "),
      ssh,
      family: familyOf(line.line.addressFamily),
      account,
      keyOptions,
      settings,
      hasConfig: situation.config.trim() !== "",
      idle,
      loginLists,
      spec: answer.spec,
      sshdPort,
      ...(firewall ? { firewall } : {}),
      ...(situation.dead ? { deadTarget: true } : {}),
    }),
  );
  const told = explainAll(questions).map((each) => doubted(stopped ? withoutLogin(each, stopped) : each, answer.doubts));
  const others = (["no", "clientspecified", "yes"] as const).map((value) => ({
    value,
    told: stopped ? [] : explainAll(questions.map((each) => withGatewayPorts(each, value))),
  }));
  answer.forwards = told.map((each, at) => ({
    ...each,
    arguments: line.forwards[at] as ForwardArguments,
    policyArguments: policyArguments(line.line, at),
    gatewayPorts:
      each.prediction.listensOn === "client" || each.prediction.socket || stopped
        ? []
        : others.map((other) => gatewayPortsOf(other.value, doubted(other.told[at] as Explanation, answer.doubts), each)),
  }));
  return answer;
}

/** A whole line of authorized_keys will do. */
function readKey(text: string): string {
  const [key] = parseAuthorizedKeys(text, "").keys;
  return key ? key.options : text.trim();
}

function checkLogin({ login, faults }: Answer): void {
  const bad = login.keyOptions === "" ? undefined : badKeyOption(login.keyOptions);
  if (bad !== undefined)
    faults.push({
      field: "keyOptions",
      fault: faultOf(bad.why === "bad-option" ? "key-option-bad" : "key-option-unknown", { option: bad.option }),
      message: `${bad.why === "bad-option" ? "bad key option" : "unknown key option"} ${bad.option}; sshd ignores the whole line`,
      expected: "options of sshd(8), such as restrict,port-forwarding",
    });
  const group = login.groups.find((name) => !isName(name));
  if (group !== undefined)
    faults.push({
      field: "groups",
      message: `not a group: ${group}`,
      expected: "names with commas between them",
      fault: faultOf("group-name", { name: group }),
    });
}

function checkAccount({ login, faults }: Answer): void {
  if (!isName(login.account))
    faults.push({
      field: "account",
      message: `not an account: ${login.account}`,
      expected: "a name, such as alice",
      fault: faultOf("account-name", { name: login.account }),
    });
}

function isName(text: string): boolean {
  return /^[a-z_][a-z0-9_-]{0,31}$/.test(text);
}

function readCommand(text: string, { faults, notes }: Answer): { line: SshLine; forwards: ForwardArguments[] } | undefined {
  const words = splitWords(text.trim().replace(/\\\n/g, " "));
  if (!words) {
    faults.push({ field: "ssh", message: "a quote is left open", fault: faultOf("open-quote", {}) });
    return undefined;
  }
  try {
    const read = parseCommandLine(words, []);
    if (read.line.configFile !== undefined && !isNoConfig(read.line.configFile))
      notes.push({ code: "client-config", field: "ssh", text: read.line.configFile });
    return read;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    faults.push({ field: "ssh", ...detailsOf(error) });
    return undefined;
  }
}

function detailsOf(error: UserError): Omit<Fault, "field"> {
  const { message, expected, todo, fault } = toldError(error);
  return { message, ...(expected === undefined ? {} : { expected }), ...(todo === undefined ? {} : { todo }), ...(fault ? { fault } : {}) };
}

async function readConfig({ config: text, version }: Situation, { faults, notes }: Answer) {
  const config = await sshdConfigFromText(text.replaceAll("\r\n", "\n"));
  for (const fault of configFaults(config, versionOf(version)))
    faults.push({
      field: "config",
      message: `sshd refuses the config: ${fault.text}`,
      line: fault.line,
      fault: faultOf("sshd-refuses", { said: fault.text }),
    });
  for (const { params, line } of distributionNotes(config))
    notes.push({
      code: "distribution",
      field: "config",
      text: params.keyword,
      distribution: params.distribution,
      ...(line === undefined ? {} : { line }),
    });
  for (const [index, line] of text.split(/\r?\n/).entries())
    if (lexConfigLine(line)?.keyword === "include") notes.push({ code: "include", field: "config", text: line.trim(), line: index + 1 });
  return config.lines;
}

function versionOf(text: string): { text: string; major: number; minor: number } {
  const [major = 0, minor = 0] = text.split(".").map(Number);
  return { text, major, minor };
}

function familyOf(family: 4 | 6 | undefined): "any" | "inet" | "inet6" {
  if (family === undefined) return "any";
  return family === 4 ? "inet" : "inet6";
}

/** Undefined: none, or one that is not understood, which `doubts` then tells. */
function readFirewall(situation: Situation, answer: Answer): FirewallPolicy | undefined {
  if (situation.firewall === "none") return undefined;
  const form = situation.firewall === "form" ? rulesetOf(situation) : undefined;
  answer.ruleFaults = form?.faults ?? [];
  const text = form?.text ?? situation.ruleset;
  const name = /^\s*\*[a-z]+/m.test(text) ? "iptables.rules" : "nftables.conf";
  const { policy, doubts, interfaces } = readSimpleRuleset(text, name);
  answer.ruleset = { name, text: `${text.replaceAll("\r\n", "\n").trimEnd()}\n` };
  answer.doubts = doubts;
  const [first, second] = interfaces;
  if (second) answer.doubts = [{ code: "unknown", line: second.line, text: second.text }];
  // The server has one interface: it is called what the rules call it.
  else if (first) answer.spec = withInterface(answer.spec, first.name);
  return second ? undefined : policy;
}

function withInterface(spec: LabSpec, name: string): LabSpec {
  const { server } = spec.hosts;
  if (!server) return spec;
  return { ...spec, hosts: { ...spec.hosts, server: { ...server, interfaces: server.interfaces.map((each) => ({ ...each, name })) } } };
}

/** By which address the server sees home log in, and why ssh itself does not get to sshd; IPv4 where both families lead there. */
function loginWay(
  spec: LabSpec,
  firewall: FirewallPolicy | undefined,
  port: number,
  only: 4 | 6 | undefined,
): { from?: string; stopped?: ModelRefusal } {
  const by = spec.hosts.server?.interfaces[0]?.name ?? "";
  const ways = ([4, 6] as const).flatMap((family) => {
    const source = family === 4 ? seenFrom(spec, "home") : addressesOf(spec, "home").find((each) => each.includes(":"));
    const destination = addressesOf(spec, "server").find((each) => parseAddress(each)?.family === family);
    if ((only !== undefined && only !== family) || source === undefined || destination === undefined) return [];
    return [{ source, decision: decideInput(firewall, { family, source, destination, port, by }) }];
  });
  const open = ways.find(({ decision }) => decision.action === "accept");
  const [first] = ways;
  if (open || !first) return open ? { from: open.source } : {};
  const why = describeDecision(first.decision);
  return {
    from: first.source,
    stopped: {
      layer: "server-firewall",
      text: {
        en: `The server's firewall stops ssh itself on its way from home to port ${port} (${why}): nobody logs in, and there is no forward.`,
        ja: `サーバーのファイアウォールが、home からポート ${port} への ssh 接続そのものを止めます（${why}）。ログインできないので、転送もありません。`,
      },
    },
  };
}

function withoutLogin(explanation: Explanation, refusedBy: ModelRefusal): Explanation {
  const { closedBy: _, socket: __, ...rest } = explanation.prediction;
  const prediction: Prediction = { ...rest, granted: false, refusedBy, listeners: [], why: [{ ...refusedBy }] };
  const why: Sentence = { en: "There is no forward: ssh cannot log in.", ja: "ssh がログインできないので、転送がありません。" };
  const reach = explanation.reach.map(
    (cell): ReachCell =>
      cell.verdict === "filtered" || cell.verdict === "unreachable" ? cell : { ...cell, verdict: "refused", layer: "server-firewall", why },
  );
  return { ...explanation, prediction, reach, hints: [] };
}

/** A wrong "blocked" would be the worst answer: where the rules are not understood, nothing is said that depends on them. */
function doubted(explanation: Explanation, doubts: readonly Doubt[]): Explanation {
  if (doubts.length === 0) return explanation;
  const all = doubts.some(({ family }) => family === undefined);
  const remote = explanation.prediction.listensOn === "server";
  return {
    ...explanation,
    reach: explanation.reach.map((cell): ReachCell => {
      const reasons = doubts.filter(({ family }) => family === undefined || (family === cell.family && cell.vantage !== "server"));
      const [first] = reasons;
      // What ends before the server is certain. At home nothing but the tunnel depends on the server's rules.
      const certain = cell.layer === "router" || cell.layer === "nat" || cell.family === null || (!remote && cell.verdict !== "reached");
      if (!first || certain || (!remote && !all)) return cell;
      return { ...cell, verdict: "inconclusive", layer: "server-firewall", why: doubtText(first) };
    }),
  };
}

function doubtText({ line, text }: Doubt): Sentence {
  const quoted = text === "" ? "" : ` (${text})`;
  return {
    en: `The model does not understand line ${line} of the firewall${quoted}: ask verify.`,
    ja: `モデルはファイアウォールの ${line} 行目${quoted}を理解できません。verify で確かめてください。`,
  };
}

function withGatewayPorts(question: Question, value: string): Question {
  const { settings } = question;
  return { ...question, settings: (keyword) => (keyword === "gatewayports" ? { keyword, value } : settings(keyword)) };
}

function gatewayPortsOf(value: OtherGatewayPorts["value"], { prediction, reach }: Explanation, now: Explanation): OtherGatewayPorts {
  const effective = now.settings.find(({ keyword }) => keyword === "gatewayports")?.value ?? "no";
  return {
    value,
    current: effective === value,
    listeners: prediction.listeners.map(formatListener),
    reached: [...new Set(reach.filter(({ verdict }) => verdict === "reached").map(({ vantage }) => vantage))],
  };
}

/** Options that decide about forwards; the lab adds destination, account, port and key. */
function policyArguments(line: SshLine, at: number): string {
  const { met, forwards } = line;
  const flags = [...new Set(met.flatMap(({ option, keyword }) => (keyword === undefined && /^[fNg46]$/.test(option) ? [option] : [])))];
  const kept =
    /^(exitonforwardfailure|clearallforwardings|streamlocalbindmask|streamlocalbindunlink|gatewayports|permitremoteopen|addressfamily)$/;
  const options = met.flatMap(({ keyword, value }) =>
    keyword !== undefined && kept.test(keyword) ? ["-o", `${keyword}=${value ?? ""}`] : [],
  );
  // -f needs a command or -N.
  const plain = flags.includes("f") && !flags.includes("N") ? [...flags, "N"] : flags;
  return [...(plain.length > 0 ? [`-${plain.join("")}`] : []), ...options, ...(forwards[at]?.words ?? [])].map(quotedWord).join(" ");
}

function quotedWord(word: string): string {
  return /^[\w@%+=:,./[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
