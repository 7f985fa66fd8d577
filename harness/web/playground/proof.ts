/** The files and the command that prove the same situation in a lab. */
import { compareVantages } from "../../core/cells.ts";
import { detourEntries, isDetour, type WrittenEntry } from "../../core/stated-entries.ts";
import type { ReachCell } from "../../openssh/model/reach.ts";
import { plainYaml } from "../../report/plain-yaml.ts";
import { entryTexts } from "../../report/policy-entries.ts";
import type { Answer, ForwardAnswer } from "./answer.ts";
import type { Situation } from "./situation.ts";

export interface ProofFile {
  name: string;
  text: string;
}

/** The policy first; empty where the model has no answer. */
export function proofOf(situation: Situation, answer: Answer): ProofFile[] {
  const { login, ruleset, forwards } = answer;
  if (forwards.length === 0) return [];
  const files: ProofFile[] = [{ name: "sshd_config", text: configText(situation.config) }];
  if (ruleset) files.push(ruleset);
  if (login.keyOptions !== "") files.push({ name: `${login.account}.keys`, text: `${login.keyOptions} ${anyKey}\n` });
  return [{ name: "policy.yaml", text: policyText(situation, answer) }, ...files];
}

/** The lab puts a key of its own in its place. */
const anyKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcndhcmRsYWIgZXhhbXBsZSBrZXksIG5vdCB1c2Vk example";

function configText(text: string): string {
  return text.trim() === "" ? "# The defaults of sshd\n" : `${text.replaceAll("\r\n", "\n").trimEnd()}\n`;
}

function policyText({ version, dead }: Situation, { login, ruleset, forwards, doubts, spec }: Answer): string {
  const account = [
    ...(login.keyOptions === "" ? [] : [`authorized_keys: ${plainYaml(`${login.account}.keys`)}`]),
    ...(login.groups.length === 0 ? [] : [`groups: [${login.groups.map(plainYaml).join(", ")}]`]),
  ];
  const by = spec.hosts.server?.interfaces[0]?.name ?? "eth0";
  return [
    "# What the playground's model predicts. To prove it: forwardlab verify policy.yaml",
    "server:",
    "  sshd_config: sshd_config",
    ...(ruleset ? [`  firewall: ${ruleset.name}`] : []),
    ...(version === "10.0" ? [] : [`  openssh: "${version}"`]),
    "  accounts:",
    `    ${plainYaml(login.account)}: ${account.length === 0 ? "{}" : `{ ${account.join(", ")} }`}`,
    ...(by === "eth0" ? [] : ["network:", `  server: { interface: ${plainYaml(by)} }`]),
    ...(dead ? ["home:", `  services: { ${spare(forwards)}: other }  # nothing listens on the target`] : []),
    "forwards:",
    ...forwards.flatMap((forward, at) => [
      `  ${nameOf(forwards, at)}:`,
      `    ssh: ${plainYaml(forward.policyArguments)}`,
      ...(forwards.length > 1 ? ["    together: true"] : []),
      ...expectation(forward, doubts.length > 0),
    ]),
    "",
  ].join("\n");
}

export function nameOf(forwards: readonly unknown[], at: number): string {
  return forwards.length === 1 ? "forward" : `forward-${at + 1}`;
}

/** A port that no forward leads to. */
function spare(forwards: readonly ForwardAnswer[]): number {
  const used = forwards.map(({ arguments: { request } }) => request.target?.port);
  return used.includes(9) ? 13 : 9;
}

function expectation({ prediction, reach }: ForwardAnswer, doubts: boolean): string[] {
  const refused = prediction.refusedBy;
  if (refused?.layer === "server-firewall") return ["    login: refused"];
  if (refused && refused.layer !== "client") return ["    refused_by_server: true"];
  return [
    ...(doubts && reach.some(({ verdict }) => verdict === "inconclusive")
      ? ["    # The model cannot tell who gets through the firewall: list them here."]
      : []),
    `    reachable_from: [${entriesOf(reach).join(", ")}]`,
  ];
}

/** As few as say the same. */
function entriesOf(cells: readonly ReachCell[]): string[] {
  const byVantage = Map.groupBy(cells, ({ vantage }) => vantage);
  return [...byVantage]
    .sort(([one], [other]) => compareVantages(one, other))
    .flatMap(([vantage, own]) => {
      const plain = own.filter((cell) => !isDetour(cell));
      const wrong = plain.filter(({ verdict }) => verdict === "wrong-service");
      const entries = [...reachedEntries(plain), ...wrong.map(({ address }): WrittenEntry => ({ address, is: "wrong-service" }))];
      const ways = own.map(({ verdict: seen, ...cell }) => ({ ...cell, seen }));
      return entryTexts(vantage, [...entries, ...detourEntries(ways, entries)]);
    });
}

function reachedEntries(own: readonly ReachCell[]): WrittenEntry[] {
  const in_ = own.filter(({ verdict }) => verdict === "reached");
  if (in_.length === 0) return [];
  // A named vantage point must reach loopback; all that an entry can add is that the other addresses are blocked.
  if (in_.every(({ scope }) => scope === "loopback"))
    return own.filter(({ scope }) => scope !== "loopback").map(({ address }) => ({ address, is: "blocked" }));
  if (own.some(({ scope }) => scope === "socket")) return in_.map(({ target }) => ({ as: target.slice(target.lastIndexOf(" as ") + 4) }));
  // Where there is no way, nothing is probed.
  const routed = own.filter(({ verdict }) => verdict !== "unreachable");
  if (in_.length === routed.length && routed.length === own.length) return [{}];
  return ([4, 6] as const).flatMap((family): WrittenEntry[] => {
    const all = own.filter((cell) => cell.family === family);
    const reached = in_.filter((cell) => cell.family === family);
    if (reached.length > 0 && reached.length === all.length) return [{ family }];
    return reached.filter(({ scope }) => scope !== "loopback").map(({ address }) => ({ address }));
  });
}

/** Writes the files, then asks: to be pasted into a shell. */
export function shellText(files: readonly ProofFile[], folder = "playground"): string {
  const parts = files.map(({ name, text }) => {
    const end = endOf(text);
    return `cat > ${folder}/${name} <<'${end}'\n${text}${end}`;
  });
  return [`mkdir -p ${folder}`, ...parts, `npx forwardlab verify ${folder}/policy.yaml`, ""].join("\n");
}

/** A word that no line of the text is. */
function endOf(text: string): string {
  let end = "END";
  while (text.split("\n").includes(end)) end += "_";
  return end;
}
