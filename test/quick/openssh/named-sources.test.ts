/** Client addresses, accounts and groups that sshd's config and key lines name. */
import { describe, expect, test } from "vitest";
import { prefixesOf } from "../../../harness/core/address-range.ts";
import { accountsLike, groupToLogIn, membersLike, namedAccounts } from "../../../harness/openssh/named-accounts.ts";
import { namedSources } from "../../../harness/openssh/named-sources.ts";
import { sshdConfigFromText } from "../../../harness/openssh/sshd-config.ts";
import { statedLogins } from "../../../harness/openssh/stated-logins.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFPhFckWagB0Amn7A0xkwDFhBKHQwYn7EpIcS2CAdxTt";

/** Each group as prefixes, and what is inexact with its place. */
async function named(config: string, keys = "") {
  const { logins } = statedLogins({ authorizedKeys: [{ text: keys, display: "keys" }] });
  const { groups, inexact } = namedSources(await sshdConfigFromText(config), logins);
  return { groups: groups.map(prefixesOf), inexact: inexact.map(({ text, file, line }) => `${text} ${file}:${line}`) };
}

describe("client addresses", () => {
  test.each([
    ["an address and a network", "Match Address 192.0.2.7,10.0.0.0/8", [["192.0.2.7"], ["10.0.0.0/8"]]],
    ["a negated one decides for itself", "Match Address 10.0.0.0/8,!10.1.0.0/16", [["10.0.0.0/8"], ["10.1.0.0/16"]]],
    ["IPv6", "Match address 2001:db8::/32", [["2001:db8::/32"]]],
    ["with `=`, and beside other criteria", "Match User alice Address=10.2.0.0/16 Group staff", [["10.2.0.0/16"]]],
    ["Match Host, which sshd compares with an address, too", "Match Host 192.0.2.7", [["192.0.2.7"]]],
    ["a pattern that is a network", "Match Address 10.1.*", [["10.1.0.0/16"]]],
    ["a pattern of several stars", "Match Address 10.*.*.*", [["10.0.0.0/8"]]],
    [
      "the host part of AllowUsers and DenyUsers",
      "AllowUsers alice@10.0.0.0/8 bob\nDenyUsers root@192.0.2.*",
      [["10.0.0.0/8"], ["192.0.2.0/24"]],
    ],
    ["a user and host with IPv6", "AllowUsers alice@2001:db8:1::/48", [["2001:db8:1::/48"]]],
    ["a negated user", "AllowUsers !alice@10.0.0.1 *@10.0.0.0/24", [["10.0.0.1"], ["10.0.0.0/24"]]],
    ["all, which tells nobody apart", "AllowUsers alice@*\nMatch Address *,!10.0.0.0/8", [["10.0.0.0/8"]]],
    ["not addresses of the server", "Match LocalAddress 10.0.0.1 LocalPort 22", []],
    ["no lists at all", "AllowUsers alice\nMatch User bob\n", []],
  ])("%s", async (_, config, groups) => {
    expect(await named(`${config}\n  GatewayPorts yes\n`)).toEqual({ groups, inexact: [] });
  });

  test.each([
    ["a host's name", "Match Host *.example.com,gw", ["*.example.com sshd_config:1", "gw sshd_config:1"]],
    ["a pattern inside of a number", "Match Address 10.1*", ["10.1* sshd_config:1"]],
    ["a star in the middle", "Match Address 10.*.1.2", ["10.*.1.2 sshd_config:1"]],
    ["no byte", "Match Address 10.300.*", ["10.300.* sshd_config:1"]],
    ["IPv6 with a star", "Match Address 2001:db8:*", ["2001:db8:* sshd_config:1"]],
    ["a host's name behind a user", "\nAllowUsers alice@gw.example.com", ["gw.example.com sshd_config:2"]],
  ])("%s is not told by addresses", async (_, config, inexact) => {
    expect(await named(`${config}\n`)).toEqual({ groups: [], inexact });
  });

  test("lists of key lines, each with its place", async () => {
    const keys = `${key}\nrestrict,from="10.0.0.0/8,!10.1.2.3,*.example.com" ${key}\n`;
    expect(await named("", keys)).toEqual({ groups: [["10.0.0.0/8"], ["10.1.2.3"]], inexact: ["*.example.com keys:2"] });
  });
});

describe("accounts and groups", () => {
  const config = sshdConfigFromText(`AllowUsers alice dev-* *@10.0.0.0/8 !mallory bob@192.0.2.7
DenyGroups nologin
AllowGroups staff ops-*
Match User carol,dev-? Group admins
  GatewayPorts yes
Match group=!guests user=alice
  GatewayPorts no
`);

  test("an account for each pattern, none for everybody", async () => {
    expect(accountsLike(await config)).toEqual([{ name: "dev-x", match: "User dev-*" }]);
    expect(namedAccounts(await config)).toEqual(["alice", "mallory", "bob", "carol"]);
  });

  test("a member of each group and of each pattern for groups, each once", async () => {
    const members = membersLike(await config);
    expect(members.map(({ name }) => name)).toEqual(["nologin-member", "staff-member", "admins-member", "guests-member", "ops-x-member"]);
    expect(members.at(-1)).toEqual({ name: "ops-x-member", groups: ["ops-x"], match: "Group ops-*" });
  });

  test("of a config that names nobody", async () => {
    const plain = await sshdConfigFromText("GatewayPorts yes\nMatch Address 10.0.0.0/8\n  GatewayPorts no\n");
    expect([accountsLike(plain), membersLike(plain), groupToLogIn(plain, "alice")]).toEqual([[], [], undefined]);
  });
});

test.each([
  ["AllowGroups sftp ssh-users\nMatch Group sftp\n  AllowTcpForwarding no\n", "ssh-users", "no block is for that one alone"],
  ["AllowGroups root ssh-users\n", "ssh-users", "root's group last"],
  ["AllowGroups root\nAllowGroups !ops-guests ops-*\n", "ops-x", "a pattern"],
  ["AllowGroups sftp\nMatch Group sftp\n  AllowTcpForwarding no\n", "sftp", "there is no other"],
  ["AllowGroups staff alice\n", undefined, "the group of its own name"],
  ["AllowGroups *\n", undefined, "any group"],
  ["DenyGroups staff\nMatch Address 10.0.0.0/8\n  AllowGroups staff\n", undefined, "no general list"],
])("%j: alice is let in by the group %s (%s)", async (config, group, _because) => {
  expect(groupToLogIn(await sshdConfigFromText(config), "alice")?.group).toBe(group);
});
