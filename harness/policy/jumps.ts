/** Which servers of the policy the names on an ssh line mean: its destination, and the jump hosts on the way. */

import { parseAddress, withoutPrefix } from "../core/address.ts";
import { type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { isServer, type LabSpec, lansOf, leadsTo, mainServer } from "../core/lab-spec.ts";
import { didYouMean, suggestionText } from "../core/suggestion.ts";
import { type JumpHop, type JumpLine, parseJump, refusedJumpPort } from "../openssh/jump.ts";
import { portWords } from "../openssh/refused-port.ts";
import { type SshConfigLine, settingsForHost } from "../openssh/ssh-config.ts";
import { accountsOf, type Policy, type PolicyForward } from "./policy.ts";
import { serversOf } from "./servers.ts";
import type { YamlSource } from "./yaml-source.ts";

/** A server on the way, and the account that logs in there. */
export interface PolicyJump {
  server: string;
  account: string;
  /** Index among the account's usable logins. Left out: the first. */
  keyIndex?: number;
}

/** A forward of a policy with several servers. */
export interface AskedWay {
  /** With the server and the account that its line names. */
  forward: PolicyForward;
  /** The jump hosts on its way; left out: none. */
  through?: PolicyJump[];
}

export interface NamedServersOptions {
  policy: Policy;
  spec: LabSpec;
  /** Of the entry that is read: its name, what names a host for it, and where its line stands. */
  entry: string;
  config: readonly SshConfigLine[];
  source: YamlSource;
  place: Place;
}

export class NamedServers {
  readonly #options: NamedServersOptions;

  constructor(options: NamedServersOptions) {
    this.#options = options;
  }

  /**
   * The way that the ssh_config tells for a host, where it has a ProxyJump. What it says of the jump hosts themselves counts, too.
   * @throws UserError `ssh-config`
   */
  configuredJump(host: string | undefined): JumpLine | undefined {
    const value = host === undefined ? undefined : this.#configured(host, "proxyjump");
    if (host === undefined || value === undefined) return undefined;
    const hops = parseJump(value);
    if (typeof hops === "string")
      throw new UserError("ssh-config", `ssh refuses the config: ${hops}${portWords(refusedJumpPort(value))}`, {
        fault: faultOf("ssh-config-refused", { said: hops, form: "jump", ...refusedJumpPort(value) }),
        place: this.#options.place,
        found: `ProxyJump ${value}`,
        expected: "[user@]host[:port], separated by commas",
        todo: "correct the line: ssh itself does not start with it",
      });
    return hops.length === 0
      ? undefined
      : { destination: this.#configured(host, "hostname") ?? host, hops: hops.map((hop) => this.#completed(hop)) };
  }

  /**
   * The forward at the server that its line leads to, and the jump hosts on the way.
   * @param typed the account that the line names, and its destination if it has no jump hosts
   * @throws UserError `policy-value` for a name that means no server of the policy, for a jump host with several accounts of which none is named, and
   * where the forward's own keys say something else
   */
  wayOf(forward: PolicyForward, line: JumpLine | undefined, typed: { account?: string; destination?: string; port?: number }): AskedWay {
    const { account, destination, port } = typed;
    if (destination !== undefined) return { forward: this.#at(forward, this.#named(destination, port, "the destination"), account) };
    if (line) {
      const { server, through } = this.#resolve(line, port);
      return { forward: this.#at(forward, server, account), through };
    }
    const host = forward.ssh === undefined ? forward.host : undefined;
    const server = host === undefined ? undefined : this.#find(this.#configured(host, "hostname") ?? host, port);
    return { forward: this.#at(forward, server, undefined) };
  }

  #resolve(line: JumpLine, port: number | undefined): { server: string; through: PolicyJump[] } {
    const through = line.hops.map((hop) => {
      const server = this.#named(hop.hostName ?? hop.name, hop.port, "the jump host");
      return { server, account: this.#accountOf(server, hop) };
    });
    const server = this.#named(line.destination, port, "the destination");
    const stops = [...through.map((each) => each.server), server];
    const twice = stops.find((each, at) => stops.indexOf(each) !== at);
    if (twice === undefined) return { server, through };
    throw new UserError("policy-value", `ssh reaches ${twice} twice`, {
      place: this.#options.place,
      found: stops.join(" → "),
      expected: "each server once on the way",
      todo: "leave the jump host out, or name another destination",
      fault: faultOf("way-twice", { stop: twice }),
    });
  }

  /** A host of the lab, an entry of `server.names`, an address of a server, or one of a router in front of servers, which `port` may distinguish. */
  #find(name: string, port: number | undefined): string | undefined {
    const { policy, spec } = this.#options;
    const lower = name.toLowerCase();
    if (isServer(spec, lower)) return lower;
    const listed = Object.entries(policy.server.names ?? {}).find(([each]) => each.toLowerCase() === lower)?.[1];
    const addresses = listed === undefined ? [name] : [listed].flat();
    return addresses.flatMap((text) => ownerOf(policy, spec, { text, port }) ?? [])[0];
  }

  #named(name: string, port: number | undefined, what: string): string {
    const found = this.#find(name, port);
    if (found !== undefined) return found;
    const { policy, place } = this.#options;
    const known = [...serversOf(policy), ...Object.keys(policy.server.names ?? {})];
    const meant = didYouMean(name, known);
    throw new UserError("policy-value", `${what} ${name} is not a server of the policy`, {
      place,
      found: name,
      expected: `one of ${known.join(", ")}, or an address of one`,
      todo: suggestionText(meant) ?? "describe it under `servers:`, or give its name and address under `server.names`",
      fault: faultOf("no-such-stop", { name, jump: what === "the jump host", known, meant }),
    });
  }

  /** ssh takes the local user's name where none is given, and the lab knows none: then the server must have one account alone. */
  #accountOf(server: string, { name, account }: JumpHop): string {
    const accounts = Object.keys(accountsOf(this.#options.policy, server));
    if (account === undefined && accounts.length === 1) return accounts[0] as string;
    if (account !== undefined && accounts.includes(account)) return account;
    const meant = account === undefined ? undefined : didYouMean(account, accounts);
    const todo = account === undefined ? `write -J ${accounts[0]}@${name}` : suggestionText(meant);
    throw new UserError("policy-value", account === undefined ? `-J ${name} names no account` : `unknown account \`${account}\``, {
      place: this.#options.place,
      found: account === undefined ? name : `${account}@${name}`,
      expected: `an account of ${server}: ${accounts.join(", ")}`,
      todo,
      fault:
        account === undefined
          ? faultOf("hop-without-account", { hop: name, accounts })
          : faultOf("policy-name-unknown", { kind: "account", name: account, known: accounts, meant }),
    });
  }

  #at(forward: PolicyForward, server: string | undefined, account: string | undefined): PolicyForward {
    this.#agree("server", forward.server, server);
    this.#agree("as", forward.as, account);
    return {
      ...forward,
      ...(server === undefined || server === mainServer ? {} : { server }),
      ...(account === undefined ? {} : { as: account }),
    };
  }

  #agree(key: "server" | "as", stated: string | undefined, typed: string | undefined): void {
    if (stated === undefined || typed === undefined || stated === typed) return;
    const { entry, source } = this.#options;
    throw new UserError("policy-value", `forwards.${entry}.${key} contradicts the ssh line`, {
      place: source.place(["forwards", entry, key]),
      found: `${stated}, and ${typed} on the line`,
      expected: typed,
      todo: `remove \`${key}\``,
      fault: faultOf("line-contradicts", { forward: entry, key, stated, typed }),
    });
  }

  #configured(host: string, keyword: string): string | undefined {
    return settingsForHost(this.#options.config, { host }).lines.find((line) => line.keyword === keyword)?.args[0];
  }

  #completed(hop: JumpHop): JumpHop {
    const says = (keyword: string) => this.#configured(hop.name, keyword);
    const [hostName, account, port] = [says("hostname"), hop.account ?? says("user"), hop.port ?? says("port")];
    return {
      name: hop.name,
      ...(hostName === undefined ? {} : { hostName }),
      ...(account === undefined ? {} : { account }),
      ...(port === undefined ? {} : { port: Number(port) }),
    };
  }
}

const sshPort = 22;

function ownerOf(policy: Policy, spec: LabSpec, { text, port = sshPort }: { text: string; port: number | undefined }): string | undefined {
  const address = parseAddress(text)?.text;
  if (address === undefined) return undefined;
  const servers = serversOf(policy);
  const has = (server: string, one: string | undefined) =>
    (spec.hosts[server]?.interfaces ?? []).some(({ addresses }) => addresses.some((each) => withoutPrefix(each) === one));
  const routers = Object.values(spec.routers).filter(({ uplink }) => uplink?.address === address);
  const behind = (server: string) => lansOf(spec, server).some((lan) => routers.some((router) => lan in router.lans));
  const published = routers.flatMap((router) => leadsTo(router, port)?.address ?? []);
  return (
    servers.find((server) => has(server, address)) ??
    servers.find((server) => behind(server) && published.some((one) => has(server, one))) ??
    servers.find(behind)
  );
}
