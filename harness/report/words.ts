/** Words, symbols and lines that several report formats share. */

import { formatDuration } from "../core/duration.ts";
import { enumerated } from "../core/enumerated.ts";
import type { DecidedBy, Remedy, Result, ResultCell, ResultForward, Status } from "../core/result.ts";
import { changesText } from "./sentences.ts";

/** Never colour alone: each status has a symbol and a word. */
export const symbols: Record<Status, string> = { held: "✔", violated: "✘", waived: "~", inconclusive: "?", optional: "·" };
export const statusWords: Record<Status, string> = {
  held: "as expected",
  violated: "violation",
  waived: "waived",
  inconclusive: "inconclusive",
  optional: "nothing expected",
};

/** What was expected, in words. */
export function expectedWord(expected: ResultCell["expected"]): string {
  return expected ?? "anything";
}

/** `internet → [2001:db8:100::10]:43234 (IPv6)`, `bob on server → 127.0.0.1:43234 (IPv4)`, `… via 198.51.100.10 (IPv4)`. */
export function cellName(cell: ResultCell): string {
  return `${visitor(cell)} → ${targetText(cell)} (${familyWord(cell.family)})`;
}

/** Who connects: a host, or an account there. A Unix socket's target names the account itself. */
export function visitor({ vantage, as, family }: Pick<ResultCell, "vantage" | "as" | "family">): string {
  return as === undefined || family === null ? vantage : `${as} on ${vantage}`;
}

/** The account that logged in; with its server where that is not the host `server`: `alice@inner`. */
export function accountAt({ account, server }: Pick<ResultForward, "account" | "server">): string {
  return server === undefined ? account : `${account}@${server}`;
}

/** What it connects to, with the next hop where a neighbour chose it. */
export function targetText({ target, via }: Pick<ResultCell, "target" | "via">): string {
  return via === undefined ? target : `${target} via ${via}`;
}

/** Why it is so; of a cell that proves nothing, why it proves nothing. */
export function whyText({ decidedBy, unproven }: Pick<ResultCell, "decidedBy"> & Partial<Pick<ResultCell, "unproven">>): string {
  return clean(decidedBy?.text ?? unproven?.text ?? "");
}

/** `Remedy: …` for a change that was tried, `Next: …` for where to look. */
export function adviceLines({ remedy, next }: Pick<ResultCell, "remedy" | "next">): string[] {
  return [remedy && `Remedy: ${remedyText(remedy)}`, next && `Next: ${clean(next.text)}`].filter((line) => line !== undefined);
}

/** What to change; where nothing that was tried will do, the change that comes nearest, and its harm. */
export function remedyText({ summary, further = [], stillKeptOut = [], nearest }: Remedy): string {
  if (!nearest) {
    const left = stillKeptOut.length > 0 ? `; after that, ${affectedOf(stillKeptOut)} still cannot reach it` : "";
    return clean(`${changesText([summary, ...further].map(({ text }) => text))}${left}`);
  }
  const harm = [
    nearest.opens.length > 0 ? `lets others in (${affectedText(nearest.opens)})` : "",
    nearest.breaks.length > 0 ? `breaks another expectation (${affectedText(nearest.breaks)})` : "",
  ].filter((part) => part !== "");
  return clean(`${summary.text}; the nearest also ${enumerated(harm)}: ${nearest.change.text}`);
}

type Affected = NonNullable<Remedy["nearest"]>["opens"];

/** `rdp: campus and home-lan over IPv4; web: internet over IPv4, IPv6`. */
function affectedText(affected: Affected): string {
  return [...Map.groupBy(affected, ({ forward }) => forward)].map(([forward, of]) => `${forward}: ${affectedOf(of)}`).join("; ");
}

function affectedOf(affected: Affected): string {
  const families = [...new Set(affected.flatMap(({ family }) => (family === null ? [] : [familyWord(family)])))].sort();
  return `${list([...new Set(affected.map(({ vantage }) => vantage))])}${families.length === 1 ? ` over ${families[0]}` : ""}`;
}

/** Names before the rest is only counted. */
const mostNames = 5;

