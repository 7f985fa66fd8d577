import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { loadPolicy } from "../../../harness/policy/load-policy.ts";
import { PolicyErrors } from "../../../harness/policy/policy-errors.ts";
import { readSshdOptions } from "../../../harness/policy/sshd-options.ts";

const key = (options: string, comment: string) => `${options}ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGZvcndhcmRsYWI ${comment}\n`;

async function load(policy: string, files: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), "policy-inputs-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, content] of Object.entries({ "ssh/sshd_config": "GatewayPorts yes\n", ...files, "policy.yaml": policy })) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return loadPolicy(folder);
}

/** `line message` of each fault. */
async function faults(policy: string, files: Record<string, string> = {}): Promise<string[]> {
  const error = await load(policy, files).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error === undefined) return [];
  expect(error).toBeInstanceOf(PolicyErrors);
  return (error as PolicyErrors).errors.map(({ place, message }) => `${place?.line} ${message}`);
}

const rdp = "forwards:\n  rdp: { ssh: '-R :43234:localhost:3389' }\n";
const withForward = (entry: string) => `server: { sshd_config: ssh }\nforwards:\n  rdp: { ${entry} }\n`;

test("every file is read once and listed, includes and keys among them", async () => {
  const { inputs } = await load(`server: { sshd_config: ssh, firewall: [fw.nft], files: { /opt/site: site } }\n${rdp}`, {
    "ssh/sshd_config": "Include /opt/site/*.conf\nAuthorizedKeysFile /etc/ssh/keys/%u\n",
    "ssh/keys/tunnel": key("restrict,port-forwarding ", "t@site"),
    "site/10.conf": "GatewayPorts yes\n",
    "fw.nft": 'include "fw.d/a.nft"\n',
    "fw.d/a.nft": "table inet filter { chain input { type filter hook input priority 0; policy accept; } }\n",
  });
  expect(inputs.files.map(({ display }) => display).sort()).toEqual(
    ["fw.d/a.nft", "fw.nft", "policy.yaml", "site/10.conf", "ssh/keys/tunnel", "ssh/sshd_config"].sort(),
  );
  expect(inputs.accounts[0]?.keyFiles.map(({ display }) => display)).toEqual(["ssh/keys/tunnel"]);
});

test("an account's keys come from the file that AuthorizedKeysFile names for it, the policy's own file before", async () => {
  const { inputs } = await load(
    `server:\n  sshd_config: ssh\n  accounts: { alice: { groups: [staff] }, bob: {}, carol: { authorized_keys: carol.keys }, dave: { uid: 1500 } }\nforwards:\n  rdp: { as: alice, ssh: '-R :1:localhost:1' }\n`,
    {
      "ssh/sshd_config":
        "AuthorizedKeysFile /etc/ssh/keys/%u /etc/ssh/more/%u\nMatch Group staff\nAuthorizedKeysFile /etc/ssh/staff\nMatch User dave\nAuthorizedKeysFile /etc/ssh/by-uid/%U\n",
      "ssh/keys/alice": key("", "never"),
      "ssh/staff": key("", "s"),
      "ssh/keys/carol": key("", "never"),
      "carol.keys": key("", "c"),
      "ssh/by-uid/1500": key("", "d"),
    },
  );
  // The first value counts, in a Match block or not.
  expect(inputs.accounts.map(({ name, keyFiles }) => [name, keyFiles.map(({ display }) => display)])).toEqual([
    ["alice", ["ssh/keys/alice"]],
    ["bob", []],
    ["carol", ["carol.keys"]],
    ["dave", []],
  ]);
  expect(inputs.warnings.filter((text) => text.startsWith("bob"))).toEqual([
    expect.stringContaining("no key at /etc/ssh/keys/bob, /etc/ssh/more/bob"),
  ]);
});

test("a value in a Match block that comes first counts for the logins it is for", async () => {
  const { inputs } = await load(
    "server:\n  sshd_config: ssh\n  accounts: { alice: { groups: [staff] }, bob: {} }\nforwards:\n  rdp: { as: alice, ssh: '-R :1:localhost:1' }\n",
    {
      "ssh/sshd_config": "Match Group staff\nAuthorizedKeysFile /etc/ssh/staff\nMatch all\nAuthorizedKeysFile /etc/ssh/all\n",
      "ssh/staff": key("", "s"),
      "ssh/all": key("", "a"),
    },
  );
  expect(inputs.accounts.map(({ keyFiles }) => keyFiles.map(({ display }) => display))).toEqual([["ssh/staff"], ["ssh/all"]]);
});

