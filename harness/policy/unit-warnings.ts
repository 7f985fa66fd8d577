/** Where a unit that keeps a tunnel open does not keep it open. Pure. */
import type { Place } from "../core/errors.ts";
import { lexClientLine } from "../openssh/client-keyword.ts";
import { readTimeSpan } from "../systemd/time-span.ts";
import { lastOf } from "../systemd/unit-file.ts";
import type { ReadUnit } from "./read-units.ts";
import type { UnitLine } from "./unit-line.ts";

/** Values of `Restart=` with which systemd starts ssh again when it ends with 255. Source: systemd.service(5), table of `Restart=`. */
const restarting = /^(on-failure|always)$/;

export function unitWarnings(read: ReadUnit, lines: readonly UnitLine[]): string[] {
  const { settings } = read.unit;
  const restarts = restarting.test(lastOf(settings, "Restart")?.value ?? "no");
  const found = lines.flatMap((line) => [...processWarnings(read, line), ...againWarnings(read, line, restarts)]);
  const [direct] = lines.filter(({ autossh }) => !autossh);
  return restarts && direct ? [...found, ...startLimit(read, direct)] : found;
}

const at = ({ file, line }: Place) => (line === undefined ? file : `${file}:${line}`);

/** `Type=` tells systemd which process to watch: systemd.service(5). */
function processWarnings({ unit: { settings } }: ReadUnit, line: UnitLine): string[] {
  const type = lastOf(settings, "Type");
  const by = line.autossh ? "autossh" : "ssh";
  if (line.background && (type === undefined || /^(simple|exec)$/.test(type.value)))
    return [
      `${at(line.place)}: with -f, ${by} forks away from the process that systemd watches, and systemd ends the rest of the service; remove -f, or set Type=forking`,
    ];
  if (line.background || type?.value !== "forking") return [];
  return [`${at(type)}: without -f, ${by} stays in the foreground, and systemd ends it after TimeoutStartSec=; remove Type=forking`];
}

/** What keeps a forward from being opened again. */
function againWarnings(read: ReadUnit, line: UnitLine, restarts: boolean): string[] {
  const restart = lastOf(read.unit.settings, "Restart");
  const found: string[] = [];
  if (!restarts && !line.autossh) {
    const why = restart ? `Restart=${restart.value}` : "there is no Restart=";
    found.push(`${at(restart ?? line.place)}: systemd does not start ssh again when the connection ends (${why})`);
  } else if (!/^(yes|true)$/i.test(settingOf(line, "exitonforwardfailure") ?? ""))
    found.push(
      `${at(line.place)}: without ExitOnForwardFailure=yes ssh stays connected when the port is taken, and nothing opens the forward again`,
    );
  if (line.monitor === undefined && !/[1-9]/.test(settingOf(line, "serveraliveinterval") ?? ""))
    found.push(
      `${at(line.place)}: without ServerAliveInterval ssh does not notice a connection that died silently, so nothing opens the forward again`,
    );
  if (line.autossh && !line.background && !restarts && read.environment.get("AUTOSSH_GATETIME") !== "0")
    found.push(
      `${at(line.place)}: autossh gives up if its first ssh ends within 30 s, as when the machine has no network yet; set Environment=AUTOSSH_GATETIME=0`,
    );
  return found;
}

/** systemd gives up on what it started too often. Defaults: systemd.service(5) `RestartSec=`, systemd.unit(5) `StartLimitIntervalSec=`, systemd-system.conf(5). */
function startLimit({ unit: { settings } }: ReadUnit, { place: { file } }: UnitLine): string[] {
  const seconds = (key: string, section: "Service" | "Unit", otherwise: number) =>
    readTimeSpan(lastOf(settings, key, section)?.value ?? "") ?? otherwise;
  const pause = seconds("RestartSec", "Service", 0.1);
  const interval = seconds("StartLimitIntervalSec", "Unit", 10);
  const burst = Number(lastOf(settings, "StartLimitBurst", "Unit")?.value ?? 5);
  if (interval === 0 || burst === 0 || pause * burst > interval) return [];
  return [
    `${file}: systemd gives up after ${burst} starts within ${interval} s, and with RestartSec=${pause} s an outage of the server can be enough; set RestartSec= to more than ${interval / burst} s, or StartLimitIntervalSec=0`,
  ];
}

function settingOf(line: UnitLine, keyword: string): string | undefined {
  const typed = line.words.filter((_, at) => line.words[at - 1] === "-o");
  for (const option of [...typed, ...line.options]) {
    const lexed = lexClientLine(option);
    if (typeof lexed === "object" && lexed.keyword === keyword) return lexed.args.join(" ");
  }
  return undefined;
}
