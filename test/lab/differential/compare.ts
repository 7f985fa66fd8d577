/** Asks the lab and the oracle the same: who gets through this firewall. */
import { portClassesOf } from "../../../harness/core/port-range.ts";
import type { ProbeResult, Verdict } from "../../../harness/core/verdict.ts";
import { HeldSettings } from "../../../harness/lab/held-settings.ts";
import { parseForwardArguments } from "../../../harness/openssh/forward-arguments.ts";
import type { ForwardLab } from "../../../harness/session/forward-lab.ts";
import type { DrawnServer } from "./draw-server.ts";
import { type Firewall, type FirewallText, textOf } from "./firewall-text.ts";
import { loadFirewallText } from "./load-firewall-text.ts";
import type { Answer, Oracle } from "./oracle.ts";
import { account, dialledPort, dials, meetings, movedPort, port } from "./visitors.ts";

export interface Difference {
  /** e.g. `campus -> 198.51.100.10`. */
  what: string;
  oracle: Answer;
  lab: Verdict | "not tried";
  note: string;
}

export interface Comparison {
  /** Verdicts compared. */
  cells: number;
  answered: number;
  differences: Difference[];
  /** Cells that the lab leaves open, and the oracle's answer is one that they may have: neither agreement nor difference. */
  undecided: Difference[];
}

/** The verdicts that say the same as the oracle's answer. `filtered` may be a reject, which looks like `refused` from outside. */
const same: Readonly<Record<Answer, readonly Verdict[]>> = {
  answered: ["reached"],
  "wrong-service": ["wrong-service", "filtered"],
  silent: ["closed", "filtered"],
  refused: ["refused", "filtered"],
  unreachable: ["filtered", "unreachable"],
  timeout: ["filtered", "unreachable"],
  reset: ["refused", "filtered", "closed"],
};

/**
 * Does the lab itself say that another visitor may get this answer? Where it knows the verdicts that are possible, the answer has to be one of them;
 * where it knows that chance or the clock decides, somebody is let in or stopped, but nobody is led to another service.
 */
export function leftOpen(
  { verdict, unsettledBy = [], possible }: Pick<ProbeResult, "verdict" | "unsettledBy" | "possible">,
  answer: Answer,
) {
  if (unsettledBy.length === 0) return false;
  return possible ? possible.some((each) => agree(answer, each)) : answer !== "wrong-service" || verdict === "inconclusive";
}

export function agree(answer: Answer, verdict: Verdict): boolean {
  return same[answer].includes(verdict);
}

/** Rejects when the tools refuse the firewall. The oracle gives up before a packet is sent again: what stops the first one has the last word there. */
export async function compare(
  lab: ForwardLab,
  oracle: Oracle,
  firewall: Firewall,
  { outbound, server }: { outbound: boolean; server: DrawnServer },
): Promise<Comparison> {
  const text = textOf(firewall);
  const { bind, sysctls } = server;
  const visits = [...meetings.map(({ visit }) => visit), ...(outbound ? dials : [])].map((visit) => ({ ...visit, bind, sysctls }));
  // The oracle waits for an answer by the clock: it is not to share the machine with the lab.
  const answers = await oracle.ask(text, visits);
  const probes = await new HeldSettings(lab.lab.fabric).during("server", sysctls, () => askLab(lab, text, { outbound, server }));
  // What clients choose opens the port, as the lab itself says of the whole ruleset: the oracle's data is shorter than the lab's.
  const { rules } = lab.servers.at("server");
  const chosen = [port, movedPort].some((each) => rules.chosenBySender({ port: each }).length > 0);
  const comparison: Comparison = { cells: 0, answered: 0, differences: missedWays(lab, answers), undecided: [] };
  for (const [at, answer] of answers.entries()) {
    const probe = probes[at];
    if (!probe) throw new Error("the lab was asked less than the oracle");
    comparison.cells++;
    if (answer === "answered") comparison.answered++;
    if (agree(answer, probe.verdict) || (probe.stoppedFirst && agree(answer, "filtered"))) continue;
    const meeting = meetings[at];
    const what = meeting
      ? `${meeting.vantage} -> ${meeting.address}${meeting.port === undefined ? "" : ` port ${meeting.port}`}`
      : `server dials ${visits[at]?.address}`;
    const { decision, evidence, verdict } = probe;
    const difference = { what, oracle: answer, lab: verdict, note: decision?.rule ?? evidence.note ?? "" };
    comparison[leftOpen(probe, answer) || chosen ? "undecided" : "differences"].push(difference);
  }
  return comparison;
}

/** Another port by which a visitor gets in must be one that `verify` tries, or of one class with one that it tries. */
function missedWays(lab: ForwardLab, answers: readonly Answer[]): Difference[] {
  const { rules } = lab.servers.at("server");
  const tried = rules.movedPorts(port);
  const classes = portClassesOf(rules.namedPorts().groups);
  return meetings.flatMap(({ vantage, address, port: dialled }, at) => {
    if (dialled === undefined || answers[at] !== "answered") return [];
    const alike = classes.find(({ ranges }) => ranges.some(({ first, last }) => first <= dialled && dialled <= last));
    if (alike?.ranges.some(({ first, last }) => tried.some((each) => first <= each && each <= last))) return [];
    return [{ what: `${vantage} -> ${address} port ${dialled}`, oracle: "answered", lab: "not tried", note: `tried: ${tried.join(" ")}` }];
  });
}

export async function askLab(
  lab: ForwardLab,
  text: FirewallText,
  { outbound, server }: { outbound: boolean; server: DrawnServer },
): Promise<ProbeResult[]> {
  await lab.configure({ firewall: await loadFirewallText(text) });
  await using remote = await open(lab, `-R ${server.listen}:localhost:3389`);
  const found = await Promise.all(
    meetings.map(({ vantage, address, port: dialled }) =>
      lab.probe(remote, vantage, address, dialled === undefined ? {} : { port: dialled }),
    ),
  );
  for (const { address, family } of outbound ? dials : []) {
    const target = family === 6 ? `[${address}]` : address;
    await using local = await open(lab, `-L 127.0.0.1:8081:${target}:${dialledPort}`);
    found.push(await lab.probe(local, "home", "127.0.0.1"));
  }
  return found;
}

async function open(lab: ForwardLab, ssh: string) {
  const forward = await lab.open({ name: "drawn", from: "home", account: account.name, ssh: parseForwardArguments(ssh) });
  if (!forward.open.outcome.granted) throw new Error(`not granted: ssh ${ssh}\n${forward.open.outcome.clientLog}`);
  return forward;
}
