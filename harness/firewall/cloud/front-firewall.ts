/**
 * A cloud's firewall as a table of the server's kernel: it keeps state, and drops what no rule lets in or out. It sees packets before the
 * server's own filters on the way in, and after them on the way out, as what stands in front of the server's interfaces does.
 */
import { parseRange } from "../../core/address-range.ts";
import type { Place } from "../../core/errors.ts";
import { faultOf } from "../../core/fault.ts";
import { frontTable } from "../../core/reason.ts";
import { type Warning, warning } from "../../core/warning.ts";
import type { FrontFirewall, RulePosition } from "../firewall-files.ts";
import { isAwsGroups, readAwsGroups } from "./aws-groups.ts";
import { type CloudGroup, type CloudPeer, type CloudRule, cloudError, type PlacedJson } from "./cloud-rule.ts";
import { isTerraform, readTerraform, terraformWithoutGroups } from "./terraform-plan.ts";

/** A statement of nft's, and the user's line that it says the same as. */
interface Statement {
  text: string;
  place: Place;
}

/** Addresses of the lab's servers that are in a group, which may have several names; `sole`: the file has no other. */
export type MembersOf = (group: { names: readonly string[]; sole: boolean }) => readonly string[];

/**
 * @param chosen names of the groups that the server is in; left out: the file has one
 * @param membersOf other servers of the lab
 * @throws UserError `front-firewall` for a file of another kind, for groups that cannot be told, and for rules that the file leaves open
 */
export function frontFirewall(
  json: PlacedJson,
  file: { display: string; text: string },
  chosen: readonly string[] | undefined,
  membersOf: MembersOf = () => [],
): FrontFirewall {
  const all = groupsIn(json);
  const groups = chooseGroups(all, chosen, json);
  const warnings: Warning[] = [];
  const addressesOf = (name: string) => {
    const names = all.find((group) => group.names.includes(name))?.names ?? [name];
    return membersOf({ names, sole: all.length === 1 && all[0]?.names === names });
  };
  const statements = (direction: CloudRule["direction"]) =>
    groups.flatMap(({ rules }) =>
      rules.filter((rule) => rule.direction === direction).flatMap((rule) => statementsOf(rule, addressesOf, warnings)),
    );
  const place = groups[0]?.place ?? json.place([]);
  const chains = [
    chainOf("in", "prerouting priority -190", "iif", statements("in"), place),
    chainOf("out", "postrouting priority 290", "oif", statements("out"), place),
  ];
  return {
    file: { content: file.text, display: file.display },
    table: `table inet ${frontTable} {\n${chains.map(({ text }) => text).join("")}}\n`,
    rules: chains.flatMap(({ rules }) => rules),
    warnings,
  };
}

function groupsIn(json: PlacedJson): CloudGroup[] {
  if (isAwsGroups(json.value)) return readAwsGroups(json);
  if (isTerraform(json.value)) return readTerraform(json);
  throw cloudError("the file holds no cloud firewall that forwardlab knows", {
    place: json.place([]),
    expected: "the output of `aws ec2 describe-security-groups` or of `terraform show -json`",
    fault: faultOf("cloud-other-file", { list: Array.isArray(json.value) }),
    ...(Array.isArray(json.value)
      ? { found: "a list", todo: "leave out --query: rules need the groups that they are in" }
      : { found: "other JSON", todo: "save the whole output of one of these commands" }),
  });
}

function chooseGroups(groups: readonly CloudGroup[], chosen: readonly string[] | undefined, json: PlacedJson): CloudGroup[] {
  if (groups.length === 0) {
    const without = isTerraform(json.value)
      ? terraformWithoutGroups(json)
      : { found: "an empty list", todo: "check the region, and the --group-ids or --filters of the command" };
    throw cloudError("the file holds no security group of AWS", {
      place: json.place([]),
      expected: "the groups that the server is in, with their rules",
      ...without,
      fault: faultOf("cloud-no-groups", { found: without.found }),
    });
  }
  const all = groups.map(({ names }) => names.join(" or ")).join(", ");
  if (chosen === undefined) {
    if (groups.length === 1) return [...groups];
    throw cloudError(`the file holds ${groups.length} security groups, and the policy does not say which ones the server is in`, {
      fault: faultOf("cloud-groups-unnamed", { count: groups.length, groups: all }),
      expected: "the server's groups",
      place: json.place([]),
      found: all || "none",
      todo: "name them: `front_firewall: { file: …, groups: [sg-…] }`",
    });
  }
  return chosen.map((name) => {
    const [group, ...more] = groups.filter(({ names }) => names.includes(name));
    if (group && more.length === 0) return group;
    throw cloudError(`${group ? "more than one" : "no"} security group is called ${name}`, {
      place: json.place([]),
      fault: faultOf("cloud-group-name", { name, groups: all, several: group !== undefined }),
      found: all,
      expected: "a group of the file, by its id",
      todo: "correct `groups`, or save the output with all of the server's groups",
    });
  });
}

