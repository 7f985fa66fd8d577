/** The output of `aws ec2 describe-security-groups`. */
import { faultOf } from "../../core/fault.ts";
import { type CloudGroup, type CloudPeer, type CloudRule, cloudError, type PlacedJson } from "./cloud-rule.ts";

interface Permission {
  IpProtocol?: unknown;
  FromPort?: unknown;
  ToPort?: unknown;
  IpRanges?: readonly Record<string, unknown>[];
  Ipv6Ranges?: readonly Record<string, unknown>[];
  PrefixListIds?: readonly Record<string, unknown>[];
  UserIdGroupPairs?: readonly Record<string, unknown>[];
}

interface Group {
  GroupId?: unknown;
  GroupName?: unknown;
  IpPermissions?: readonly Permission[];
  IpPermissionsEgress?: readonly Permission[];
}

type KeyPath = readonly (string | number)[];

const known = ["IpProtocol", "FromPort", "ToPort", "IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs"];

export function isAwsGroups(value: unknown): boolean {
  return Array.isArray((value as { SecurityGroups?: unknown } | null)?.SecurityGroups);
}

/** @throws UserError `front-firewall` for a rule that cannot be told from the file */
export function readAwsGroups(json: PlacedJson): CloudGroup[] {
  const { SecurityGroups: groups } = json.value as { SecurityGroups: readonly Group[] };
  return groups.map((group, index) => {
    const path = ["SecurityGroups", index];
    const list = (key: "IpPermissions" | "IpPermissionsEgress", direction: CloudRule["direction"]) => {
      const permissions = group[key];
      if (!Array.isArray(permissions))
        throw cloudError(`the security group has no ${key}`, {
          place: json.place(path),
          fault: faultOf("cloud-group-incomplete", { key }),
          todo: "save the output without --query and --filters that leave out keys",
          expected: "the whole output of `aws ec2 describe-security-groups`",
        });
      return permissions.map((each: Permission, at) => ruleOf(each, [...path, key, at], direction, json));
    };
    return {
      names: [group.GroupId, group.GroupName].filter((name) => typeof name === "string"),
      rules: [...list("IpPermissions", "in"), ...list("IpPermissionsEgress", "out")],
      place: json.place(path),
    };
  });
}

function ruleOf(permission: Permission, path: KeyPath, direction: CloudRule["direction"], json: PlacedJson): CloudRule {
  const place = json.place(path);
  const unknown = Object.keys(permission).find((key) => !known.includes(key));
  if (unknown !== undefined)
    throw cloudError(`\`${unknown}\` of a security group's rule is not supported`, {
      place: json.place([...path, unknown]),
      fault: faultOf("cloud-key-unknown", { key: unknown, known }),
      expected: known.join(", "),
      todo: "if the rule lets nothing in by it, remove it from the copy; otherwise write the rule as an nft ruleset under `firewall`",
    });
  if (permission.PrefixListIds?.length)
    throw cloudError("what a prefix list contains is not in the file", {
      place: json.place([...path, "PrefixListIds", 0]),
      fault: faultOf("cloud-prefix-list", { list: String(permission.PrefixListIds[0]?.PrefixListId) }),
      found: String(permission.PrefixListIds[0]?.PrefixListId),
      expected: "address ranges",
      todo: "in the copy, put the ranges that `aws ec2 get-managed-prefix-list-entries` prints into IpRanges and Ipv6Ranges, and empty PrefixListIds",
    });
  const ranges = (key: "IpRanges" | "Ipv6Ranges", cidr: string): CloudPeer[] =>
    (permission[key] ?? []).map((each, index) => ({ range: String(each[cidr]), place: json.place([...path, key, index]) }));
  const pairs = (permission.UserIdGroupPairs ?? []).map((pair, index): CloudPeer => {
    const group = [pair.GroupId, pair.GroupName].find((name) => typeof name === "string");
    return { ...(typeof group === "string" ? { group } : {}), place: json.place([...path, "UserIdGroupPairs", index]) };
  });
  return {
    direction,
    protocol: String(permission.IpProtocol),
    ...(typeof permission.FromPort === "number" ? { from: permission.FromPort } : {}),
    ...(typeof permission.ToPort === "number" ? { to: permission.ToPort } : {}),
    peers: [...ranges("IpRanges", "CidrIp"), ...ranges("Ipv6Ranges", "CidrIpv6"), ...pairs],
    place,
  };
}
