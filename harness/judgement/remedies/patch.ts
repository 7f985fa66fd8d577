/** Two states of the user's files as a unified diff that `patch -p1` takes in the policy's folder. */

const context = 3;
/** Beyond so many comparisons the middle of a file is shown as one replaced block: longer, and just as right. */
const maxComparisons = 4_000_000;

type Files = Readonly<Record<string, string>>;
type Step = readonly [mark: " " | "-" | "+", line: string];

/** Empty when nothing changed. Files in order of their names; each by its path relative to the policy's folder. */
export function asPatch(before: Files, after: Files): string {
  return Object.keys(after)
    .filter((file) => before[file] !== after[file])
    .sort()
    .map((file) => fileDiff(file, before[file] ?? "", after[file] ?? ""))
    .join("");
}

function fileDiff(file: string, before: string, after: string): string {
  const steps = lineSteps(before, after);
  return `--- a/${file}\n+++ b/${file}\n${hunks(steps).join("")}`;
}

/** From one text to the other: lines with their ends, each kept, taken out or put in. */
export function lineSteps(before: string, after: string): Step[] {
  return diff(splitLines(before), splitLines(after));
}

/** Lines with their line ends: the last one may lack it. */
function splitLines(text: string): string[] {
  return text === "" ? [] : text.split(/(?<=\n)/);
}

function diff(before: readonly string[], after: readonly string[]): Step[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  const same = (lines: readonly string[]) => lines.map((line): Step => [" ", line]);
  return [
    ...same(before.slice(0, head)),
    ...changed(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ];
}

/** Longest common subsequence. */
function changed(before: readonly string[], after: readonly string[]): Step[] {
  const removed = (lines: readonly string[]) => lines.map((line): Step => ["-", line]);
  const added = (lines: readonly string[]) => lines.map((line): Step => ["+", line]);
  if (before.length * after.length > maxComparisons) return [...removed(before), ...added(after)];
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1));
  const at = (i: number, j: number) => lengths[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const row = lengths[i] as Uint32Array;
      row[j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const steps: Step[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      steps.push([" ", before[i++] as string]);
      j++;
    } else if (at(i + 1, j) >= at(i, j + 1)) steps.push(["-", before[i++] as string]);
    else steps.push(["+", after[j++] as string]);
  }
  return [...steps, ...removed(before.slice(i)), ...added(after.slice(j))];
}

function hunks(steps: readonly Step[]): string[] {
  const found: string[] = [];
  const changes = steps.flatMap(([mark], index) => (mark === " " ? [] : [index]));
  for (let first = 0; first < changes.length; ) {
    let last = first;
    while (last + 1 < changes.length && (changes[last + 1] as number) - (changes[last] as number) <= 2 * context) last++;
    const start = Math.max(0, (changes[first] as number) - context);
    const end = Math.min(steps.length, (changes[last] as number) + context + 1);
    found.push(hunk(steps, start, end));
    first = last + 1;
  }
  return found;
}

function hunk(steps: readonly Step[], start: number, end: number): string {
  const count = (part: readonly Step[], not: Step[0]) => part.filter(([mark]) => mark !== not).length;
  const part = steps.slice(start, end);
  const range = (not: Step[0]) => {
    const length = count(part, not);
    const before = count(steps.slice(0, start), not);
    return `${length === 0 ? before : before + 1},${length}`;
  };
  const lines = part.map(([mark, line]) => (line.endsWith("\n") ? `${mark}${line}` : `${mark}${line}\n\\ No newline at end of file\n`));
  return `@@ -${range("+")} +${range("-")} @@\n${lines.join("")}`;
}
