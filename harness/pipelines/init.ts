/** `init`: a policy that captures what a server grants today. Forwards of each kind are opened and probed; what was seen becomes what is expected. */
import { dirname, relative, resolve, sep } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Cause } from "../core/reason.ts";
import type { Result } from "../core/result.ts";
import type { Warning } from "../core/warning.ts";
import type { Trust } from "../policy/load-policy.ts";
import { type ServerCopy, serverCopy } from "../policy/server-copy.ts";
import { type PolicyDraft, policyText } from "../report/policy-text.ts";
import { sentenceFor } from "../report/sentences.ts";
import type { OnEvent } from "../session/events.ts";
import { failureOf } from "../session/failure.ts";
import { type DraftAccounts, draftAccounts } from "./draft-accounts.ts";
import { draftForwards } from "./draft-forwards.ts";
import { listedListeners } from "./listed-listeners.ts";
import { accountsOfOptions, asOptionError, networkOf, policyOfOptions, type ServerOptions } from "./server-options.ts";
import { verifyLoaded } from "./verify.ts";

export interface InitOptions extends ServerOptions, Pick<Trust, "allowOutside"> {
  /** Arguments of ssh for each forward, instead of one of each kind. */
  forwards?: readonly string[];
  /** Where the policy is to stand: its paths are relative to this folder. */
  folder: string;
  onEvent?: OnEvent;
  signal?: AbortSignal;
}

export interface DraftedPolicy {
  text: string;
  warnings: Warning[];
  /** Forwards of which not everything could be proven, with the first reason. */
  leftOut: { forward: string; because: Cause }[];
}

/**
 * @param path an sshd_config, a folder laid out like /etc/ssh, or a copy of /etc or of the root folder
 * @throws UserError for input that cannot be used, and `init-unproven` when nothing could be proven
 */
export async function initPolicy(path: string, options: InitOptions): Promise<DraftedPolicy> {
  const { folder, firewall = [], interface: name, addresses = [], onEvent, signal } = options;
  const copy = (await serverCopy(path)) ?? { ssh: path, files: {} };
  const { accounts, assumed, warnings } = await accountsFor(copy, options);
  // No list depends on the firewall.
  const bare = await policyOfOptions(copy.ssh, { ...options, firewall: [] }, { accounts, files: copy.files });
  const listed = listedListeners(bare);
  const forwards = draftForwards(Object.keys(accounts), options.forwards ?? [], listed);
  const asked = Object.fromEntries(forwards.map(({ name: forward, ssh, as }) => [forward, { ssh, as, refused_by_server: true }]));
  const result = await verifyLoaded(await policyOfOptions(copy.ssh, options, { accounts, forwards: asked, files: copy.files }), {
    remedies: false,
    onEvent,
    signal,
  }).catch((error: unknown) => {
    throw asOptionError(failureOf(error));
  });
  const left = leftOut(result);
  const placed = (file: string) => relative(folder, resolve(file)).split(sep).join("/") || ".";
  const network = name === undefined && addresses.length === 0 ? {} : { network: networkOf(name, addresses) };
  const draft: PolicyDraft = {
    sshdConfig: placed(copy.ssh),
    firewall: firewall.map(placed),
    files: Object.fromEntries(Object.entries(copy.files).map(([at, file]) => [at, placed(file)])),
    ...network,
    accounts: Object.entries(accounts).map(([account, { groups, authorized_keys: file }]) => ({
      name: account,
      groups,
      assumed: assumed.includes(account),
      authorizedKeys: file === undefined ? undefined : placed(file),
    })),
    forwards: forwards.map((forward) => {
      const because = left.get(forward.name);
      return because === undefined ? forward : { ...forward, leftOut: sentenceFor(because) };
    }),
  };
  return {
    text: policyText(draft, moved(result, process.cwd(), folder)),
    warnings,
    leftOut: [...left].map(([forward, because]) => ({ forward, because })),
  };
}

async function accountsFor(copy: ServerCopy, options: InitOptions): Promise<DraftAccounts> {
  const { accounts: named = [], firewall, allowOutside } = options;
  if (named.length > 0) return { accounts: accountsOfOptions(named), assumed: [], warnings: [] };
  return draftAccounts(copy, { firewall, interface: options.interface, addresses: options.addresses, allowOutside });
}

/** What else could be proven is a policy all the same. */
function leftOut(result: Result): Map<string, Cause> {
  const { cells, reasons, forwards } = result;
  const unproven = cells.filter(({ observed }) => observed === "inconclusive");
  const broken = reasons.find(({ status }) => status === "inconclusive");
  const left = new Map(
    forwards.flatMap(({ name, granted, decidedBy, next }): [string, Cause][] => {
      const cell = unproven.find(({ forward }) => forward === name);
      if (!cell && granted !== null) return [];
      return [[name, cell?.unproven ?? decidedBy ?? next ?? { code: "probe-missing", params: {} }]];
    }),
  );
  if (!broken && left.size < forwards.length) return left;
  const [first] = unproven;
  throw new UserError("init-unproven", `${unproven.length} of ${cells.length} cells could not be proven, so there is nothing to capture`, {
    fault: faultOf("init-unproven", {
      unproven: unproven.length,
      cells: cells.length,
      ...(first ? { cell: { forward: first.forward, vantage: first.vantage, target: first.target } } : {}),
      because: first ? first.unproven : broken,
    }),
    found: first ? `${first.forward} from ${first.vantage} at ${first.target}: ${first.unproven?.text ?? "inconclusive"}` : broken?.text,
    expected: "at least one forward with every cell proven",
    todo: "run it again; if it stays so, write the policy by hand and leave these cells out",
  });
}

/** Places in files, as seen from another folder. */
function moved(result: Result, from: string, to: string): Result {
  const rebase = <T extends { file?: string } | null>(by: T): T =>
    by?.file === undefined ? by : { ...by, file: relative(to, resolve(from, by.file)).split(sep).join("/") };
  return {
    ...result,
    forwards: result.forwards.map((each) => ({ ...each, decidedBy: rebase(each.decidedBy) })),
    cells: result.cells.map((each) => ({ ...each, decidedBy: rebase(each.decidedBy) })),
  };
}

export function folderOf(file: string): string {
  return file === "-" ? process.cwd() : dirname(resolve(file));
}
