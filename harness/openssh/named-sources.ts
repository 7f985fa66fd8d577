/** Every client address that sshd's config and the accounts' lines distinguish: what could make one login another principal than the next. Pure. */
import { type AddressRange, parseRange } from "../core/address-range.ts";
import { keyOptionValues } from "./authorized-keys.ts";
import type { SshdConfig } from "./sshd-config.ts";
import type { StatedLogin } from "./stated-logins.ts";

/** What a list says of clients, with its place. */
export interface SourceText {
  text: string;
  file: string;
  /** 1-based. */
  line: number;
}

export interface NamedSources {
  /** Each is one entry of a list: a negated one decides for itself. */
  groups: AddressRange[][];
  /** Entries that no address tells: host names, patterns that are no prefix. */
  inexact: SourceText[];
}

/** @param logins lines of the accounts' files */
export function namedSources(config: SshdConfig, logins: readonly StatedLogin[]): NamedSources {
  const found: NamedSources = { groups: [], inexact: [] };
  for (const { text, file, line } of [...configLists(config), ...logins.flatMap(keyLists)]) {
    for (const entry of text.split(",").map((each) => each.replace(/^!/, ""))) {
      // Nothing, and all, which distinguish nobody.
      if (entry === "" || entry === "*") continue;
      const ranges = rangesOf(entry);
      if (ranges) found.groups.push(ranges);
      else found.inexact.push({ text: entry, file, line });
    }
  }
  return found;
}

/** `Match Address`, and the host part of AllowUsers and DenyUsers. Source: sshd_config(5). */
function configLists({ lines }: SshdConfig): SourceText[] {
  return lines.flatMap(({ keyword, args, file, line }) => {
    const lists = keyword === "match" ? addressCriteria(args) : [];
    const users = keyword === "allowusers" || keyword === "denyusers" ? args.flatMap((each) => /@(.*)$/.exec(each)?.[1] ?? []) : [];
    return [...lists, ...users].map((text) => ({ text, file, line }));
  });
}

function addressCriteria(args: readonly string[]): string[] {
  return args.flatMap((word, at) => {
    const [, value] = /^(?:address|host)=(.*)$/i.exec(word) ?? [];
    if (value !== undefined) return [value];
    return /^(?:address|host)$/i.test(word) ? [args[at + 1] ?? ""] : [];
  });
}

function keyLists({ options, place }: StatedLogin): SourceText[] {
  return keyOptionValues(options, "from").map((text) => ({ text, ...place }));
}

/** An address, a network, or a pattern that is one: `10.1.*`. */
function rangesOf(entry: string): AddressRange[] | undefined {
  const range = parseRange(entry);
  if (range) return [range];
  const [, start = "", rest = ""] = /^((?:\d{1,3}\.){1,3})(\*(?:\.\*)*)$/.exec(entry) ?? [];
  const bytes = start.split(".").slice(0, -1);
  if (rest === "" || bytes.some((byte) => Number(byte) > 255)) return undefined;
  const network = parseRange(`${[...bytes, "0", "0", "0"].slice(0, 4).join(".")}/${bytes.length * 8}`);
  return network && [network];
}
