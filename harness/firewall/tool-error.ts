/** From what nft or iptables-restore says about a file in the lab to an error about the user's own file. */

import { posix } from "node:path";
import type { Family } from "../core/address.ts";
import { enumerated } from "../core/enumerated.ts";
import { type Place, UserError } from "../core/errors.ts";
import { type FaultParams, faultOf } from "../core/fault.ts";
import { labFolder } from "./file-paths.ts";
import type { FirewallFiles } from "./firewall-files.ts";
import { type Lacking, lacking, markedIn } from "./lacking.ts";
import { isNeededKind, type KnownNames, missingNames } from "./needed-names.ts";
import { templateMark } from "./template-marks.ts";

interface Complaint {
  message: string;
  place?: Place;
}

// `/etc/nftables.conf:12:5-10: Error: syntax error, unexpected newline`
const nftError = /^(\S[^:\n]*):(\d+):(\d+)-\d+: Error: (.*)$/m;
const nftIncluded = /^(In file included from|\s+from) ([^:\n]+)(?=:\d+:\d+-\d+:)/;

/** The lab's own file around the user's: it ends where the user's last file does. */
const wholeFile = `${labFolder}/.forwardlab.nft`;

/**
 * @param stderr of `nft -f`, `iptables-nft-restore` or `ip6tables-nft-restore`
 * @param known names that the rules may use
 * @returns an error `firewall-load`, or `firewall-needs` where the lab lacks something, whose place is the first one that the tool names, and whose log is what the tool said, about the user's paths
 */
export function mapToolError(stderr: string, files: FirewallFiles, known: KnownNames = {}): UserError {
  const ofDump = files.kind === "iptables" || /^ip6?tables-/m.test(stderr);
  const { message, place } = ofDump ? iptablesComplaint(stderr, files) : nftComplaint(stderr, files);
  const log = shortened(withUserPaths(stderr, files));
  const needed = lacking(message, stderr, place && textAt(files, place));
  if (needed) {
    const also = othersLike(needed, message, files, known);
    return new UserError("firewall-needs", `The firewall does not load: ${needed.what}`, {
      place,
      todo: `${needed.todo}${also.length > 0 ? `; the same goes for ${enumerated(also)}` : ""}`,
      log,
      fault: faultOf("firewall-needs", { said: message, lacks: needed.lacks, name: needed.name, ...(also.length > 0 ? { also } : {}) }),
    });
  }
  const advice = adviceFor({ message, ...(place ? { place } : {}) }, stderr, files);
  const said = withObject(message, stderr);
  return new UserError("firewall-load", `The firewall does not load: ${said}`, {
    place,
    todo: todo[advice],
    log,
    fault: faultOf("firewall-load", { said, advice }),
  });
}

/** What the tool would complain of next, and next. */
function othersLike({ lacks, name }: Lacking, message: string, files: FirewallFiles, known: KnownNames): string[] {
  if (!isNeededKind(lacks)) return [];
  const missing = missingNames(lacks, files, known);
  // Which account it is, only the line or the excerpt of it tells.
  const told = name ?? missing.find((each) => message.includes(each)) ?? missing[0];
  return missing.filter((each) => each !== told);
}

/** nft tells of a set or a chain that nobody has defined only by marking it. */
function withObject(message: string, stderr: string): string {
  const { marked } = markedIn(stderr);
  return /\bNo such file or directory$/.test(message) && marked !== "" ? `${message}: \`${marked}\`` : message;
}

type Advice = FaultParams<"firewall-load">["advice"];

