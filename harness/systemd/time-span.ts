/** A time span of systemd. Source: systemd.time(7), "Parsing time spans". */

const seconds: readonly (readonly [RegExp, number])[] = [
  [/^(usec|us|µs|μs)$/, 1e-6],
  [/^(msec|ms)$/, 1e-3],
  [/^(seconds|second|sec|s|)$/, 1],
  [/^(minutes|minute|min|m)$/, 60],
  [/^(hours|hour|hr|h)$/, 3600],
  [/^(days|day|d)$/, 86_400],
  [/^(weeks|week|w)$/, 604_800],
  [/^(months|month|M)$/, 2_629_800],
  [/^(years|year|y)$/, 31_557_600],
];

/** In seconds; undefined: none, as systemd sees it. */
export function readTimeSpan(text: string): number | undefined {
  const bare = text.trim();
  if (bare === "infinity") return Number.POSITIVE_INFINITY;
  let sum = 0;
  for (const part of bare.match(/[\d.]+\s*[A-Za-zµμ]*|\S/g) ?? [Number.NaN.toString()]) {
    const [, digits = "", unit = ""] = /^(\d+(?:\.\d*)?|\.\d+)\s*([A-Za-zµμ]*)$/.exec(part) ?? [];
    const factor = seconds.find(([name]) => name.test(unit))?.[1];
    if (digits === "" || factor === undefined) return undefined;
    sum += Number(digits) * factor;
  }
  return sum;
}
