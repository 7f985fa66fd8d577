/** `init`: a policy that captures what a server grants today. Forwards of each kind are opened and probed; what was seen becomes what is expected. */
import { stat, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { UserError } from "../core/errors.ts";
import type { Result } from "../core/result.ts";
import { temporaryFolder } from "../files/temporary-folder.ts";
import { namedAccounts } from "../openssh/named-accounts.ts";
import { loadSshdConfig } from "../policy/load-sshd-config.ts";
import { type PolicyDraft, policyText } from "../report/policy-text.ts";
import type { OnEvent } from "../session/events.ts";
import { verifyPolicy } from "./verify.ts";

export interface InitOptions {
  /** An nft ruleset, a copy of /etc/ufw or /etc/firewalld, or one or two iptables-save dumps. Left out: no firewall. */
  firewall?: readonly string[];
  /** The server's interface, as its firewall names it. */
  interface?: string;
  /** The server's addresses with prefix length. */
  addresses?: readonly string[];
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
  const { folder, firewall = [] } = options;
  const config = await loadSshdConfig(path);
  for (const file of firewall) await requireFile(file);
  const accounts = namedAccounts(config);
  const forwards = draftForwards(accounts, options.forwards ?? []);
  const { interface: name, addresses = [] } = options;
  const network =
    name === undefined && addresses.length === 0 ? {} : { network: { ...(name === undefined ? {} : { interface: name }), addresses } };
  const placed = (from: string): PolicyDraft => {
    const here = (file: string) => relative(from, resolve(file)).split(sep).join("/") || ".";
    const [first] = firewall;
    const rules = firewall.length > 1 ? firewall.map(here) : first && here(first);
    return { sshdConfig: here(path), ...(rules ? { firewall: rules } : {}), ...network, accounts, forwards };
  };
  await using made = await temporaryFolder("init");
  const work = made.path;
  const draft = join(work, "policy.yaml");
  await writeFile(draft, policyText(placed(work)));
  const result = await verifyPolicy(draft, { remedies: false, onEvent: options.onEvent, signal: options.signal }).catch(
    (error: unknown) => {
      throw blamed(error, work);
    },
  );
  requireProof(result);
  return policyText(placed(folder), moved(result, work, folder));
}

/** What a policy would say under `network`, `init` is told on its command line. */
const flags: Record<string, string> = {
  "firewall-interface": "add `--interface NAME`, and the server's addresses with `--address ADDRESS/PREFIX`",
  "firewall-address": "add the server's addresses with `--address ADDRESS/PREFIX`",
  "sshd-start": "add the server's addresses with `--address ADDRESS/PREFIX`",
};

/** The error as one of `init`: its file as seen from here. */
function blamed(error: unknown, work: string): unknown {
  if (!(error instanceof UserError)) return error;
  const { code, message, place, found, expected, log, cause } = error;
  const flag = flags[code];
  const todo = flag === undefined ? error.todo : `${flag}; if it has several interfaces, write the policy by hand`;
  const here = place?.file === undefined ? place : { ...place, file: relative(process.cwd(), resolve(work, place.file)) };
  return new UserError(code, message, { place: here, found, expected, log, cause, todo });
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

async function requireFile(file: string): Promise<void> {
  const found = await stat(file).catch(() => undefined);
  if (found) return;
  throw new UserError("firewall-file", `cannot read the firewall ${file}`, {
    place: { file },
    found: "no such file",
    expected: "an nft ruleset, or a dump of iptables-save",
  });
}

function requireProof({ cells, reasons }: Result): void {
  const unproven = cells.filter(({ observed }) => observed === "inconclusive");
  const [first] = unproven;
  const broken = reasons.find(({ status }) => status === "inconclusive");
  if (!first && !broken) return;
  throw new UserError("init-unproven", `${unproven.length} of ${cells.length} cells could not be proven, so there is nothing to capture`, {
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
