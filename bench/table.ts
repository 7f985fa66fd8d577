/** Medians, their ratios, and the targets that they are held against. Pure. */

import type { MeasuredCold } from "./cold.ts";
import type { MeasuredFleet } from "./fleets.ts";
import type { ManyForwards } from "./many-forwards.ts";
import type { MeasuredReview } from "./reviews.ts";
import { forwardCounts, type Measured } from "./scenario.ts";
import type { MeasuredWatch } from "./watch.ts";

export interface WayMedians extends Omit<Measured, "configs" | "forwards"> {
  config: number;
  forward: number;
}

export type Medians = Record<"floor" | "usual" | "lab", WayMedians>;

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const at = (index: number) => sorted[index] ?? Number.NaN;
  return Number.isInteger(middle) ? (at(middle - 1) + at(middle)) / 2 : at(Math.floor(middle));
}

export function mediansOf(runs: readonly Measured[]): WayMedians {
  const of = (value: (run: Measured) => number | undefined) => {
    const values = runs.map(value).filter((each) => each !== undefined);
    return values.length === 0 ? undefined : median(values);
  };
  const names = Object.keys(runs[0]?.steps ?? {});
  const [one] = runs;
  return {
    first: of(({ first }) => first) as number,
    config: median(runs.flatMap(({ configs }) => configs)),
    forward: median(runs.flatMap(({ forwards }) => forwards)),
    gone: of(({ gone }) => gone),
    containers: of(({ containers }) => containers),
    processes: of(({ processes }) => processes),
    ...(one?.timeouts ? { timeouts: one.timeouts } : {}),
    ...(one?.memory
      ? { memory: { containers: of((run) => run.memory?.containers) as number, harness: of((run) => run.memory?.harness) as number } }
      : {}),
    ...(one?.steps ? { steps: Object.fromEntries(names.map((name) => [name, of((run) => run.steps?.[name]) as number])) } : {}),
  };
}

const rows = [
  { key: "first", title: "first verdict, cold", most: 5, least: 4 },
  { key: "config", title: "further config, 12 probes", most: 1.5, least: 20 },
  { key: "forward", title: "further forward, 12 probes", most: 1.5, least: 20 },
] as const;

/** Milliseconds for a policy with many forwards. */
const mostForMany = 4000;
/** Milliseconds from the save to the verdict. */
const mostForEdit = 400;

/** `how`: under what circumstances it was measured. */
export function report({ floor, usual, lab }: Medians, { many, watch }: { many: ManyForwards; watch: EditMedians }, how: string): string {
  const cells = rows.map(({ key, title, most, least }) => {
    const [toFloor, toUsual] = [lab[key] / floor[key], usual[key] / lab[key]];
    return [
      title,
      ms(floor[key]),
      ms(usual[key]),
      ms(lab[key]),
      `${toFloor.toFixed(2)} ${against(toFloor <= most, `at most ${most}`)}`,
      `${toUsual.toFixed(1)} ${against(toUsual >= least, `at least ${least}`)}`,
    ];
  });
  const head = ["", "(a) floor", "(b) usual way", "(c) forwardlab", "c / a", "b / c"];
  return `${[
    ...grid([head, ...cells]),
    "",
    "(a) bare network namespaces, no containers   (b) Testcontainers on Docker networks   (c) forwardlab",
    `Medians of ${how}; the ways in turn. Cold: from the start of the process; images are there, the container that (a) runs in is not counted.`,
    "A further config or forward is opened anew and probed from six vantage points over both address families.",
    ...withoutTimeouts(usual, lab),
    ...manyForwards(many, floor),
    ...edited(watch, floor),
    ...size(usual, lab),
    ...steps("(a)", floor),
    ...steps("(c)", lab),
  ].join("\n")}\n`;
}

/** Seconds that reviews of these sizes may take at most. */
const reviewTargets = [
  { accounts: 10, whatIf: false, seconds: 30 },
  { accounts: 100, whatIf: false, seconds: 240 },
];
/** Milliseconds for each change of `--what-if`: 60 s for 100 of them. */
const mostForChange = 600;

/** How a review grows with accounts, rules and changes. */
export function reviewReport(reviews: readonly MeasuredReview[], how: string): string {
  const plain = reviews.find(({ whatIf }) => !whatIf)?.ms ?? 0;
  const lines = reviews.map(({ accounts, rules, principals, ports, sources, changes, ms: took, whatIf }) => {
    const target = reviewTargets.find((each) => each.accounts === accounts && each.whatIf === (whatIf ?? false) && rules === 60);
    const each = changes > 0 ? (took - plain) / changes : took / principals;
    const kept = target ? against(took <= target.seconds * 1000, `at most ${target.seconds} s`) : "";
    const perChange = changes > 0 ? against(each <= mostForChange, `at most ${mostForChange} ms`) : "";
    return [
      `${accounts} accounts, ${rules} rules`,
      String(principals),
      String(ports),
      String(sources),
      `${ms(took)} ${kept}`.trim(),
      changes > 0 ? `${ms(each)} for each of ${changes} changes ${perChange}` : `${ms(each)} for each principal`,
    ];
  });
  const head = ["review of", "principals", "port classes", "source classes", "takes", ""];
  return `${[...grid([head, ...lines]), "", `Each once, ${how}. Every principal logs in and asks for each bind form and class of ports; one listener of each class is probed from each class of sources.`].join("\n")}\n`;
}

