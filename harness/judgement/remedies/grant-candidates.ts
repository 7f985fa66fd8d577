/** A forward that the server refuses and should grant. */
import { listensOnServer } from "../../core/forward-outcome.ts";
import type { Reason } from "../../core/reason.ts";
import { keyAllowsForwarding, keyOptionValues } from "../../openssh/authorized-keys.ts";
import { lexConfigLine } from "../../openssh/config-lexer.ts";
import { permitsListening, permitsOpening } from "../../openssh/permit-list.ts";
import { spell } from "../../openssh/sshd-keywords.ts";
import type { JudgedResult } from "../judge.ts";
import { type AccountNeeds, distinct, needsOf } from "./account-needs.ts";
import type { Candidate, RemedyInputs } from "./candidate.ts";
import { setKeyOptions, withOptionValues, withPortForwarding } from "./key-edits.ts";
import { openEntry, permitEntry, portOf, targetOfEntry, wireAddress } from "./permit-entries.ts";
import { listed } from "./refusal-candidates.ts";
import { extendList, standsInBlockOf } from "./sshd-edits.ts";
import type { JudgedForward } from "./violations.ts";
import { asCandidates, namesAccounts, settingCandidate, waysFor } from "./widen.ts";

export function grantCandidates(forward: JudgedForward, reason: Reason | null, result: JudgedResult, inputs: RemedyInputs): Candidate[] {
  const wanted = result.forwards.filter(({ expected, name }) => expected !== "refused" || name === forward.name);
  const needs = needsOf(forward, wanted, inputs);
  if (reason?.layer === "key-options") return keyCandidates(forward, reason, wanted, inputs);
  if (reason?.layer !== "sshd-policy" || reason.file === undefined) return [];
  const [keyword = "", value = ""] = (reason.rule ?? "").split(" ");
  if (/^permit(listen|open)$/i.test(keyword)) return listCandidates(spell(keyword), forward, reason, needs, inputs);
  return asCandidates(
    allowing(keyword.toLowerCase(), value.toLowerCase(), forward, needs, !namesAccounts(forward, inputs)).flatMap((settings) =>
      waysFor(forward, settings, reason, inputs),
    ),
  );
}

/** The entries that the account lacks, in the list that counts for it. */
function listCandidates(keyword: string, forward: JudgedForward, reason: Reason, needs: AccountNeeds, inputs: RemedyInputs): Candidate[] {
  const { file, line } = reason;
  const entry = keyword === "PermitOpen" ? refusedEntry(reason) : permitEntry(forward.requested);
  if (entry === undefined || file === undefined || line === undefined) return [];
  const [, ...old] = (reason.rule ?? "").split(/\s+/);
  const present = old.filter((each) => each.toLowerCase() !== "none");
  const lacking = distinct([...(keyword === "PermitOpen" ? needs.open : needs.listen), entry]).filter(
    (each) => !isListed(keyword, present, each),
  );
  if (namesAccounts(forward, inputs) && !standsInBlockOf(inputs, forward.account, { file, line }))
    return asCandidates(waysFor(forward, [listed(keyword, [...present, ...lacking])], reason, inputs));
  const edits = extendList(inputs, keyword, lacking, { file, line });
  const written = lexConfigLine(edits[0]?.lines[0] ?? "");
  return written ? [settingCandidate([keyword, ...written.args].join(" "), edits)] : [];
}

function isListed(keyword: string, list: readonly string[], entry: string): boolean {
  if (list.length === 0) return false;
  const { host, port } = targetOfEntry(entry);
  return keyword === "PermitOpen" ? permitsOpening(list, { host, port }) : permitsListening(list, host, port);
}

type Settings = readonly [string, ...string[]];

