/** What is to be reviewed: a policy, or a server's config that no policy names. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { anybody } from "../core/anybody.ts";
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { accountsLike, membersLike, type StandIn } from "../openssh/named-accounts.ts";
import { allowFor, type LoadedPolicy, loadPolicy, type Told, type Trust } from "../policy/load-policy.ts";
import { loadSshdConfig } from "../policy/load-sshd-config.ts";
import { readSide } from "./diff-side.ts";
import {
  accountsOfFiles,
  accountsOfOptions,
  accountsOfStandIns,
  policyOfOptions,
  type ServerOptions,
  withLoginGroups,
} from "./server-options.ts";

/** Without `accounts`: those that the server's files name, root, and one that they do not. */
export interface SubjectOptions extends Trust, ServerOptions {
  /** Of a policy with several servers: the one to review. */
  server?: string;
}

const todoOf = {
  result: "name the policy that it came from",
  review: "name what it was made of; two reviews compare with `forwardlab diff`",
  fleet: "name the policy of one server",
  policies: "review each server by itself: name its policy",
};

/**
 * @param path a policy, an sshd_config, or a folder with one of them
 * @throws UserError for anything else, and for options that a policy already answers
 */
export async function loadSubject(path: string, options: SubjectOptions & Told): Promise<LoadedPolicy> {
  const side = await readSide({ name: path, path }).catch(async (error: unknown) => {
    throw error instanceof UserError && error.code === "diff-side" ? await notASubject(error, path) : error;
  });
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
      fault: faultOf("option-with-policy", { option: flag, path }),
      found: `${path} (a policy)`,
      todo: "say it in the policy, or name an sshd_config",
    });
  }
  if (options.server !== undefined)
    throw new UserError("option", "--server is for a policy", {
      fault: faultOf("option-of-policy", { option: "--server" }),
      found: path,
      todo: "leave it out: there is one server",
    });
  if (side.kind === "config" && side.replaces === "sshd_config")
    return accounts.length > 0 ? policyOfOptions(path, options, accountsOfOptions(accounts)) : withStandIns(path, options);
  throw new UserError("review-subject", `${path} cannot be reviewed`, {
    place: { file: path },
    fault: faultOf("review-subject", { path, kind: side.kind }),
    found: side.kind === "config" ? "a firewall" : `a ${side.kind}`,
    expected,
    todo: side.kind === "config" ? "name the sshd_config, and the firewall with --firewall" : todoOf[side.kind],
  });
}

const expected = "a policy, an sshd_config, or a folder laid out like /etc/ssh";

/** What a comparison takes is not what a review takes. */
async function notASubject({ found, message, fault }: UserError, path: string): Promise<UserError> {
  const below = ["ssh", "etc/ssh"].map((name) => join(path, name));
  const there = await Promise.all(below.map((folder) => stat(join(folder, "sshd_config")).catch(() => undefined)));
  const [folder] = below.filter((_, at) => there[at]);
  const todo = folder === undefined ? "check the path; of an archive, unpack it and name its etc/ssh" : `name ${folder}`;
  return new UserError("review-subject", `${path} cannot be reviewed`, {
    place: { file: path },
    fault: faultOf("review-subject", { path, folder, ...(fault?.code === "side-none" ? { found: fault.params.found } : {}) }),
    found: found ?? message,
    expected,
    todo,
  });
}

/** Whoever the server's files name is an account; whoever they mean without a name has a stand-in. */
async function withStandIns(path: string, options: SubjectOptions & Told): Promise<LoadedPolicy> {
  const config = await loadSshdConfig(path);
  const { accounts, warnings } = withLoginGroups(config, await accountsOfFiles(path, config));
  const likes = [...accountsLike(config), ...membersLike(config)];
  const all = { ...accounts, ...accountsOfStandIns(likes), root: {}, [anybody]: {}, ...accounts };
  const loaded = await policyOfOptions(path, options, all);
  const standIns: StandIn[] = [...likes, { name: anybody }];
  const matches = Object.fromEntries(standIns.flatMap(({ name, match = null }) => (name in accounts ? [] : [[name, match]])));
  // Of an account that nobody has, no key is missing.
  const told = loaded.inputs.warnings.filter(({ code, params }) => code !== "keys-missing" || !(params.account in matches));
  return { ...loaded, standIns: matches, inputs: { ...loaded.inputs, warnings: [...warnings, ...told] } };
}
