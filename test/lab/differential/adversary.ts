/**
 * Tries to get in where the lab says that nobody does, in every manner that a visitor may choose: `node test/lab/differential/adversary.ts [FIREWALLS] [SEED]`,
 * 100 by default. A verdict that the lab leaves open, and a ruleset of which it says itself that a client's choice opens the port, promise nothing.
 */
import { blockedVerdicts, type ProbeResult } from "../../../harness/core/verdict.ts";
import type { ForwardLab } from "../../../harness/session/forward-lab.ts";
import { askLab } from "./compare.ts";
import { usualServer } from "./draw-server.ts";
import { type FirewallText, textOf } from "./firewall-text.ts";
import { manners, type NamedManner, persistence } from "./manners.ts";
import { Oracle, type Visit } from "./oracle.ts";
import { drawRound, startLab } from "./rounds.ts";
import { type Meeting, meetings, movedPort, port } from "./visitors.ts";

const count = Number(process.argv[2] ?? 100);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
const totals = { firewalls: 0, refused: 0, open: 0, broken: 0, busy: 0, blocks: 0, tries: 0, passed: 0 };

interface Block {
  meeting: Meeting;
  result: ProbeResult;
}

interface Try extends Block {
  manner: string;
  visit: Visit;
}

console.log(`seed ${seed}, ${count} firewalls`);
await using oracle = await Oracle.start();
const perLab = 50;
for (let first = 0; first < count; first += perLab) {
  await using lab = await startLab();
  for (let at = first; at < Math.min(first + perLab, count); at++) await attack(lab, seed + at);
  report();
}
process.exitCode = totals.passed + totals.broken > 0 ? 1 : 0;

async function attack(lab: ForwardLab, own: number): Promise<void> {
  const text = textOf(drawRound(own).firewall);
  totals.firewalls++;
  const loads = await oracle
    .ask(
      text,
      meetings.slice(0, 1).map(({ visit }) => visit),
    )
    .then(
      () => true,
      () => false,
    );
  if (!loads) {
    totals.refused++;
    return;
  }
  const results = await askLab(lab, text, { outbound: false, server: usualServer }).catch((error: unknown) => {
    totals.broken++;
    console.log(`\nseed ${own}: the lab could not run: ${error instanceof Error ? error.message : error}\n${shown(text)}`);
    return [];
  });
  const { rules } = lab.servers.at("server");
  if ([port, movedPort].some((each) => rules.chosenBySender({ port: each }).length > 0)) {
    totals.open++;
    return;
  }
  const blocks = kindsOf(meetings.flatMap((meeting, index) => promised(meeting, results[index])));
  const tries = blocks.flatMap(triesOf);
  totals.blocks += blocks.length;
  totals.tries += tries.length;
  const visits = tries.map(({ visit }) => visit);
  // The ruleset has loaded before: what stops the oracle now is a machine without time for it.
  const answers = await oracle.ask(text, visits).catch((error: unknown) => {
    totals.busy++;
    console.log(`\nseed ${own}: not tried: ${error instanceof Error ? error.message : error}`);
    return [];
  });
  const passed = tries.filter((_each, index) => answers[index] === "answered");
  totals.passed += passed.length;
  if (passed.length > 0) console.log(`\nseed ${own}:\n${passed.map(told).join("\n")}\n${shown(text)}`);
}

function promised(meeting: Meeting, result: ProbeResult | undefined): Block[] {
  const held = result && blockedVerdicts.includes(result.verdict) && (result.unsettledBy ?? []).length === 0;
  // Where nothing listens, there is nothing to get to.
  const nobody = result?.verdict === "refused" && !result.decision;
  return held && !(meeting.port !== undefined && nobody) ? [{ meeting, result }] : [];
}

/** One of each: of the same family, kept out by the same rule. */
function kindsOf(blocks: readonly Block[]): Block[] {
  const kinds = blocks.map((block) => {
    const { meeting, result } = block;
    const { kind, family } = meeting.visit;
    return [[kind, family, meeting.port, result.decision?.direction, result.decision?.rule].join(" "), block] as const;
  });
  return [...new Map(kinds).values()];
}

function triesOf(block: Block): Try[] {
  const { visit } = block.meeting;
  const { family, kind } = visit;
  const open = (each: Pick<NamedManner, "unprivileged">) => kind !== "local" || each.unprivileged === true;
  const all = [...manners.filter(({ met }) => met[family] !== undefined), ...persistence].filter(open);
  return all.map((manner) => ({ ...block, manner: manner.name, visit: { ...visit, manner } }));
}

function told({ meeting, result, manner }: Try): string {
  const { vantage, address, port: dialled } = meeting;
  const why = result.decision ? `${result.decision.direction}: ${result.decision.rule}` : (result.evidence.note ?? "");
  return `  ${vantage} -> ${address}${dialled === undefined ? "" : ` port ${dialled}`}: ${result.verdict} (${why}), but answered ${manner}`;
}

function shown(text: FirewallText): string {
  return Object.values(text).join("# IPv6\n");
}

function report(): void {
  const { firewalls, refused, open, broken, busy, blocks, tries, passed } = totals;
  console.log(
    `${firewalls} firewalls, ${refused} refused by nft or iptables, ${open} open to a client's choice as the lab says, ${broken} that the lab could not run, ${busy} that the oracle had no time for; ${blocks} kinds of blocks, ${tries} tries, ${passed} got in`,
  );
}
