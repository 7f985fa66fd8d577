/** `init`: a policy that captures what a server grants today. Forwards of each kind are opened and probed; what was seen becomes what is expected. */
import { dirname, relative, resolve, sep } from "node:path";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { Result } from "../core/result.ts";
import { membersLike } from "../openssh/named-accounts.ts";
import type { Trust } from "../policy/load-policy.ts";
import { loadSshdConfig, serverTree } from "../policy/load-sshd-config.ts";
import { type PolicyDraft, policyText } from "../report/policy-text.ts";
import type { OnEvent } from "../session/events.ts";
import { failureOf } from "../session/failure.ts";
import {
  accountsOfFiles,
  accountsOfOptions,
  accountsOfStandIns,
  asOptionError,
  networkOf,
  policyOfOptions,
  type ServerOptions,
  withLoginGroups,
} from "./server-options.ts";
import { verifyLoaded } from "./verify.ts";

export interface InitOptions extends ServerOptions, Pick<Trust, "allowOutside"> {
  /** Arguments of ssh for each forward, instead of one of each kind. */
  forwards?: readonly string[];
  /** Where the policy is to stand: its paths are relative to this folder. */
  folder: string;
  onEvent?: OnEvent;
  signal?: AbortSignal;
}

/**
 * @param path an sshd_config, or a folder laid out like /etc/ssh
 * @throws UserError for input that cannot be used, and `init-unproven` when some cell could not be proven
 */
export async function initPolicy(path: string, options: InitOptions): Promise<string> {
  const { folder, firewall = [], interface: name, addresses = [], onEvent, signal } = options;
  const config = await loadSshdConfig(path);
  const named = options.accounts?.length ? undefined : withLoginGroups(config, await accountsOfFiles(config, await serverTree(path, path)));
  const accounts = named ? { ...named.accounts, ...accountsOfStandIns(membersLike(config)) } : accountsOfOptions(options.accounts ?? []);
  const forwards = draftForwards(Object.keys(accounts), options.forwards ?? []);
  const asked = Object.fromEntries(forwards.map(({ name: forward, ssh, as }) => [forward, { ssh, as, refused_by_server: true }]));
  const result = await verifyLoaded(await policyOfOptions(path, options, { accounts, forwards: asked }), {
    remedies: false,
    onEvent,
    signal,
  }).catch((error: unknown) => {
    throw asOptionError(failureOf(error));
  });
  requireProof(result);
  const placed = (file: string) => relative(folder, resolve(file)).split(sep).join("/") || ".";
  const network = name === undefined && addresses.length === 0 ? {} : { network: networkOf(name, addresses) };
  const draft: PolicyDraft = {
    sshdConfig: placed(path),
    firewall: firewall.map(placed),
    ...network,
    accounts: Object.entries(accounts).map(([account, { groups, authorized_keys: file }]) => ({
      name: account,
      groups,
      assumed: named?.assumed.includes(account) === true,
      authorizedKeys: file === undefined ? undefined : placed(file),
    })),
    forwards,
  };
  return policyText(draft, moved(result, process.cwd(), folder));
}

const kinds = [
  { name: "remote-everywhere", what: "Asks the server to listen on every address.", ssh: (port: number) => `-R :${port}:localhost:3389` },
  { name: "remote", what: "Names no bind address.", ssh: (port: number) => `-R ${port}:localhost:3389` },
  { name: "remote-socks", what: "A SOCKS proxy on the server that leads into home's network.", ssh: (port: number) => `-R :${port}` },
  { name: "local", what: "From home to a service on the server.", ssh: (port: number) => `-L ${port}:localhost:80` },
  { name: "dynamic", what: "A SOCKS proxy on home that leads into the server's network.", ssh: (port: number) => `-D ${port}` },
];

/** Each has a port of its own, so that all can be open at a time. */
function draftForwards(accounts: readonly string[], asked: readonly string[]): PolicyDraft["forwards"] {
  const one = asked.map((ssh, at) => ({ name: `forward-${at + 1}`, what: "As asked for.", ssh: () => ssh }));
  return (accounts.length > 0 ? accounts : [undefined]).flatMap((as, index) =>
    (one.length > 0 ? one : kinds).map(({ name, what, ssh }, at) => ({
      name: as === undefined ? name : `${as}-${name}`,
      ssh: ssh(43_234 + index * kinds.length + at),
      ...(as === undefined ? {} : { as }),
      what,
    })),
  );
}

function requireProof({ cells, reasons }: Result): void {
  const unproven = cells.filter(({ observed }) => observed === "inconclusive");
  const [first] = unproven;
  const broken = reasons.find(({ status }) => status === "inconclusive");
  if (!first && !broken) return;
  throw new UserError("init-unproven", `${unproven.length} of ${cells.length} cells could not be proven, so there is nothing to capture`, {
    fault: faultOf("init-unproven", {
      unproven: unproven.length,
      cells: cells.length,
      ...(first ? { cell: { forward: first.forward, vantage: first.vantage, target: first.target } } : {}),
      because: first ? first.unproven : broken,
    }),
    found: first ? `${first.forward} from ${first.vantage} at ${first.target}: ${first.unproven?.text ?? "inconclusive"}` : broken?.text,
    expected: "a proof for each cell",
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