function adviceFor({ message, place }: Complaint, stderr: string, files: FirewallFiles): Advice {
  const { kind } = files;
  if (/\bxt (match|target) "|unsupported xtables compat expression/.test(stderr)) return "from-iptables";
  if (place && isTemplate(files, place)) return "template";
  if (/unexpected CRLF/.test(message)) return kind === "nft" ? "line-ends" : "dump-line-ends";
  if (kind === "nft" && place && lacksLastNewline(files, place)) return "last-line";
  return /missing kernel|kernel support|Permission denied|(Operation|Protocol) not (permitted|supported)/i.test(message) ? "kernel" : kind;
}

export const fromIptables =
  "these rules were created by iptables: use the output of `iptables-save` and `ip6tables-save` instead of `nft list ruleset`";

export const fillTemplate = "fill in the template first (Ansible, Puppet, Helm …), and use the file that results";

const todo: Record<Advice, string> = {
  template: fillTemplate,
  "from-iptables": fromIptables,
  "line-ends": "use Unix line endings; nft on the server rejects CRLF as well",
  "last-line": "end the last line with a newline; nft on the server needs it as well",
  "dump-line-ends": "use Unix line endings; iptables-restore on the server rejects CRLF as well",
  kernel: "the engine's kernel may lack a module that this rule needs (see `forwardlab doctor`); otherwise correct the rule",
  nft: "correct the file; `nft -c -f FILE` on the server checks it as well",
  iptables: "correct the file; `iptables-restore --test FILE` on the server checks it as well",
};

function nftComplaint(stderr: string, files: FirewallFiles): Complaint {
  const match = nftError.exec(stderr);
  if (match) {
    const [, file = "", line, column, message = ""] = match;
    if (file === wholeFile) return { message, place: endOf(files) };
    const display = displayOf(file, files);
    return { message, place: display === undefined ? undefined : { file: display, line: Number(line), column: Number(column) } };
  }
  return { message: /Error: (.*)/.exec(stderr)?.[1] ?? firstLine(stderr) };
}

/** One that says so on an earlier line has misled the tool until here. */
function isTemplate(files: FirewallFiles, { file, line = 0 }: Place): boolean {
  const mark = templateMark(contentOf(files, file), files.kind);
  return mark !== undefined && mark.line <= line;
}

function contentOf({ files }: FirewallFiles, display: string): string {
  return (
    Object.values(files)
      .find((each) => each.display === display)
      ?.content.toString() ?? "\n"
  );
}

/** Is this the last line of a file that ends within it? */
function lacksLastNewline(files: FirewallFiles, { file, line }: Place): boolean {
  const content = contentOf(files, file);
  return !content.endsWith("\n") && content.split("\n").length === line;
}

function textAt({ files }: FirewallFiles, { file, line }: Place): string | undefined {
  const found = Object.values(files).find((each) => each.display === file);
  return line === undefined ? undefined : found?.content.toString().split("\n")[line - 1];
}

/** The last line of the main file. */
function endOf({ files, main }: FirewallFiles): Place | undefined {
  const file = files[main ?? ""];
  return file && { file: file.display, line: file.content.toString().trimEnd().split("\n").length };
}

function iptablesComplaint(stderr: string, files: FirewallFiles): Complaint {
  const [, six, message = firstLine(stderr)] = /^(ip6)?(?:ip)?tables(?:-\w+)*(?: v[^:]*)?: *(.*)$/m.exec(stderr) ?? [];
  // A rule that the kernel rejects is reported on a line of its own.
  const refused = /^line \d+: (.*?) *$/m.exec(stderr)?.[1];
  const plain = message.replace(/^(?:ip6?tables(?:-\w+)*: )?/, "") || refused || "";
  const named = /(?:Error occurred at line: |\bat line |\bline )(\d+)/.exec(stderr)?.[1];
  if (files.sequence)
    return { message: plain, place: named === undefined ? undefined : inSequence(Number(named), files, six === undefined ? 4 : 6) };
  const path = mainFile(files, six !== undefined);
  const file = path === undefined ? undefined : files.files[path];
  if (!file) return { message: plain };
  const place: Place = { file: file.display };
  // The tool quotes the line's end with what it rejects, and the rest of its sentence is lost.
  if (/\r\n/.test(file.content.toString())) return { message: "unexpected CRLF line terminators", place: { ...place, line: 1 } };
  if (named !== undefined) place.line = Number(named);
  // The tool notices a missing chain late and names the line where it noticed.
  const chain = /Chain '(.+)' does not exist/.exec(plain)?.[1];
  if (chain !== undefined) {
    const lines = file.content.toString().split("\n");
    const user = lines.findIndex((line) => jumpsTo(line, chain));
    if (user >= 0) place.line = user + 1;
  }
  return { message: plain, place };
}

/** Of a line of what the tool read: all files, an empty line after each. */
function inSequence(line: number, { files, sequence }: FirewallFiles, family: Family): Place | undefined {
  let before = 0;
  for (const path of sequence?.[family] ?? []) {
    const { content = "", display = path, origins } = files[path] ?? {};
    const lines = content.toString().split("\n").length;
    if (line <= before + lines) return origins ? origins[line - before - 1] : { file: display, line: line - before };
    before += lines;
  }
  return undefined;
}

function mainFile(files: FirewallFiles, six: boolean): string | undefined {
  if (files.kind !== "iptables") return undefined;
  return six ? files.main6 : files.main;
}

function jumpsTo(line: string, chain: string): boolean {
  return [...line.matchAll(/(?:^|\s)(?:-[jg]|--(?:jump|goto))\s+(\S+)/g)].some(([, target]) => target === chain);
}

function displayOf(path: string, { kind, files, main }: FirewallFiles): string | undefined {
  if (kind === "nft" && path === wholeFile) return files[main ?? ""]?.display;
  return files[posix.resolve(labFolder, path)]?.display;
}

function withUserPaths(stderr: string, files: FirewallFiles): string {
  return stderr
    .trimEnd()
    .split("\n")
    .filter((line) => !line.includes(`from ${wholeFile}:`))
    .map((line) =>
      line
        .replace(nftIncluded, (_, lead: string, path: string) => `${lead} ${displayOf(path, files) ?? path}`)
        .replace(/^(\S[^:]*)(?=:\d+:\d+-\d+: )/, (path) => displayOf(path, files) ?? path),
    )
    .join("\n");
}

/** Complaints of one kind that are shown with their excerpts. */
const mostAlike = 3;

/** nft repeats itself for each rule: the rest is counted. */
function shortened(log: string): string {
  const counts = new Map<string, number>();
  const blocks = log.split(/\n(?=\S[^:\n]*:\d+:\d+-\d+: Error: )/).filter((block) => {
    const message = /^\S[^:\n]*:\d+:\d+-\d+: Error: (.*)/.exec(block)?.[1];
    if (message === undefined) return true;
    const count = (counts.get(message) ?? 0) + 1;
    counts.set(message, count);
    return count <= mostAlike;
  });
  const left = [...counts].flatMap(([message, count]) => (count > mostAlike ? [`${count - mostAlike} × Error: ${message}`] : []));
  return [...blocks, ...left].join("\n");
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0] || "no reason given";
}