/** The narrowest values first; behind each the lists that keep an account, for which all was shut, to what the policy wants. */
function allowing(keyword: string, value: string, forward: JudgedForward, needs: AccountNeeds, forAll: boolean): Settings[] {
  const remote = listensOnServer(forward.kind ?? "remote");
  const listen = needs.known.listen && needs.remote ? [listed("PermitListen", needs.listen)] : [];
  const open = needs.known.open && needs.local ? [listed("PermitOpen", needs.open)] : [];
  switch (keyword) {
    case "allowtcpforwarding":
      // What the other direction is used for, nobody knows.
      return value === "no"
        ? directions(forward, needs, forAll).map((each): Settings => [`AllowTcpForwarding ${each}`, ...listen, ...open])
        : [["AllowTcpForwarding yes", ...(remote ? listen : open)]];
    case "allowstreamlocalforwarding":
      return (value === "no" ? directions(forward, needs, forAll) : ["yes"]).map(
        (each): Settings => [`AllowStreamLocalForwarding ${each}`],
      );
    case "disableforwarding": {
      const direction = directionOf(forward, needs);
      const { allowtcpforwarding: tcp = "yes" } = forward.effective;
      const narrower = direction !== "yes" && /^(?:yes|all)$/i.test(tcp) ? [`AllowTcpForwarding ${direction}`] : [];
      return [["DisableForwarding no", ...narrower, ...listen, ...open]];
    }
    default:
      return [];
  }
}

function directionOf(forward: JudgedForward, { remote, local }: AccountNeeds): string {
  return remote && local ? "yes" : ownDirection(forward);
}

function ownDirection({ kind }: JudgedForward): string {
  return listensOnServer(kind ?? "remote") ? "remote" : "local";
}

/**
 * What the account needs altogether mends most. For all accounts no list keeps it to that: where it opens something, the forward's own direction may not.
 */
function directions(forward: JudgedForward, needs: AccountNeeds, forAll: boolean): string[] {
  return distinct([directionOf(forward, needs), ...(forAll ? [ownDirection(forward)] : []), "yes"]);
}

function keyCandidates(forward: JudgedForward, reason: Reason, wanted: readonly JudgedForward[], inputs: RemedyInputs): Candidate[] {
  const { file, line, code } = reason;
  const { keyOptions: options } = forward;
  if (file === undefined || line === undefined) return [];
  const key = { file, line, options };
  const place = `${file}:${line}`;
  // What the account has another key for needs nothing of this one.
  const own = needsOf(
    forward,
    wanted.filter((one) => one.keyOptions === options),
    inputs,
  );
  if (!keyAllowsForwarding(options).allowed) {
    const changed = withLists(withPortForwarding(options), own, forward);
    return [{ code: "allow-in-key", params: { place, options: changed }, edits: setKeyOptions(inputs, key, changed) }];
  }
  const name = code === "key-permit-open" ? "permitopen" : "permitlisten";
  const entry = name === "permitopen" ? refusedEntry(reason) : permitEntry(forward.requested);
  if (entry === undefined || (name === "permitlisten" && isListedInKey(forward, options))) return [];
  const present = keyOptionValues(options, name);
  const keyword = name === "permitopen" ? "PermitOpen" : "PermitListen";
  const lacking = distinct([...(name === "permitopen" ? own.open : own.listen), entry]).filter((each) => !isListed(keyword, present, each));
  const edits = setKeyOptions(inputs, key, withOptionValues(options, name, lacking));
  return [{ code: "permit-in-key", params: { place, option: lacking.map((each) => `${name}="${each}"`).join(",") }, edits }];
}

/** No port can be opened, and nothing is reached, at port 1: the options know no `none`. */
const nothing = "localhost:1";

/** A key that allowed nothing allows what is wanted of it. */
function withLists(options: string, needs: AccountNeeds, { effective }: JudgedForward): string {
  const shut = (keyword: string, direction: string) =>
    effective[keyword]?.toLowerCase() === "none" || [direction, "no"].includes(effective.allowtcpforwarding?.toLowerCase() ?? "");
  const lists = [
    { name: "permitlisten", entries: needs.listen, needed: needs.remote, known: needs.known.listen, closed: shut("permitlisten", "local") },
    { name: "permitopen", entries: needs.open, needed: needs.local, known: needs.known.open, closed: shut("permitopen", "remote") },
  ];
  return lists.reduce((changed, { name, entries, needed, known, closed }) => {
    if (keyOptionValues(changed, name).length > 0 || closed || (needed && !known)) return changed;
    return withOptionValues(changed, name, entries.length > 0 ? entries : [nothing]);
  }, options);
}

function isListedInKey({ requested }: JudgedForward, options: string): boolean {
  const port = portOf(requested);
  return port !== undefined && permitsListening(keyOptionValues(options, "permitlisten"), wireAddress(requested), port);
}

/** For the target that a visitor was refused. */
function refusedEntry({ params: { host, port } }: Reason): string | undefined {
  return typeof host === "string" && port !== undefined ? openEntry({ host, port: String(port) }) : undefined;
}
