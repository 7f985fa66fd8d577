/** From a policy to its running lab: the user's files are read, then engine, images, hosts, sshd, firewall and services start. */
import { isDeepStrictEqual } from "node:util";
import { type ForwardListening, otherLoopback } from "../core/cells.ts";
import { UserError } from "../core/errors.ts";
import { listensOnServer, serverOf } from "../core/forward-outcome.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import { anyLinkLocal } from "../core/link-local.ts";
import { suiteOf } from "../engine/index.ts";
import type { LoadedPolicy } from "../policy/load-policy.ts";
import { labSpecOf } from "../policy/network.ts";
import { accountOf, accountsOf, defaultFrom, type Policy, type PolicyForward, reachEntries } from "../policy/policy.ts";
import type { RunInputs } from "../policy/run-inputs.ts";
import { policyFor, serversOf } from "../policy/servers.ts";
import { makeRuntimeFolder } from "../ssh/runtime-folder.ts";
import type { ServerAccount } from "../ssh/server.ts";
import type { OnEvent } from "./events.ts";
import { ForwardLab, type ForwardLabOptions } from "./forward-lab.ts";
import { serverHost } from "./login-route.ts";
import { makeSocketFolders, ownSocket } from "./socket-owner.ts";
import type { ServerOptions } from "./start-parts.ts";

export interface PolicyLabOptions {
  /** Instead of the policy's own. */
  openssh?: string;
  /** Pull images that the policy names and the engine lacks. */
  pull?: boolean;
  /** Hosts that run ssh, besides those of the policy's forwards. */
  clients?: readonly string[];
  /** The ssh2 library logs in, too. */
  ssh2?: boolean;
  /** Makes it a lab to keep. */
  name?: string;
  onEvent?: OnEvent;
  /** Ends the start; what was started is removed before the promise rejects. */
  signal?: AbortSignal;
}

export async function startPolicyLab(loaded: LoadedPolicy, spec: LabSpec, options: PolicyLabOptions): Promise<ForwardLab> {
  const servers = Object.keys(loaded.servers).map((name) => [name, serverInputs(loaded, name, options.openssh)] as const);
  await using stack = new AsyncDisposableStack();
  const lab = stack.use(
    await ForwardLab.start({
      ...labInputs(loaded, options.openssh),
      ...(servers.length > 0 ? { servers: Object.fromEntries(servers) } : {}),
      spec,
      clients: options.clients,
      ...(options.ssh2 ? { ssh2: true } : {}),
      ...(options.pull === undefined ? {} : { pull: options.pull }),
      name: options.name,
      onEvent: options.onEvent,
      signal: options.signal,
    }),
  );
  await startGivenServices(lab, loaded);
  stack.move();
  return lab;
}

/** The servers of a running lab, which have the files of one policy after the other; the network stays. */
export class ConfiguredServers {
  readonly #lab: ForwardLab;
  #current: LoadedPolicy | undefined;

  /** @param current the policy for which the lab was started */
  constructor(lab: ForwardLab, current: LoadedPolicy) {
    this.#lab = lab;
    this.#current = current;
  }

  /** The policy whose files they have; undefined where nobody knows. */
  get current(): LoadedPolicy | undefined {
    return this.#current;
  }

