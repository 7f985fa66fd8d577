/** Where a unit that keeps a tunnel open does not keep it open. Pure. */
import type { Place } from "../core/errors.ts";
import { type Warning, warning } from "../core/warning.ts";
import { lexClientLine } from "../openssh/client-keyword.ts";
import { readTimeSpan } from "../systemd/time-span.ts";
import { lastOf } from "../systemd/unit-file.ts";
import type { ReadUnit } from "./read-units.ts";
import type { UnitLine } from "./unit-line.ts";

/** Values of `Restart=` with which systemd starts ssh again when it ends with 255. Source: systemd.service(5), table of `Restart=`. */
const restarting = /^(on-failure|always)$/;

export function unitWarnings(read: ReadUnit, lines: readonly UnitLine[]): Warning[] {
  const { settings } = read.unit;
  const restarts = restarting.test(lastOf(settings, "Restart")?.value ?? "no");
  const found = lines.flatMap((line) => [...processWarnings(read, line), ...againWarnings(read, line, restarts)]);
  const [direct] = lines.filter(({ autossh }) => !autossh);
  return restarts && direct ? [...found, ...startLimit(read, direct)] : found;
}

const lineOf = (at: UnitLine | Place): Place => {
  const { file, line } = "place" in at ? at.place : at;
  return line === undefined ? { file } : { file, line };
};

/** `Type=` tells systemd which process to watch: systemd.service(5). */
function processWarnings({ unit: { settings } }: ReadUnit, line: UnitLine): Warning[] {
  const type = lastOf(settings, "Type");
  const program = line.autossh ? "autossh" : "ssh";
  if (line.background && (type === undefined || /^(simple|exec)$/.test(type.value)))
    return [warning("unit-forks", { program }, lineOf(line))];
  if (line.background || type?.value !== "forking") return [];
  return [warning("unit-does-not-fork", { program }, lineOf(type))];
}

/** What keeps a forward from being opened again. */
function againWarnings(read: ReadUnit, line: UnitLine, restarts: boolean): Warning[] {
  const restart = lastOf(read.unit.settings, "Restart");
  const found: Warning[] = [];
  if (!restarts && !line.autossh) {
    found.push(warning("unit-not-restarted", restart ? { restart: restart.value } : {}, restart ? lineOf(restart) : lineOf(line)));
  } else if (!/^(yes|true)$/i.test(settingOf(line, "exitonforwardfailure") ?? ""))
    found.push(warning("unit-keeps-failed-forward", {}, lineOf(line)));
  if (line.monitor === undefined && !/[1-9]/.test(settingOf(line, "serveraliveinterval") ?? ""))
    found.push(warning("unit-misses-silence", {}, lineOf(line)));
  if (line.autossh && !line.background && !restarts && !line.patient) found.push(warning("unit-autossh-gate-time", {}, lineOf(line)));
  return found;
}

/** systemd gives up on what it started too often. Defaults: systemd.service(5) `RestartSec=`, systemd.unit(5) `StartLimitIntervalSec=`, systemd-system.conf(5). */
function startLimit({ unit: { settings } }: ReadUnit, { place: { file } }: UnitLine): Warning[] {
  const seconds = (key: string, section: "Service" | "Unit", otherwise: number) =>
    readTimeSpan(lastOf(settings, key, section)?.value ?? "") ?? otherwise;
  const pause = seconds("RestartSec", "Service", 0.1);
  const interval = seconds("StartLimitIntervalSec", "Unit", 10);
  const burst = Number(lastOf(settings, "StartLimitBurst", "Unit")?.value ?? 5);
  if (interval === 0 || burst === 0 || pause * burst > interval) return [];
  return [warning("unit-start-limit", { burst, interval, pause }, { file })];
}

function settingOf(line: UnitLine, keyword: string): string | undefined {
  const typed = line.words.filter((_, at) => line.words[at - 1] === "-o");
  for (const option of [...typed, ...line.options]) {
    const lexed = lexClientLine(option);
    if (typeof lexed === "object" && lexed.keyword === keyword) return lexed.args.join(" ");
  }
  return undefined;
}
