/** sshd's own complaints about a config, told in the user's file names. */

import { parseAddress } from "../core/address.ts";
import { distinct } from "../core/distinct.ts";
import { enumerated } from "../core/enumerated.ts";
import { type Place, UserError } from "../core/errors.ts";
import { type Fault, faultOf } from "../core/fault.ts";
import { refusal } from "./sshd-check.ts";
import type { SshdConfig } from "./sshd-config.ts";
import { distributionKeyword, spell, sshdKeywords } from "./sshd-keywords.ts";

export interface SshdMessage {
  text: string;
  place?: Place;
}

/** Every host path in `text` that belongs to the config, replaced by the user's name for it. */
export function withUserPaths(config: SshdConfig, text: string): string {
  return Object.keys(config.displayOf)
    .sort((a, b) => b.length - a.length)
    .reduce((result, hostPath) => result.replaceAll(hostPath, config.displayOf[hostPath] as string), text);
}

/**
 * Reads one line of sshd's standard error. OpenSSH writes `FILE line N: …`, and for an unknown keyword `FILE: line N: …`.
 * `Place` is in the user's files; lines about nothing in them have none.
 */
export function readSshdMessage(config: SshdConfig, line: string): SshdMessage {
  const text = line.replace(/\r$/, "");
  for (const hostPath of Object.keys(config.displayOf)) {
    if (!text.startsWith(hostPath)) continue;
    const parts = /^:? line (\d+): (.*)$/.exec(text.slice(hostPath.length));
    if (parts) return { text: parts[2] as string, place: { file: config.displayOf[hostPath] as string, line: Number(parts[1]) } };
  }
  return { text: withUserPaths(config, text) };
}

/** The error for a config that sshd refuses: sshd's message with the user's file and line, all of its output as log. */
export function sshdConfigError(config: SshdConfig, stderr: string): UserError {
  const messages = stderr
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => readSshdMessage(config, line));
  // What only warns comes first in sshd's output; the line that it ended on comes last, apart from "terminating, 1 bad configuration options".
  const first = messages.find((m) => m.place && !/^(Deprecated|Unsupported) option/i.test(m.text)) ?? messages.at(-1);
  const condition = messages.find((m) => !m.place && /Match|'all'/.test(m.text));
  const reason = first && /^Bad Match condition/.test(first.text) && condition ? `${first.text}: ${condition.text}` : first?.text;
  const said = reason ?? "no reason given";
  const place = first?.place ?? placeOfBareLine(config, first?.text ?? "") ?? placeOfKeyword(config, first?.text ?? "");
  const foreign = foreignKeyword(first?.text ?? "", said, messages) ?? foreignAlgorithm(config, said, place);
  return new UserError("sshd-config", `sshd refuses the config: ${said}`, {
    place: place ?? { file: config.display },
    ...(foreign ?? refusal(config, said, place ?? {})),
    log: withUserPaths(config, stderr.replaceAll("\r", "")),
  });
}

/** An address that the host does not have, of sshd's line about it, and the ListenAddress line that names it. Undefined: the line says something else. */
export function missingListenAddress(config: SshdConfig, said: string): { address: string; place?: Place } | undefined {
  const [, address] = /^Bind to port \d+ on (\S+) failed: Cannot assign requested address/.exec(said) ?? [];
  if (address === undefined) return undefined;
  const line = config.lines.find(({ keyword, args: [value = ""] }) => keyword === "listenaddress" && addressIn(value) === address);
  return { address, ...(line ? { place: { file: line.file, line: line.line } } : {}) };
}

/** `203.0.113.10`, `203.0.113.10:22`, `2001:db8::10`, `[2001:db8::10]:22`: the address, in its usual spelling. */
function addressIn(value: string): string | undefined {
  const [, bracketed, withPort] = /^\[(.+)\](?::\d+)?$|^([^:]+):\d+$/.exec(value) ?? [];
  return parseAddress(bracketed ?? withPort ?? value)?.text;
}

/** A keyword that some sshd knows, and this one does not: the line may be right on the server. */
function foreignKeyword(
  text: string,
  said: string,
  messages: readonly SshdMessage[],
): { expected: string; todo: string; fault: Fault } | undefined {
  const keyword = badKeyword(text);
  if (keyword === undefined) return undefined;
  const distribution = distributionKeyword(keyword);
  const later = sshdKeywords.get(keyword.toLowerCase())?.since;
  if (!distribution && later === undefined) return undefined;
  const name = distribution?.name ?? spell(keyword);
  const others = messages
    .flatMap((each) => badKeyword(each.text) ?? [])
    .filter((each) => distributionKeyword(each) ?? sshdKeywords.get(each.toLowerCase())?.since);
  const keywords = distinct([name, ...others.map(spell)]);
  return {
    fault: faultOf("sshd-knows-not", {
      said,
      keyword: name,
      keywords,
      distribution: distribution?.of,
      since: distribution ? undefined : later,
    }),
    expected: distribution
      ? `the sshd of ${distribution.of}: the server's sshd may know ${distribution.name}, this one does not`
      : `OpenSSH ${later} or newer: the server's sshd may know ${spell(keyword)}, this one does not`,
    todo: `give \`openssh:\` or \`image:\` as on the server, or list ${enumerated(keywords)} under \`ignore_unknown:\` of the server if ${keywords.length > 1 ? "they have" : "it has"} nothing to do with forwards`,
  };
}

function badKeyword(text: string): string | undefined {
  return /^Bad configuration option: (\S+)$/.exec(text)?.[1];
}

/** Each OpenSSH version supports other algorithms: the line may be right on the server. */
function foreignAlgorithm(config: SshdConfig, said: string, place: Place | undefined): ReturnType<typeof foreignKeyword> {
  if (!/^Bad (?:SSH2 (?:cipher spec|mac spec|KexAlgorithms)|key types) /.test(said)) return undefined;
  const at = config.lines.find(({ file, line }) => file === place?.file && line === place.line);
  if (!at) return undefined;
  const keyword = sshdKeywords.get(at.keyword)?.name ?? at.keyword;
  return {
    fault: faultOf("sshd-knows-no-algorithm", { said, keyword }),
    expected: "algorithms that this OpenSSH supports; they differ between versions",
    todo: `give \`openssh:\` or \`image:\` as on the server, or list ${keyword} under \`ignore_unknown:\` of the server: algorithms do not affect forwards`,
  };
}

/** Some messages name a line but no file (`Invalid Match address argument '…' at line 5`): the Match line that has it. */
function placeOfBareLine(config: SshdConfig, text: string): Place | undefined {
  const parts = /'(.*)' at line (\d+)/.exec(text);
  if (!parts) return undefined;
  const owner = config.lines.find(
    (each) => each.keyword === "match" && each.line === Number(parts[2]) && each.args.some((word) => word.includes(parts[1] as string)),
  );
  return owner ? { file: owner.file, line: Number(parts[2]) } : undefined;
}

/** Some messages only name the keyword (`AuthenticationMethods cannot be satisfied …`): its first line. */
function placeOfKeyword(config: SshdConfig, text: string): Place | undefined {
  const words = new Set(text.toLowerCase().match(/[a-z0-9]+/g) ?? []);
  const owner = config.lines.find((line) => words.has(line.keyword));
  return owner ? { file: owner.file, line: owner.line } : undefined;
}