  /** Gives them the config, keys and firewall of a policy. Where that is what one of them has, its sshd goes on, or its rules stay. */
  async configure(loaded: LoadedPolicy): Promise<void> {
    const before = this.#current;
    if (loaded === before) return;
    // Of a change that fails, nobody knows how much has come to pass.
    this.#current = undefined;
    for (const { host } of this.#lab.servers.all) await configureServer(this.#lab, host, loaded, before);
    this.#current = loaded;
  }
}

async function configureServer(lab: ForwardLab, host: string, loaded: LoadedPolicy, before: LoadedPolicy | undefined): Promise<void> {
  const { sshdConfig, accounts, firewall } = serverInputs(loaded, host, undefined);
  const known = before && serverInputs(before, host, undefined);
  const sshd = known && isDeepStrictEqual([sshdConfig, accounts], [known.sshdConfig, known.accounts]) ? {} : { sshdConfig, accounts };
  // Rules may name accounts, and rules with state are to know of nothing that came before.
  const named = (all: typeof accounts) => all.map(({ name, uid, groups }) => ({ name, uid, groups }));
  const sameRules =
    known &&
    !lab.servers.at(host).rules.stateful &&
    isDeepStrictEqual([firewall, named(accounts)], [known.firewall, named(known.accounts)]);
  await lab.configure({ ...sshd, ...(sameRules ? {} : { firewall: firewall ?? null }) }, host);
}

/** Do two specs differ in nothing but the ports that forwards need? Those are reserved as they are opened. */
export function sameNetwork(one: LabSpec, other: LabSpec): boolean {
  const bare = ({ hosts, ...rest }: LabSpec) =>
    JSON.stringify({ ...rest, hosts: Object.entries(hosts).map(([name, host]) => [name, { ...host, reservedPorts: [] }]) });
  return bare(one) === bare(other);
}

/** Do two policies differ in nothing but what `ConfiguredServers` can change in a running lab, and in their forwards? */
export function sameLab(one: LoadedPolicy, other: LoadedPolicy): boolean {
  const fixed = (loaded: LoadedPolicy) =>
    JSON.stringify([
      loaded.policy.home,
      loaded.policy.network,
      loaded.inputs.homeFirewall,
      ...serversOf(loaded.policy).map((host) => [host, fixedOf(loaded, host)]),
    ]);
  return fixed(one) === fixed(other);
}

function fixedOf(loaded: LoadedPolicy, host: string): unknown[] {
  const { sshd_config: _, firewall: __, accounts, ...server } = policyFor(loaded.policy, host).server;
  const { ipsets, sshdOptions, users } = inputsOf(loaded, host);
  const keyless = Object.entries(accounts ?? {}).map(([name, { authorized_keys: ___, ...account }]) => [name, account]);
  return [server, keyless, ipsets, sshdOptions, users];
}

/** What the files of a server say. */
function inputsOf({ inputs, servers }: LoadedPolicy, host: string): RunInputs {
  return servers[host] ?? inputs;
}

/** Are the forwards of two policies the same except for their expectations, and are they probed in the same ways? */
export function sameForwards(one: LoadedPolicy, other: LoadedPolicy): boolean {
  const asked = ({ policy, arguments: given, together, keyIndex, through }: LoadedPolicy) => {
    const forwards = Object.entries(policy.forwards).map(([name, forward]) => {
      const { reachable_from: _, refused_by_server: __, ...rest } = forward;
      return [name, rest, askedWays(policy, name)];
    });
    return JSON.stringify([forwards, given, together, keyIndex, through]);
  };
  return asked(one) === asked(other);
}

/** The lab of a policy, in which the ports of the named forwards are reserved. */
export function policySpec(loaded: LoadedPolicy, forwards: readonly string[]): LabSpec {
  return labSpecOf(loaded.policy, { place: (keys) => loaded.place(keys), listening: requestedListeners(loaded, forwards) });
}

/** Where each forward listens if the server does as asked; a port that the server chooses (0) is known only later. */
export function requestedListeners(loaded: LoadedPolicy, names: readonly string[]): ForwardListening[] {
  return names.flatMap((name) => {
    const ssh = loaded.arguments[name];
    if (!ssh) return [];
    const remote = listensOnServer(ssh.request.kind);
    const host = remote ? serverOf(loaded.policy.forwards[name] ?? {}) : (loaded.policy.forwards[name]?.from ?? defaultFrom);
    const path = ssh.request.listenPath;
    const loopback = otherLoopback(ssh.request.bind);
    if (path === undefined)
      return [
        { forward: name, host, port: ssh.listenPort, ...askedWays(loaded.policy, name), ...(loopback === undefined ? {} : { loopback }) },
      ];
    return [{ forward: name, host, port: 0, socket: { path, accounts: openers(loaded, name, remote) } }];
  });
}

/** Ways to a port that are probed because `reachable_from` names them: accounts of the server, link-local addresses. */
function askedWays(policy: Policy, name: string): Pick<ForwardListening, "accounts" | "linkLocal"> {
  const entries = reachEntries(policy.forwards[name] as PolicyForward);
  const accounts = [...new Set(entries.flatMap(({ as }) => as ?? []))];
  return {
    ...(accounts.length > 0 ? { accounts } : {}),
    ...(entries.some(({ address }) => address === anyLinkLocal) ? { linkLocal: "everywhere" } : {}),
  };
}

/** An account that has nothing to do with any forward. */
const stranger = "nobody";

/** Who tries to open a Unix socket on its host: the account that listens, then every other that the policy knows there, then a stranger. */
function openers({ policy }: LoadedPolicy, name: string, remote: boolean): string[] {
  const forward = policy.forwards[name];
  const owner = remote ? forward && accountOf(policy, forward) : clientAccount;
  const asked = forward ? reachEntries(forward).flatMap(({ as }) => as ?? []) : [];
  return [
    ...new Set([
      ...(owner === undefined ? [] : [owner]),
      ...(remote ? Object.keys(accountsOf(policy, forward?.server)) : []),
      ...asked,
      stranger,
    ]),
  ];
}

/** The account that runs ssh on the lab's hosts. */
const clientAccount = "root";

function labInputs(loaded: LoadedPolicy, opensshInstead: string | undefined): Omit<ForwardLabOptions, "spec"> {
  const { homeFirewall } = loaded.inputs;
  return {
    ...serverInputs(loaded, serverHost, opensshInstead),
    ...(homeFirewall ? { clientFirewalls: { [defaultFrom]: homeFirewall } } : {}),
  };
}

function serverInputs(loaded: LoadedPolicy, host: string, opensshInstead: string | undefined): ServerOptions {
  const inputs = inputsOf(loaded, host);
  const { sshdConfig, sshdOptions, firewall, users } = inputs;
  const { cgroups } = policyFor(loaded.policy, host).server;
  const accounts = inputs.accounts.map(({ keyFiles, principalFiles, ...account }): ServerAccount => {
    return {
      ...account,
      ...(keyFiles.length > 0 ? { authorizedKeys: keyFiles } : {}),
      ...(principalFiles.length > 0 ? { authorizedPrincipals: principalFiles } : {}),
    };
  });
  return {
    sshdConfig,
    sshdOptions,
    accounts,
    ...(users ? { users } : {}),
    ...(firewall ? { firewall } : {}),
    ...(cgroups ? { cgroups } : {}),
    ...serverChoice(policyFor(loaded.policy, host), opensshInstead),
  };
}

function serverChoice(policy: LoadedPolicy["policy"], opensshInstead: string | undefined): Pick<ForwardLabOptions, "server"> {
  const { image, openssh } = policy.server;
  if (opensshInstead !== undefined) return { server: { suite: suiteOf(opensshInstead) } };
  if (image !== undefined) return { server: { image } };
  return openssh === undefined ? {} : { server: { suite: suiteOf(openssh) } };
}

async function startGivenServices(lab: ForwardLab, { policy, place }: LoadedPolicy): Promise<void> {
  const given = [
    ...serversOf(policy).flatMap((host) =>
      Object.entries(policyFor(policy, host).server.services ?? {}).map(([at, service]) => ({
        host,
        at,
        service,
        path: [...(host === serverHost ? [host] : ["servers", host]), "services", at],
      })),
    ),
    ...Object.entries(policy.home?.services ?? {}).map(([at, service]) => ({
      host: defaultFrom,
      at,
      service,
      path: ["home", "services", at],
    })),
  ];
  for (const { host, at, service, path } of given) {
    const as = typeof service === "string" ? runtimeOwner(policy, host, at) : service.as;
    await startGivenService(lab, host, at, as).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      throw new UserError(error.code, error.message, { place: place(path), found: at, todo: error.todo, fault: error.fault, cause: error });
    });
  }
}

/** Who owns a socket below /run/user/UID: the account of that number. */
function runtimeOwner(policy: LoadedPolicy["policy"], host: string, path: string): string | undefined {
  const uid = /^\/run\/user\/(\d+)\//.exec(path)?.[1];
  const accounts = serversOf(policy).includes(host) ? policyFor(policy, host).server.accounts : {};
  return Object.entries(accounts ?? {}).find(([, account]) => uid !== undefined && account.uid === Number(uid))?.[0];
}

/** At a port, `address:port`, or the path of a socket that may belong to an account. */
async function startGivenService(lab: ForwardLab, name: string, at: string, as: string | undefined): Promise<void> {
  if (at.startsWith("/")) {
    const host = lab.lab.host(name);
    if (as !== undefined && (await makeRuntimeFolder(host, as, at)) === undefined) await makeSocketFolders(host, as, at);
    await lab.socketService(name, at);
    if (as !== undefined) await ownSocket(host, as, at);
    return;
  }
  const colon = at.lastIndexOf(":");
  await lab.service(name, Number(at.slice(colon + 1)), colon < 0 ? undefined : at.slice(0, colon).replace(/^\[|\]$/g, ""));
}