test("`key` counts usable keys, of whatever line they are on", async () => {
  const keys = `# two keys\n${key('permitlisten="x:y:z" ', "bad@site")}${key("", "a@site")}\n${key("restrict ", "b@site")}`;
  const policy = (which: string) =>
    `server: { sshd_config: ssh, accounts: { alice: { authorized_keys: alice.keys } } }\nforwards:\n  rdp: { key: ${which}, ssh: '-R :1:localhost:1' }\n`;
  expect((await load(policy("3"), { "alice.keys": keys })).keyIndex).toEqual({ rdp: 0 });
  expect((await load(policy("b@site"), { "alice.keys": keys })).keyIndex).toEqual({ rdp: 1 });
  for (const which of ["1", "2", "4", "bad@site", "site"])
    expect(await faults(policy(which), { "alice.keys": keys })).toEqual(["3 forwards.rdp.key names no key"]);
});

test("several forwards in one line, and those of an ssh_config's host, are forwards of their own", async () => {
  const policy =
    "server: { sshd_config: ssh }\nhome: { ssh_config: ssh_config }\nforwards:\n  two: { ssh: '-N -R 8080:localhost:80 -L 9000:localhost:90' }\n  alias: { host: site }\n";
  const config = "Include more\nHost si*\n  HostName server.example\n  GatewayPorts yes\n";
  const loaded = await load(policy, { ssh_config: config, more: 'Host site\n  RemoteForward "*:8081" localhost:81 # all\n' });
  expect(
    Object.entries(loaded.arguments).map(([name, { requested, request, gatewayPorts }]) => [name, request.kind, requested, gatewayPorts]),
  ).toEqual([
    ["two-1", "remote", "8080", false],
    ["two-2", "local", "9000", false],
    ["alias", "remote", "*:8081", true],
  ]);
  expect(loaded.policy.forwards["two-2"]?.ssh).toBe("-N -L 9000:localhost:90");
  expect(loaded.policy.forwards.alias?.ssh).toBe("-N -o 'remoteforward *:8081 localhost:81' -o 'gatewayports yes'");
  expect(loaded.together).toEqual([["two-1", "two-2"]]);
  expect(loaded.place(["forwards", "two-2", "ssh"])).toMatchObject({ line: 4, column: 15 });
  expect(loaded.inputs.files.map(({ display }) => display)).toContain("more");
});

test.each([
  ["no request", "reachable_from: [campus]", ["3 forwards.rdp has no `ssh`"]],
  ["both requests", "ssh: '-R 1:localhost:1', host: x", ["3 forwards.rdp has both `ssh` and `host`"]],
  ["a host without a config", "host: x", ["3 forwards.rdp names a host of an ssh_config that is not given"]],
  [
    "a login refused and probed",
    "ssh: '-R 1:localhost:1', login: refused, reachable_from: [campus]",
    ["3 forwards.rdp cannot be probed: its login must be refused"],
  ],
  [
    "a login refused and granted",
    "ssh: '-R 1:localhost:1', login: refused, refused_by_server: false",
    ["3 forwards.rdp must be granted without a login"],
  ],
  ["an unknown account", "ssh: '-R 1:localhost:1', reachable_from: [{ vantage: server, as: bob }]", ["3 unknown account `bob`"]],
  [
    "an account elsewhere",
    "ssh: '-R 1:localhost:1', reachable_from: [{ vantage: campus, as: tunnel }]",
    ["3 forwards.rdp: only accounts of the server can be told apart"],
  ],
  ["targets of a forward with one", "ssh: '-R 1:localhost:1', targets: ['a:1']", ["3 forwards.rdp has a target of its own"]],
  [
    "an address that nobody has",
    "ssh: '-R 1:localhost:1', reachable_from: [{ vantage: campus, address: 192.0.2.99 }]",
    ["3 forwards.rdp: campus can name no such address of server"],
  ],
  ["a target without a port", "ssh: '-D 1080', targets: [db]", ["3 forwards.rdp.targets[0] has a wrong value"]],
])("misuse: %s", async (_, entry, expected) => {
  expect(await faults(withForward(entry))).toEqual(expected);
});