/** `a, b and c`; `a, b, c, d, e and 5 more`. */
export function list(names: readonly string[]): string {
  if (names.length > mostNames) return `${names.slice(0, mostNames).join(", ")} and ${names.length - mostNames} more`;
  return enumerated(names);
}

/** `IPv4`, `IPv6`, `Unix`. */
export function familyWord(family: ResultCell["family"]): string {
  return family === null ? "Unix" : `IPv${family}`;
}

/** `nftables.conf:12`; empty when no file is known. */
export function placeText(place: { file?: string; line?: number } | null | undefined): string {
  return [place?.file, place?.line].filter((part) => part !== undefined).join(":");
}

/** `server-firewall  nftables.conf:12  inet filter input policy drop`. */
export function deciderLine(decidedBy: DecidedBy | null): string {
  return decidedBy ? [decidedBy.layer, placeText(decidedBy), decidedBy.rule].filter((part) => part).join("  ") : "not known";
}

/** Without the rule where the sentence below it tells it. */
export function shortDecider(decidedBy: DecidedBy | null): string {
  const told = decidedBy?.rule !== undefined && decidedBy.text.includes(decidedBy.rule);
  return deciderLine(told ? { ...decidedBy, rule: undefined } : decidedBy);
}

/** Of what `connect` gave, what is no name of an error. */
const connectWords: Record<string, string> = { pending: "not connected", impossible: "there is no address to connect to" };

/** What was seen, with its proof, in one line. */
export function evidenceLine(cell: ResultCell): string {
  const { evidence } = cell;
  const parts = [
    evidence.from === undefined ? undefined : `from ${evidence.from}`,
    evidence.seenAs === undefined || evidence.seenAs === evidence.from ? undefined : `seen as ${evidence.seenAs}`,
    cell.observed === "reached" && evidence.received === undefined ? "the service's nonce came back" : undefined,
    evidence.arrived === true && cell.observed !== "reached" ? "the packet arrived" : undefined,
    evidence.connect === undefined || evidence.connect === "connected" ? undefined : (connectWords[evidence.connect] ?? evidence.connect),
    evidence.received === undefined ? undefined : `answered ${JSON.stringify(clean(evidence.received).slice(0, 60))}`,
    evidence.note === undefined ? undefined : clean(evidence.note),
  ];
  return parts.filter((part) => part !== undefined).join(", ");
}

/** `granted`, `refused` or `not known`. */
export function grantWord(granted: boolean | null): string {
  if (granted === null) return "not known";
  return granted ? "granted" : "refused";
}

/** What is expected of the forward itself, after "the forward is". */
export function expectedOfForward({ expected, gone, login }: ResultForward): string {
  if (login) return "refused at login";
  return gone ? `granted, and closed within ${formatDuration(gone.within)} of the client going silent` : (expected ?? "");
}

/** The same for what was observed. */
export function observedOfForward({ granted, gone, login, status }: ResultForward): string {
  if (login && granted !== null) return status === "held" ? "refused at login" : "let in at login";
  return [grantWord(granted), ...(gone ? [goneText(gone)] : [])].join(", ");
}

function goneText({ within, seconds, how }: NonNullable<ResultForward["gone"]>): string {
  if (how === "measured")
    return seconds === null
      ? `still open ${formatDuration(within)} after the client went silent`
      : `closed ${formatDuration(seconds)} after the client went silent`;
  const told =
    seconds === null ? "never closed after the client goes silent" : `closed ${formatDuration(seconds)} after the client goes silent`;
  return `${told} (calculated, not measured)`;
}

/** What became of a forward, in one line. */
export function forwardLine(forward: ResultForward): string {
  if (forward.granted === null) {
    const { decidedBy } = forward;
    return decidedBy?.layer === "client" ? `not opened: ${decidedBy.text}` : "not known whether the server grants it";
  }
  if (!forward.granted)
    return `refused${forward.decidedBy ? ` by ${[forward.decidedBy.layer, placeText(forward.decidedBy)].filter((part) => part).join(", ")}` : ""}`;
  return forward.listeners.length === 0
    ? "granted, but nothing listens"
    : [
        `granted, listens on ${enumerated(forward.listeners)} of ${forward.listensOn}`,
        ...(forward.gone ? [goneText(forward.gone)] : []),
      ].join("; ");
}

