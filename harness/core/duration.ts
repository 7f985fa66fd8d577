/** Spans of time, in whole seconds. Pure. */

const units: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** As sshd reads them: `90`, `90s`, `1h30m`. Undefined: none. Source: sshd_config(5), "TIME FORMATS". */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+[smhdw]?)+$/i.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+)([smhdw]?)/gi)];
  const seconds = parts.reduce((sum, [, digits, unit = ""]) => sum + Number(digits) * (units[unit.toLowerCase()] as number), 0);
  return Number.isSafeInteger(seconds) ? seconds : undefined;
}

/** `90 s`, `5 min`, `2 h 11 min 15 s`. */
export function formatDuration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor((seconds % 3600) / 60), "min"],
    [Math.round((seconds % 60) * 10) / 10, "s"],
  ] as const;
  if (seconds <= 90) return `${parts[1][0] * 60 + parts[2][0]} s`;
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(" ");
}

/** The same in Japanese: `2時間11分15秒`. */
export function formatDurationJa(seconds: number): string {
  const words: Record<string, string> = { h: "時間", min: "分", s: "秒" };
  return formatDuration(seconds).replace(/ (h|min|s)\b ?/g, (_, unit: string) => words[unit] as string);
}
