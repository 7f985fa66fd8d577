/** A forward that the server refuses and should grant, or the other way round. */
import { listensOnServer } from "../../core/forward-outcome.ts";
import type { Reason } from "../../core/reason.ts";
import { keyAllowsForwarding, keyOptionValues } from "../../openssh/authorized-keys.ts";
import { lexConfigLine } from "../../openssh/config-lexer.ts";
import { permitsListening } from "../../openssh/permit-list.ts";
import { spell } from "../../openssh/sshd-keywords.ts";
import type { JudgedResult } from "../judge.ts";
import { bindOf } from "../listeners.ts";
import type { Candidate, RemedyInputs } from "./candidate.ts";
import { setKeyOptions, withOptionValue, withPortForwarding } from "./key-edits.ts";
import { settingCandidate } from "./listener-candidates.ts";
import { extendList, setForAccount, setForAccountFirst, setSetting } from "./sshd-edits.ts";
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
  const entry = keyword === "PermitOpen" ? openEntry(reason) : permitEntry(forward.requested);
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
  const entry = name === "permitopen" ? openEntry(reason) : permitEntry(forward.requested);
  if (entry === undefined || (name === "permitlisten" && isListed(forward, options))) return [];
  const edits = setKeyOptions(inputs, key, withOptionValue(options, name, entry));
  return [{ code: "permit-in-key", params: { place, option: `${name}="${entry}"` }, edits }];
}

/** A forward that the server must not grant: the account may listen only for its forwards that are to be granted. */
export function refusalCandidates(forward: JudgedForward, result: JudgedResult, inputs: RemedyInputs): Candidate[] {
  const { account } = forward;
  const remote = listensOnServer(forward.kind ?? "remote");
  const others = result.forwards.filter((one) => one.account === account && one.name !== forward.name && one.expected !== "refused");
  const keyword = remote ? "PermitListen" : "PermitOpen";
  const keep = remote
    ? others.filter(({ kind }) => listensOnServer(kind ?? "remote")).flatMap(({ requested }) => permitEntry(requested) ?? [])
    : [];
  const setting = `${keyword} ${keep.length > 0 ? [...new Set(keep)].join(" ") : "none"}`;
  const params = { setting, account };
  const first = setForAccountFirst(inputs, account, setting);
  return [
    { code: "set-for-account", params, edits: setForAccount(inputs, account, setting) },
    // If two blocks set it, the first one wins.
    ...(first.length > 0 ? [{ code: "set-for-account-first", params, edits: first }] : []),
  ];
}

function isListed({ requested }: JudgedForward, options: string): boolean {
  const port = portOf(requested);
  return port !== undefined && permitsListening(keyOptionValues(options, "permitlisten"), wireAddress(requested), port);
}

/** What `PermitOpen` must list for the target that a visitor was refused. */
function openEntry({ params: { host, port } }: Reason): string | undefined {
  if (typeof host !== "string" || port === undefined) return undefined;
  return `${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
}

/** What `PermitListen` must list for this listener, and no more than that. */
function permitEntry(requested: string | null): string | undefined {
  const port = portOf(requested);
  if (port === undefined || port === 0) return undefined;
  const address = wireAddress(requested);
  if (address === "") return String(port);
  return `${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/** As ssh asks for it: no bind address is `localhost`, `*` is the empty address. */
function wireAddress(requested: string | null): string {
  const bind = bindOf(requested ?? "");
  if (bind === undefined) return "localhost";
  return bind === "*" ? "" : bind;
}

function portOf(requested: string | null): number | undefined {
  const port = /(?:^|:)(\d+)$/.exec(requested ?? "")?.[1];
  return port === undefined ? undefined : Number(port);
}