test("a family that one end does not speak cannot be reachable", async () => {
  const network = "network: { server: { address: [198.51.100.5/24], ipv6: false } }\n";
  expect(await faults(`${network}${withForward("ssh: '-R 1:localhost:1', reachable_from: [{ vantage: campus, family: 6 }]")}`)).toEqual([
    "4 forwards.rdp: no address of server of IPv6 is routed to campus, so nothing there can be reachable",
  ]);
});

test.each([
  ["an option that sets nothing", 'sshd_options: ["-f", "/etc/x"]', ["1 server.sshd_options holds a word that sets nothing"]],
  ["a port with an owner", "services: { 80: { as: root } }", ["1 server.services.80 has no file that an account could own"]],
  ["an unknown owner", "services: { /run/a.sock: { as: bob } }", ["1 unknown account `bob`"]],
  ["files below no root", "files: { opt/x: y }", ["1 server.files.opt/x: `opt/x` cannot be a name here"]],
  ["files that are not there", "files: { /opt/x: y }", ["1 y does not exist"]],
  [
    "a setting of something else",
    "sysctl: { kernel.hostname: x }",
    ["1 server.sysctl.kernel.hostname: `kernel.hostname` cannot be a name here"],
  ],
  ["a name without address", "names: { db.internal: nowhere }", ["1 server.names.db.internal has a wrong value"]],
  ["a keyword with a value", "ignore_unknown: ['UseBlacklist yes']", ["1 server.ignore_unknown[0] has a wrong value"]],
  ["ports without NAT", "ports: { 2222: 22 }", ["1 `ports` says what a router in front of the server does, and there is none"]],
  ["NAT without a public address", "behind: nat", ["1 a server behind NAT needs the public address of its router"]],
  ["sets without rules", "ipsets: ssh/sshd_config", ["1 server.ipsets belongs to a firewall, and there is none"]],
  ["control groups, for now", "cgroups: [/system.slice]", ["1 a firewall with control groups is not verified yet"]],
])("misuse of a server's key: %s", async (_, entry, expected) => {
  expect(await faults(`server: { sshd_config: ssh, ${entry} }\n${rdp}`)).toEqual(expected);
});

test("a Match block that no login of the policy falls under is told; `Match Host` is told for what it is", async () => {
  const config = [
    "Match Group tunnels",
    "Match User tunnel",
    "Match User tunnel Address 203.0.113.0/24",
    "Match Address 10.8.0.0/24",
    "Match Host db.internal",
  ].map((line) => `${line}\n  GatewayPorts yes\n`);
  const { inputs } = await load(`server: { sshd_config: ssh }\n${rdp}`, { "ssh/sshd_config": config.join("") });
  expect(inputs.warnings).toEqual([
    "ssh/sshd_config:1: no forward of the policy logs in as `Match Group tunnels` says: what this block grants is not tested",
    "ssh/sshd_config:7: no forward of the policy logs in as `Match Address 10.8.0.0/24` says: what this block grants is not tested",
    "ssh/sshd_config:9: it is not known whether `Match Host db.internal` holds: without `UseDNS yes` sshd compares the client's address, not its name",
  ]);
  const named = await load(`server: { sshd_config: ssh, names: { db.internal: 203.0.113.7 } }\n${rdp}`, {
    "ssh/sshd_config": "UseDNS yes\nMatch Host db.internal\n  GatewayPorts yes\n",
  });
  expect(named.inputs.warnings).toEqual([]);
});

test.each([
  [["AllowTcpForwarding=yes"], ["AllowTcpForwarding=yes"]],
  [
    ["-o", "AllowTcpForwarding=yes", "-oGatewayPorts=no"],
    ["AllowTcpForwarding=yes", "GatewayPorts=no"],
  ],
  [["PermitListen 8080 localhost:81"], ["PermitListen=8080 localhost:81"]],
  [
    ["-p", "2222", "-p23"],
    ["Port=2222", "Port=23"],
  ],
])("sshd's words %j set %j", (words, settings) => {
  expect(readSshdOptions(words)).toEqual({ settings });
});

test.each([
  [["-f", "x"], 0],
  [["GatewayPorts=yes", "-D"], 1],
  [["-o"], 0],
  [["-o", "-o"], 0],
  [["="], 0],
])("sshd's words %j set nothing", (words, fault) => {
  expect(readSshdOptions(words as string[])).toMatchObject({ fault });
});
