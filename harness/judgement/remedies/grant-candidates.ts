/** A forward that the server refuses and should grant. */
import { listensOnServer } from "../../core/forward-outcome.ts";
import type { Reason } from "../../core/reason.ts";
import { keyAllowsForwarding, keyOptionValues } from "../../openssh/authorized-keys.ts";
import { lexConfigLine } from "../../openssh/config-lexer.ts";
import { permitsListening } from "../../openssh/permit-list.ts";
import { spell } from "../../openssh/sshd-keywords.ts";
import type { Candidate, RemedyInputs } from "./candidate.ts";
import { setKeyOptions, withOptionValue, withPortForwarding } from "./key-edits.ts";
import { settingCandidate } from "./listener-candidates.ts";
import { openEntry, permitEntry, portOf, wireAddress } from "./permit-entries.ts";
import { extendList, setSetting } from "./sshd-edits.ts";
import type { JudgedForward } from "./violations.ts";

export function grantCandidates(forward: JudgedForward, reason: Reason | null, inputs: RemedyInputs): Candidate[] {
  if (reason?.layer === "key-options") return keyCandidates(forward, reason, inputs);
  if (reason?.layer !== "sshd-policy" || reason.file === undefined) return [];
  const [keyword = "", value = ""] = (reason.rule ?? "").split(" ");
  if (/^permit(listen|open)$/i.test(keyword)) return listCandidates(spell(keyword), forward, reason, inputs);
  return allowingValues(keyword.toLowerCase(), value, forward).map((allowing) =>
    settingCandidate(`${spell(keyword)} ${allowing}`, setSetting(inputs, spell(keyword), allowing, reason)),
  );
}

function listCandidates(keyword: string, forward: JudgedForward, reason: Reason, inputs: RemedyInputs): Candidate[] {
  const { file, line } = reason;
  const entry = keyword === "PermitOpen" ? refusedEntry(reason) : permitEntry(forward.requested);
  if (entry === undefined || file === undefined || line === undefined) return [];
  const edits = extendList(inputs, keyword, entry, { file, line });
  const written = lexConfigLine(edits[0]?.lines[0] ?? "");
  return written ? [settingCandidate([keyword, ...written.args].join(" "), edits)] : [];
}

/** The narrowest value first. */
function allowingValues(keyword: string, value: string, forward: JudgedForward): string[] {
  const remote = listensOnServer(forward.kind ?? "remote");
  switch (keyword) {
    case "allowtcpforwarding":
    case "allowstreamlocalforwarding":
      return value === "no" ? [remote ? "remote" : "local", "yes"] : ["yes"];
    case "disableforwarding":
      return ["no"];
    default:
      return [];
  }
}

function keyCandidates(forward: JudgedForward, reason: Reason, inputs: RemedyInputs): Candidate[] {
  const { file, line, code } = reason;
  const { keyOptions: options } = forward;
  if (file === undefined || line === undefined) return [];
  const key = { file, line, options };
  const place = `${file}:${line}`;
  if (!keyAllowsForwarding(options).allowed) {
    const changed = withPortForwarding(options);
    return [{ code: "allow-in-key", params: { place, options: changed }, edits: setKeyOptions(inputs, key, changed) }];
  }
  const name = code === "key-permit-open" ? "permitopen" : "permitlisten";
  const entry = name === "permitopen" ? refusedEntry(reason) : permitEntry(forward.requested);
  if (entry === undefined || (name === "permitlisten" && isListed(forward, options))) return [];
  const edits = setKeyOptions(inputs, key, withOptionValue(options, name, entry));
  return [{ code: "permit-in-key", params: { place, option: `${name}="${entry}"` }, edits }];
}

function isListed({ requested }: JudgedForward, options: string): boolean {
  const port = portOf(requested);
  return port !== undefined && permitsListening(keyOptionValues(options, "permitlisten"), wireAddress(requested), port);
}

/** For the target that a visitor was refused. */
function refusedEntry({ params: { host, port } }: Reason): string | undefined {
  return typeof host === "string" && port !== undefined ? openEntry({ host, port: String(port) }) : undefined;
}