export const outcomeWords: Record<Result["outcome"], string> = { pass: "PASS", fail: "FAIL", inconclusive: "INCONCLUSIVE" };
export const outcomeSymbols: Record<Result["outcome"], string> = { pass: "✔", fail: "✘", inconclusive: "?" };

/** The outcome in one sentence, without symbol. */
export function outcomeSentence(result: Result): string {
  const { counts } = result;
  const total = counts.held + counts.violated + counts.waived + counts.inconclusive;
  if (total === 0) return "nothing was expected, so nothing was verified";
  if (counts.violated > 0) return `${counts.violated} of ${total} expectations ${counts.violated === 1 ? "is" : "are"} violated`;
  if (result.outcome === "fail") return result.reasons[0]?.text ?? "";
  if (counts.inconclusive > 0) return `${counts.inconclusive} of ${total} expectations could not be proven or refuted`;
  if (result.outcome === "inconclusive") return result.reasons[0]?.text ?? "";
  if (counts.waived > 0) return `${counts.held} of ${total} expectations hold, ${counts.waived} waived`;
  return total === 1 ? "the only expectation holds" : `all ${total} expectations hold`;
}

/** `1 account`, `2 accounts`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** `23 held, 2 violated, 1 waived, 0 inconclusive; 4 without expectation`. */
export function countsLine({ counts }: Pick<Result, "counts">): string {
  return `${counts.held} held, ${counts.violated} violated, ${counts.waived} waived, ${counts.inconclusive} inconclusive; ${counts.optional} without expectation`;
}

/** Something was expected of it: it counts. */
export function isExpected({ status }: Pick<ResultCell, "status">): boolean {
  return status !== "optional";
}

/** ` at 2001:db8::1 via 198.51.100.10`, as far as it is stated. */
function wayText({ address, via }: Pick<Result["waivers"][number], "address" | "via">): string {
  return `${address === undefined ? "" : ` at ${address}`}${via === undefined ? "" : ` via ${via}`}`;
}

/** `waiver W1 covers 2 violations (rdp from internet) until 2027-03-31: reason (owner)`. */
export function waiverText(waiver: Result["waivers"][number], covered: number): string {
  const violations = `${covered} ${covered === 1 ? "violation" : "violations"}`;
  return clean(
    `waiver ${waiver.id} covers ${violations} (${waiver.forward} from ${waiver.vantage}${wayText(waiver)}) until ${waiver.expires}: ${waiver.reason} (${waiver.owner})`,
  );
}

/** Where the verdicts come from, in one line. */
export function provenanceLine({ provenance }: Pick<Result, "provenance">): string {
  const passed = provenance.selfCheck.filter((check) => check.ok).length;
  return [
    provenance.openssh?.server,
    provenance.engine ? [provenance.engine.name, provenance.engine.version].filter((part) => part).join(" ") : undefined,
    `self-check ${passed} of ${provenance.selfCheck.length} passed`,
    `${provenance.adaptations.length} lab ${provenance.adaptations.length === 1 ? "adaptation" : "adaptations"}`,
    provenance.durationMs === undefined ? undefined : `${(provenance.durationMs / 1000).toFixed(1)} s`,
  ]
    .filter((part) => part !== undefined)
    .join(" · ");
}

const escapeSequence = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[ -/]*[@-~]`, "g");

/** Text without control characters and lone surrogates: a banner or an ssh log must not steer a terminal or break a file. */
export function clean(text: string): string {
  return text
    .toWellFormed()
    .replace(escapeSequence, "")
    .replace(/\r\n/g, "\n")
    .replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/gu, (one) => (one === "\n" || one === "\t" ? one : "\ufffd"));
}

/** The same on one line: what a server prints cannot begin a line of a log that a CI system reads. */
export function cleanLine(text: string): string {
  return clean(text).replaceAll("\n", " ");
}