export function fleetReport(fleets: readonly MeasuredFleet[], how: string): string {
  const lines = fleets.map(({ servers, labs, together, apart }) => [
    String(servers),
    String(labs),
    ms(together),
    ms(together / servers),
    ms(apart),
    `${(apart / together).toFixed(1)} ×`,
  ]);
  const head = ["servers", "labs", "one command", "for each server", "a command for each", "ratio"];
  return `${[...grid([head, ...lines]), "", `Each once, ${how}. Two forwards from each server, probed from six vantage points over both families; every fifth server has a network of its own.`].join("\n")}\n`;
}

/** Milliseconds from nothing to verdicts. */
const mostForCold = 25_000;

export function coldReport(cold: readonly MeasuredCold[], how: string): string {
  const lines = cold.map(({ name, took, steps, busy }, index) => [
    name,
    `${ms(took)} ${index === 0 ? against(took <= mostForCold, `at most ${ms(mostForCold)}`) : ""}`.trim(),
    `${busy.toFixed(1)} s`,
    Object.entries(steps)
      .map(([step, each]) => `${step} ${ms(each)}`)
      .join(", "),
  ]);
  const head = ["in a fresh clone", "takes", "processors busy", "of it"];
  return `${[...grid([head, ...lines]), "", `Each once, ${how}; no cache of npm's, no engine. What other processes did meanwhile is in the processors' time.`].join("\n")}\n`;
}

export function manyMedians(runs: readonly ManyForwards[]): ManyForwards {
  const of = (key: keyof ManyForwards) => median(runs.map((run) => run[key]));
  return { many: of("many"), few: of("few"), fewWithState: of("fewWithState"), fewCells: of("fewCells") };
}

function manyForwards(found: ManyForwards, { forward }: WayMedians): string[] {
  const { many, few } = forwardCounts;
  const each = (found.many - found.few) / (many - few);
  const state = found.fewWithState - found.few;
  return [
    `(c) verifies a policy with ${many} forwards in ${ms(found.many)} ${against(found.many <= mostForMany, `at most ${ms(mostForMany)}`)}, ${few} in ${ms(found.few)}: ${ms(each)} for each further one, ${(each / forward).toFixed(2)} × (a)'s further forward ${against(each <= 0.3 * forward, "at most 0.3")}.`,
    `With a rule that has state, ${few} forwards take ${ms(found.fewWithState)}, ${(found.fewWithState / found.few).toFixed(1)} × the same without it, ${ms(state)} more or ${ms(state / found.fewCells)} for each of ${found.fewCells} cells: each is then measured alone, on rules just loaded.`,
  ];
}

export type EditMedians = Record<keyof MeasuredWatch, number>;

export function watchMedians(runs: readonly MeasuredWatch[]): EditMedians {
  const of = (key: keyof MeasuredWatch) => median(runs.flatMap((run) => run[key]));
  return { policy: of("policy"), sshd: of("sshd"), firewall: of("firewall") };
}

const edits: readonly (readonly [title: string, keyof MeasuredWatch])[] = [
  ["policy", "policy"],
  ["sshd_config", "sshd"],
  ["firewall", "firewall"],
];

function edited(found: EditMedians, { config }: WayMedians): string[] {
  const each = edits.map(([title, key]) => {
    const took = found[key];
    return `${title} ${ms(took)} ${against(took <= mostForEdit, `at most ${ms(mostForEdit)}`)}, ${(took / config).toFixed(2)} × (a)'s further config`;
  });
  return [
    `(c) \`verify --watch\` judges examples/article (3 forwards, 42 cells) again, from the save to the printed verdict: ${each.join("; ")}.`,
  ];
}

function withoutTimeouts({ timeouts, config, forward }: WayMedians, lab: WayMedians): string[] {
  if (!timeouts) return [];
  const share = (whole: number, waited: number, own: number) => `${ms(whole - waited)}, ${((whole - waited) / own).toFixed(1)} × (c)`;
  return [
    `(b) waits ${ms(timeouts.config)} for connections that time out (4 of 12, 2 s each); without that a further config takes ${share(config, timeouts.config, lab.config)}; a further forward ${share(forward, timeouts.forward, lab.forward)}.`,
  ];
}

function size(usual: WayMedians, lab: WayMedians): string[] {
  const mib = (bytes = 0) => `${Math.round(bytes / 1024 / 1024)} MiB`;
  return [
    `A lab of (c): ${lab.containers} containers, ${lab.processes} processes in them; peak memory ${mib(lab.memory?.containers)} (containers, with page cache) and ${mib(lab.memory?.harness)} (harness); nothing left ${ms(lab.gone ?? 0)} after disposal. (b): ${usual.containers} containers, ${ms(usual.gone ?? 0)}.`,
  ];
}

function steps(way: string, { steps: found }: WayMedians): string[] {
  return found
    ? [
        `First verdict of ${way}: ${Object.entries(found)
          .map(([name, took]) => `${name} ${ms(took)}`)
          .join(", ")}.`,
      ]
    : [];
}

function against(kept: boolean, target: string): string {
  return `(${target}: ${kept ? "kept" : "MISSED"})`;
}

function ms(value: number): string {
  return value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(1)} s`;
}

function grid(lines: readonly string[][]): string[] {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((line) => (line[column] as string).length)));
  return lines.map((line) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join("  ")
      .trimEnd(),
  );
}
