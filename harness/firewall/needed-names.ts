/** Names in the rules that something else on the server defines: of those that are missing, the tools tell the first one alone. Pure. */
import { distinct } from "../core/distinct.ts";
import type { FirewallFiles } from "./firewall-files.ts";

const kinds = ["account", "set", "host-name", "interface"] as const;
export type NeededKind = (typeof kinds)[number];

export function isNeededKind(kind: string): kind is NeededKind {
  return (kinds as readonly string[]).includes(kind);
}

/** What is there already; left out: nothing is known of it. */
export type KnownNames = Partial<Record<NeededKind, ReadonlySet<string>>>;

const name = String.raw`"?([A-Za-z_][\w.-]*)"?`;
/** What they capture may be a list. */
const patterns: Record<NeededKind, readonly RegExp[]> = {
  account: [new RegExp(String.raw`--[ug]id-owner[ =]${name}`, "g"), new RegExp(String.raw`\bsk[ug]id (?:!= |== )?${name}`, "g")],
  set: [/--(?:match|add|del)-set "?([^\s"]+)/g],
  // A name without a dot might be a keyword of nft.
  "host-name": [/(?:-s|-d|--source|--src|--destination|--dst)[ =](\S+)/g, /\bip6? [sd]addr (?:!= |== )?"?([A-Za-z][\w-]*\.[\w.-]+)/g],
  // `iifname` and `oifname` take any name; these need the interface to exist.
  interface: [/(?<!-)\b[io]if (?:!= |== )?(\{[^}]*\}|"[^"]+"|[A-Za-z][\w.@-]*)/g],
};

/** Addresses stand where names do. */
const isName: Partial<Record<NeededKind, (text: string) => boolean>> = {
  "host-name": (text) => /[A-Za-z]/.test(text) && !text.includes(":"),
};

/** Each once, in their order. Empty where nothing is known of what is there. */
export function missingNames(kind: NeededKind, { files }: Pick<FirewallFiles, "files">, known: KnownNames): string[] {
  const there = known[kind];
  if (!there) return [];
  const named = Object.values(files).flatMap(({ content, settings }) =>
    settings
      ? []
      : lines(content.toString()).flatMap((line) =>
          patterns[kind].flatMap((each) => [...line.matchAll(each)].flatMap(([, found = ""]) => found.match(/[^\s{},"]+/g) ?? [])),
        ),
  );
  const { [kind]: accepts = () => true } = isName;
  return distinct(named).filter((each) => accepts(each) && !there.has(each));
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => !/^\s*#/.test(line));
}

/** The first field of each line of a copy of /etc/passwd or /etc/group. */
export function firstFields(...tables: readonly string[]): Set<string> {
  return new Set(tables.flatMap((text) => text.split("\n").flatMap((line) => line.split(":", 1))).filter((each) => each !== ""));
}

/** All names in a copy of /etc/hosts. */
export function hostNames(table: string): Set<string> {
  return new Set(
    lines(table)
      .flatMap((line) => line.replace(/#.*/, "").split(/\s+/).slice(1))
      .filter((each) => each !== ""),
  );
}

/** Those that the output of `ipset save` creates. */
export function setsOf(ipsets: string): Set<string> {
  return new Set([...ipsets.matchAll(/^create (\S+)/gm)].map(([, found = ""]) => found));
}
