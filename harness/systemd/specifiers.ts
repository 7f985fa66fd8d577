/** `%` specifiers of a unit. Source: systemd.unit(5), "Specifiers". */
import type { Unknowns } from "./unknowns.ts";

export interface UnitName {
  /** With instance and suffix: `tunnel@office.service`. */
  full: string;
  /** Before the `@`, or before the suffix. */
  prefix: string;
  /** Undefined: it is no instance of a template. */
  instance: string | undefined;
}

/** Undefined: no name of a service unit. */
export function readUnitName(full: string): UnitName | undefined {
  const parts = /^([^@/\s]+?)(?:@([^/\s]*))?\.service$/.exec(full);
  if (!parts) return undefined;
  return { full, prefix: parts[1] as string, instance: parts[2] };
}

/** Folders of the system's manager; a user's manager has others. */
const ofSystem: Readonly<Record<string, string>> = {
  t: "/run",
  S: "/var/lib",
  C: "/var/cache",
  L: "/var/log",
  E: "/etc",
  // Of the user that runs the manager, whatever `User=` says.
  h: "/root",
  u: "root",
  U: "0",
  g: "root",
  G: "0",
};
const machines: Readonly<Record<string, string>> = {
  H: "the machine's host name",
  l: "the machine's short host name",
  q: "the machine's pretty host name",
  m: "the machine ID",
  b: "the boot ID",
  v: "the kernel release",
  a: "the machine's architecture",
  A: "the version of the OS image",
  B: "the OS build ID",
  M: "the ID of the OS image",
  o: "the OS ID",
  w: "the OS version",
  W: "the OS variant ID",
  s: "the user's shell",
  d: "the credentials folder",
};

/** @param ofUser the unit belongs to a user's manager (`systemctl --user`) */
export function expandSpecifiers(text: string, { full, prefix, instance = "" }: UnitName, ofUser: boolean, unknowns: Unknowns): string {
  const known: Readonly<Record<string, string>> = {
    "%": "%",
    n: full,
    N: full.replace(/\.service$/, ""),
    p: prefix,
    P: unescapeName(prefix),
    i: instance,
    I: unescapeName(instance),
    j: prefix.split("-").at(-1) ?? "",
    J: unescapeName(prefix.split("-").at(-1) ?? ""),
    f: `/${unescapeName(instance || prefix).replace(/^\//, "")}`,
    T: "/tmp",
    V: "/var/tmp",
    ...(ofUser ? {} : ofSystem),
  };
  return text.replace(/%(.)/gs, (written, letter: string) => {
    const value = Object.hasOwn(known, letter) ? known[letter] : undefined;
    if (value !== undefined) return value;
    const why = Object.hasOwn(machines, letter) ? machines[letter] : undefined;
    if (why !== undefined) return unknowns.mark(written, `${written} is ${why}`);
    // systemd leaves what it does not know as it stands.
    return Object.hasOwn(ofSystem, letter) ? unknowns.mark(written, `${written} depends on the user whose manager runs the unit`) : written;
  });
}

/** `-` is a slash, `\x2d` a byte. Source: systemd.unit(5), "String escaping for inclusion in unit names". */
function unescapeName(text: string): string {
  return text.replaceAll("-", "/").replace(/\\x([0-9A-Fa-f]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}
