/** What is to be reviewed: a policy, or a server's config that no policy names. */
import { UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import { allowFor, type LoadedPolicy, loadPolicy, type Told, type Trust } from "../policy/load-policy.ts";
import { serverCopy } from "../policy/server-copy.ts";
import { readSide } from "./diff-side.ts";
import { bareServer } from "./review-accounts.ts";
import { accountsOfOptions, policyOfOptions, type ServerOptions } from "./server-options.ts";

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
 * @param path a policy, an sshd_config, a folder with one of them, or a copy of /etc or of the root folder
 * @throws UserError for anything else, and for options that a policy already answers
 */
export async function loadSubject(path: string, options: SubjectOptions & Told): Promise<LoadedPolicy> {
  const copy = await serverCopy(path);
  const side = copy ? undefined : await readSide({ name: path, path }).catch(notASubject);
  const { firewall = [], addresses = [], accounts = [] } = options;
  if (side?.kind === "policy") {
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
  const bare = copy ?? { ssh: path, files: {} };
  if (side === undefined || (side.kind === "config" && side.replaces === "sshd_config"))
    return accounts.length > 0
      ? policyOfOptions(bare.ssh, options, { accounts: accountsOfOptions(accounts), files: bare.files })
      : bareServer(bare, options);
  throw new UserError("review-subject", `${path} cannot be reviewed`, {
    place: { file: path },
    fault: faultOf("review-subject", { path, kind: side.kind }),
    found: side.kind === "config" ? "a firewall" : `a ${side.kind}`,
    expected,
    todo: side.kind === "config" ? "name the sshd_config, and the firewall with --firewall" : todoOf[side.kind],
  });
}

const expected = "a policy, an sshd_config, a folder laid out like /etc/ssh, or a copy of /etc or of the server's root folder";

/** What a comparison takes is not what a review takes. */
function notASubject(error: unknown): never {
  if (!(error instanceof UserError && error.code === "diff-side")) throw error;
  const { found, message, fault, place } = error;
  const path = place?.file ?? "";
  throw new UserError("review-subject", `${path} cannot be reviewed`, {
    place: { file: path },
    fault: faultOf("review-subject", { path, ...(fault.code === "side-none" ? { found: fault.params.found } : {}) }),
    found: found ?? message,
    expected,
    todo: "check the path; of an archive, unpack it and name its etc",
  });
}
