/** `front_firewall` of a server: the file, and what it says. */
import { normalize } from "node:path";
import { type Place, UserError } from "../core/errors.ts";
import { faultOf } from "../core/fault.ts";
import type { LabSpec } from "../core/lab-spec.ts";
import { frontFirewall, type MembersOf } from "../firewall/cloud/front-firewall.ts";
import type { FirewallFiles, FrontFirewall } from "../firewall/firewall-files.ts";
import type { InputFiles, PolicyPath } from "./input-files.ts";
import type { Policy } from "./policy.ts";
import { policyFor, serversOf } from "./servers.ts";
import { parseYaml } from "./yaml-source.ts";

/** The path that it names. */
export function frontPath({ server: { front_firewall: given } }: Policy): string | undefined {
  return typeof given === "object" ? given.file : given;
}

/** @throws UserError `front-firewall` */
export async function readFront(
  { server: { front_firewall: given } }: Policy,
  path: PolicyPath | undefined,
  files: InputFiles,
  membersOf?: MembersOf,
): Promise<FrontFirewall | undefined> {
  if (!path) return undefined;
  const text = await files.text(path);
  const { display } = path;
  // JSON is YAML, which remembers lines; only JSON says where it is not JSON.
  const { source, errors } = parseYaml(checkedJson(text, { file: display }), display, true);
  const [error] = errors;
  if (error) throw notJson(error.message, error.place ?? { file: display });
  return frontFirewall(source, { display, text }, typeof given === "object" ? given.groups : undefined, membersOf);
}

/** The policy's other servers that are members of the security groups to which this server's rules refer. */
export function groupMembers(policy: Policy, spec: LabSpec, server: string): MembersOf {
  const own = frontPath(policyFor(policy, server));
  const others = serversOf(policy).filter((each) => each !== server);
  return ({ names, sole }) =>
    others.flatMap((host) => {
      const { front_firewall: given } = policyFor(policy, host).server;
      if (given === undefined) return [];
      const isMember =
        typeof given === "object"
          ? given.groups.some((group) => names.includes(group))
          : sole && own !== undefined && normalize(given) === normalize(own);
      const addresses = (spec.hosts[host]?.interfaces ?? []).flatMap((wire) => wire.addresses);
      return isMember ? addresses.map((each) => each.replace(/\/.*/, "")) : [];
    });
}

function checkedJson(text: string, place: Place): string {
  try {
    JSON.parse(text);
    return text;
  } catch (error) {
    throw notJson((error as Error).message, place, todoFor(text));
  }
}

/** Other output of Terraform and of its CI action. */
function todoFor(text: string): string | undefined {
  if (/^\s*\{\s*"@level"/.test(text))
    return "that is the log of `terraform plan -json`: run `terraform plan -out PLAN`, and use the output of `terraform show -json PLAN`";
  if (text.startsWith("PK")) return "that is a plan file in Terraform's binary format: use the output of `terraform show -json PLAN`";
  if (text.includes("\u0000")) return "save it as UTF-8: PowerShell's `>` writes UTF-16, `| Out-File -Encoding utf8 FILE` does not";
  // The wrapper of hashicorp/setup-terraform prints the command first, and more lines at the end.
  if (/^\[command\]/.test(text))
    return "remove the lines around the JSON; with `terraform_wrapper: false`, hashicorp/setup-terraform prints none";
  return undefined;
}

function notJson(found: string, place: Place, todo = "save the output of one of these commands unchanged"): UserError {
  return new UserError("front-firewall", `${place.file} is not JSON`, {
    fault: faultOf("cloud-not-json", { file: place.file }),
    place,
    found,
    expected: "the output of `aws ec2 describe-security-groups` or of `terraform show -json`",
    todo,
  });
}

/** Both on the server; without a firewall of its own, the one in front is all that there is. */
export function behindFront(firewall: FirewallFiles | undefined, front: FrontFirewall | undefined): FirewallFiles | undefined {
  if (!front) return firewall;
  const own: FirewallFiles = firewall ?? { kind: "iptables", files: {}, sequence: {}, warnings: [], rules: [], objects: [] };
  return { ...own, front, rules: [...own.rules, ...front.rules], warnings: [...own.warnings, ...front.warnings] };
}
