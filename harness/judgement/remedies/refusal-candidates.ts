/** A forward that the server grants and must refuse: shut for it, and for nothing that the policy wants. */
import { listensOnServer, serverOf } from "../../core/forward-outcome.ts";
import { type ForwardArguments, parseSshArguments } from "../../openssh/forward-arguments.ts";
import { permitsListening, permitsOpening } from "../../openssh/permit-list.ts";
import { portOf as portOfService } from "../../openssh/services.ts";
import { spell } from "../../openssh/sshd-keywords.ts";
import { statedTargets } from "../../policy/policy.ts";
import type { JudgedResult } from "../judge.ts";
import type { Candidate, RemedyInputs } from "./candidate.ts";
import { settingCandidate } from "./listener-candidates.ts";
import { openEntry, permitEntry, portOf, wireAddress } from "./permit-entries.ts";
import { setForAccount, setForAccountFirst, setSetting } from "./sshd-edits.ts";
import type { JudgedForward } from "./violations.ts";

export function refusalCandidates(forward: JudgedForward, result: JudgedResult, inputs: RemedyInputs): Candidate[] {
  const others = result.forwards.filter((one) => one.name !== forward.name && one.expected !== "refused");
  return [
    ...shorterList(forward, inputs),
    ...settingsFor(forward, others, inputs).flatMap((setting) => forAccount(forward, setting, inputs)),
  ];
}

/** The list that names it, without the entries that do. */
function shorterList(forward: JudgedForward, inputs: RemedyInputs): Candidate[] {
  const { rule = "", file, line } = forward.decidedBy ?? {};
  const [keyword = "", ...entries] = rule.split(/\s+/);
  if (file === undefined || line === undefined || !/^permit(listen|open)$/i.test(keyword)) return [];
  const kept = entries.filter((entry) => !names(entry, keyword, forward));
  if (kept.length === entries.length) return [];
  const value = kept.length > 0 ? kept.join(" ") : "none";
  return [settingCandidate(`${spell(keyword)} ${value}`, setSetting(inputs, spell(keyword), value, { file, line }))];
}

function names(entry: string, keyword: string, forward: JudgedForward): boolean {
  if (/^permitlisten$/i.test(keyword)) return permitsListening([entry], wireAddress(forward.requested), portOf(forward.requested) ?? 0);
  const target = requestOf(forward)?.request.target;
  return target !== undefined && permitsOpening([entry], target);
}

/** What the account may do besides, as the narrowest setting that leaves it. */
function settingsFor(forward: JudgedForward, others: readonly JudgedForward[], inputs: RemedyInputs): string[] {
  const own = others.filter((one) => one.account === forward.account && serverOf(where(one)) === serverOf(where(forward)));
  if (!listensOnServer(forward.kind ?? "remote")) {
    const keep = [...own.flatMap((one) => targetsOf(one, inputs)), ...others.flatMap((one) => hopsBehind(one, forward))];
    return [listed("PermitOpen", keep)];
  }
  const remote = own.filter(({ kind }) => listensOnServer(kind ?? "remote"));
  if (portOf(forward.requested) === undefined) {
    const local = own.some((one) => !remote.includes(one) && requestOf(one)?.request.targetPath !== undefined);
    return [`AllowStreamLocalForwarding ${local ? "local" : "no"}`];
  }
  return [
    listed(
      "PermitListen",
      remote.flatMap(({ requested }) => permitEntry(requested) ?? []),
    ),
  ];
}

function listed(keyword: string, entries: readonly string[]): string {
  return `${keyword} ${entries.length > 0 ? [...new Set(entries)].join(" ") : "none"}`;
}

function where({ server }: JudgedForward): { server?: string } {
  return server === undefined ? {} : { server };
}

/** What sshd opens for visitors of a -L or -D. */
function targetsOf(forward: JudgedForward, { policy }: RemedyInputs): string[] {
  if (listensOnServer(forward.kind ?? "remote")) return [];
  if (forward.kind === "local") return [requestOf(forward)?.request.target].flatMap((target) => (target ? [openEntry(target)] : []));
  const stated = policy.forwards[forward.name];
  return stated ? statedTargets(stated).flatMap(({ is, ...target }) => (is === "blocked" ? [] : [openEntry(target)])) : [];
}

/** The next host of a way that leads through this server as the account: its sshd is asked for that name. */
function hopsBehind(one: JudgedForward, forward: JudgedForward): string[] {
  const way = requestOf(one)?.jump;
  return (one.jump ?? []).flatMap((server, at) => {
    const [hop, next] = [way?.hops[at], way?.hops[at + 1]];
    const isSame = server === serverOf(where(forward)) && (hop?.account ?? forward.account) === forward.account;
    if (!way || !isSame) return [];
    return [
      openEntry({ host: next?.name ?? way.destination, port: (next ? next.port : requestOf(one)?.serverPort) ?? portOfService("ssh") }),
    ];
  });
}

/** As its line asks for it; undefined where the policy names a host of an ssh_config or a unit instead. */
function requestOf({ ssh, requested, kind }: JudgedForward): ForwardArguments | undefined {
  try {
    const { forwards } = parseSshArguments(ssh, undefined, { jumps: true, destination: true });
    return forwards.find((one) => one.requested === requested && one.request.kind === kind);
  } catch {
    return undefined;
  }
}

function forAccount({ account }: JudgedForward, setting: string, inputs: RemedyInputs): Candidate[] {
  const params = { setting, account };
  const first = setForAccountFirst(inputs, account, setting);
  return [
    { code: "set-for-account", params, edits: setForAccount(inputs, account, setting) },
    // If two blocks set it, the first one wins.
    ...(first.length > 0 ? [{ code: "set-for-account-first", params, edits: first }] : []),
  ];
}
