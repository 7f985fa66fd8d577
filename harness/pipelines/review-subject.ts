/** What is to be reviewed: a policy, or a server's config that no policy names. */
import { dirname, relative, resolve, sep } from "node:path";
import { UserError } from "../core/errors.ts";
import { accountsLike, namedGroups } from "../openssh/named-accounts.ts";
import { allowFor, type LoadedPolicy, loadPolicy, type Told, type Trust } from "../policy/load-policy.ts";
import { loadSshdConfig } from "../policy/load-sshd-config.ts";
import { readSide } from "./diff-side.ts";

export interface SubjectOptions extends Trust {
  /** An nft ruleset, a copy of /etc/ufw or /etc/firewalld, or one or two iptables-save dumps. Left out: no firewall. */
  firewall?: readonly string[];
  /** The server's interface, as its firewall names it. */
  interface?: string;
  /** The server's addresses with prefix length. */
  addresses?: readonly string[];
  /** Of a policy with several servers: the one to review. */
  server?: string;
  /** Accounts of the server: `name`, or `name=FILE` with its authorized_keys. Left out: those that the config names, root, and one that it does not. */
  accounts?: readonly string[];
}

const todoOf = {
  result: "name the policy that it came from",
  review: "name what it was made of; two reviews compare with `forwardlab diff`",
  fleet: "name the policy of one server",
  policies: "review each server by itself: name its policy",
};

/** Stands for every account that the config does not name. */
const anybody = "anybody";

/**
 * @param path a policy, an sshd_config, or a folder with one of them
 * @throws UserError for anything else, and for options that a policy already answers
 */
export async function loadSubject(path: string, options: SubjectOptions & Told): Promise<LoadedPolicy> {
  const side = await readSide({ name: path, path });
  const { firewall = [], addresses = [], accounts = [] } = options;
  if (side.kind === "policy") {
    const given = [
      firewall.length > 0 && "--firewall",
      addresses.length > 0 && "--address",
      accounts.length > 0 && "--account",
      options.interface !== undefined && "--interface",
    ];
    const [flag] = given.filter((each) => each !== false);
    if (flag === undefined) return loadPolicy(path, allowFor(options));
    throw new UserError("option", `${flag} means nothing with a policy`, {
      found: `${path} (a policy)`,
      todo: "say it in the policy, or name an sshd_config",
    });
  }
  if (options.server !== undefined)
    throw new UserError("option", "--server is for a policy", { found: path, todo: "leave it out: there is one server" });
  if (side.kind === "config" && side.replaces === "sshd_config")
    return loadPolicy("policy.yaml", { text: await draft(path, options), display: path, ...allowFor(options, foldersOf(path, options)) });
  throw new UserError("review-subject", `${path} cannot be reviewed`, {
    place: { file: path },
    found: side.kind === "config" ? "a firewall" : `a ${side.kind}`,
    expected: "a policy, an sshd_config, or a folder laid out like /etc/ssh",
    todo: side.kind === "config" ? "name the sshd_config, and the firewall with --firewall" : todoOf[side.kind],
  });
}

/** Of the files that the command line names. */
function foldersOf(path: string, { firewall = [], accounts = [] }: SubjectOptions): string[] {
  const keys = accounts.flatMap((account) => (account.includes("=") ? [account.slice(account.indexOf("=") + 1)] : []));
  return [path, ...[path, ...firewall, ...keys].map((each) => dirname(each))].map((each) => resolve(each));
}

/** A policy that says no more than the command line. JSON is YAML. */
async function draft(path: string, { firewall = [], interface: name, addresses = [], accounts = [] }: SubjectOptions): Promise<string> {
  const here = (file: string) => relative(process.cwd(), resolve(file)).split(sep).join("/") || ".";
  const config = await loadSshdConfig(path);
  const groups = namedGroups(config);
  const standing: Record<string, object> = {
    ...Object.fromEntries(accountsLike(config).map((account) => [account, {}])),
    ...Object.fromEntries(groups.map((group) => [`${group}-member`, { groups: [group] }])),
    root: {},
    [anybody]: {},
  };
  const stated = Object.fromEntries(
    accounts.map((text): [string, object] => {
      const [account = "", ...file] = text.split("=");
      return [account, file.length > 0 ? { authorized_keys: here(file.join("=")) } : {}];
    }),
  );
  const [first] = firewall.map(here);
  const rules = firewall.length > 1 ? firewall.map(here) : first;
  const network = {
    ...(name === undefined ? {} : { interface: name }),
    // A list of addresses says that there are no others.
    ...(addresses.length > 0 ? { address: addresses, ...(addresses.some((each) => each.includes(":")) ? {} : { ipv6: false }) } : {}),
  };
  return JSON.stringify({
    server: {
      sshd_config: here(path),
      ...(rules === undefined ? {} : { firewall: rules }),
      accounts: accounts.length > 0 ? stated : standing,
    },
    ...(Object.keys(network).length > 0 ? { network: { server: network } } : {}),
    forwards: {},
  });
}