/** What belongs to a connection, loopback and what finds neighbours always pass. */
function chainOf(
  name: string,
  hook: string,
  loopback: string,
  given: readonly Statement[],
  place: Place,
): { text: string; rules: RulePosition[] } {
  const statements = [
    ...[`${loopback} lo accept`, "ct state established,related accept", "icmpv6 type { 133, 134, 135, 136, 137 } accept"].map((text) => ({
      text,
      place,
    })),
    ...given,
  ];
  const at = ({ file, line = 1, column = 1 }: Place) => ({ family: "inet", table: frontTable, chain: name, file, line, column });
  return {
    text: `  chain ${name} {\n    type filter hook ${hook}; policy drop;\n${statements.map(({ text }) => `    ${text}\n`).join("")}  }\n`,
    rules: [
      { kind: "policy", ...at(place), text: "policy drop" },
      ...statements.map(({ text, place: own }): RulePosition => ({ kind: "rule", ...at(own), text })),
    ],
  };
}

function statementsOf(rule: CloudRule, addressesOf: (group: string) => readonly string[], warnings: Warning[]): Statement[] {
  return rule.peers.flatMap((peer) => {
    if (peer.range !== undefined) return [{ text: statementOf(rule, peer), place: peer.place }];
    const members = peer.group === undefined ? [] : addressesOf(peer.group);
    if (members.length > 0) return members.map((range) => ({ text: statementOf(rule, { ...peer, range }), place: peer.place }));
    warnings.push(warning("group-without-members", { direction: rule.direction }, peer.place));
    return [];
  });
}

const protocols: Readonly<Record<string, string>> = { "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", icmp6: "icmpv6" };

function statementOf(rule: CloudRule, { range = "", place }: CloudPeer): string {
  const family = parseRange(range)?.family;
  if (family === undefined)
    throw cloudError(`${range} is not an address range`, {
      place,
      fault: faultOf("cloud-range", { range }),
      found: range,
      expected: "a range such as 203.0.113.0/24",
      todo: "correct the rule",
    });
  const end = rule.direction === "in" ? "saddr" : "daddr";
  const everywhere = /\/0+$/.test(range);
  const from = everywhere ? `meta nfproto ipv${family}` : `${family === 4 ? "ip" : "ip6"} ${end} ${range}`;
  return [from, matchOf(rule), "accept"].filter((part) => part !== "").join(" ");
}

function matchOf(rule: CloudRule): string {
  const { protocol, place } = rule;
  const name = protocols[protocol] ?? protocol.toLowerCase();
  if (name === "-1" || name === "all") return "";
  if (name === "tcp" || name === "udp") return portsOf(name, rule);
  if (name === "icmp" || name === "icmpv6") return messagesOf(name, rule);
  if (/^\d{1,3}$/.test(name) && Number(name) <= 255) return `meta l4proto ${name}`;
  throw cloudError(`unknown protocol ${protocol}`, {
    place,
    fault: faultOf("cloud-protocol", { protocol }),
    found: protocol,
    expected: "tcp, udp, icmp, icmpv6, -1 or a number",
    todo: "correct the rule",
  });
}

function portsOf(name: string, { from = -1, to = -1, place }: CloudRule): string {
  if (from === -1 || (from === 0 && to === 65535)) return `meta l4proto ${name}`;
  if (from < 0 || to < from || to > 65535)
    throw cloudError(`${from}-${to} is not a range of ports`, {
      place,
      fault: faultOf("cloud-ports", { ports: `${from}-${to}` }),
      found: `${from}-${to}`,
      expected: "0-65535",
      todo: "correct the rule",
    });
  return `${name} dport ${from === to ? from : `${from}-${to}`}`;
}

/** From and to are the type and the code. */
function messagesOf(name: string, { from = -1, to = -1 }: CloudRule): string {
  if (from === -1) return `meta l4proto ${name === "icmp" ? "icmp" : "ipv6-icmp"}`;
  return `${name} type ${from}${to === -1 ? "" : ` ${name} code ${to}`}`;
}
